using System.Globalization;
using System.Text.Json.Nodes;
using Quoin.StripeSimulator.Internal;

namespace Quoin.StripeSimulator.Resources;

/// <summary>What stands on invoices, line by line.</summary>
internal sealed class InvoiceLines(World world)
{
    /// <summary>A subscription's item for a whole period; nothing while it is on trial.</summary>
    public JsonObject ForPeriod(JsonObject subscription, JsonObject item, long start, long end, bool isTrial)
    {
        var price = item.Child("price")!;
        var quantity = item.LongOrNull("quantity");
        var amount = isTrial || quantity is null ? 0 : Catalogue.AmountOf(price, quantity.Value);
        var name = world.Catalogue.NameOf(price);
        var description = isTrial ? $"Trial period for {name}"
            : $"{quantity ?? 0} × {name} (at {Money(price.Long("unit_amount"), price.Text("currency")!)} / "
                + $"{price.Child("recurring")?.Text("interval") ?? "once"})";
        return Line(amount, price, quantity, description, start, end, subscription.Id(), item.Id(), isProration: false);
    }

    /// <summary>What is given back, or charged, of an item for the rest of its period.</summary>
    public JsonObject ForRest(JsonObject subscription, JsonObject item, long at, bool isCredit)
    {
        var (start, end) = (item.Long("current_period_start"), item.Long("current_period_end"));
        var price = item.Child("price")!;
        var whole = Catalogue.AmountOf(price, item.LongOrNull("quantity") ?? 0);
        var part = end <= start ? 0m : (decimal)(end - at) / (end - start);
        var amount = (long)decimal.Round(whole * part, MidpointRounding.AwayFromZero);
        var day = DateTimeOffset.FromUnixTimeSeconds(at).ToString("d MMM yyyy", CultureInfo.InvariantCulture);
        var description = $"{(isCredit ? "Unused" : "Remaining")} time on {world.Catalogue.NameOf(price)} after {day}";
        return Line(
            isCredit ? -amount : amount, price, item.LongOrNull("quantity"), description, at, end, subscription.Id(),
                item.Id(), isProration: true);
    }

    /// <summary>A line that hangs on no subscription.</summary>
    public JsonObject Alone(long amount, JsonObject? price, long quantity, string? description, string currency)
    {
        var now = world.Now();
        return price is not null
            ? Line(amount, price, quantity, description ?? world.Catalogue.NameOf(price), now, now, null, null, isProration: false)
            : Line(amount, new JsonObject { ["currency"] = currency }, quantity, description, now, now, null, null,
                isProration: false);
    }

    private JsonObject Line(
        long amount,
        JsonObject price,
        long? quantity,
        string? description,
        long start,
        long end,
        string? subscription,
        string? item,
        bool isProration) => new()
        {
            ["id"] = world.Ids.New("il_"),
            ["object"] = "line_item",
            ["amount"] = amount,
            ["currency"] = price.Text("currency"),
            ["description"] = description,
            ["discount_amounts"] = new JsonArray(),
            ["discountable"] = !isProration,
            ["discounts"] = new JsonArray(),
            ["invoice"] = null,
            ["livemode"] = false,
            ["metadata"] = new JsonObject(),
            ["parent"] = item is null
                ? new JsonObject
                {
                    ["invoice_item_details"] = new JsonObject
                    {
                        ["invoice_item"] = null,
                        ["proration"] = false,
                        ["proration_details"] = null,
                        ["subscription"] = null,
                    },
                    ["subscription_item_details"] = null,
                    ["type"] = "invoice_item_details",
                }
                : new JsonObject
                {
                    ["invoice_item_details"] = null,
                    ["subscription_item_details"] = new JsonObject
                    {
                        ["invoice_item"] = null,
                        ["proration"] = isProration,
                        ["proration_details"] = isProration ? new JsonObject { ["credited_items"] = null } : null,
                        ["subscription"] = subscription,
                        ["subscription_item"] = item,
                    },
                    ["type"] = "subscription_item_details",
                },
            ["period"] = new JsonObject { ["end"] = end, ["start"] = start },
            ["pretax_credit_amounts"] = new JsonArray(),
            ["pricing"] = price.Text("id") is not { } id ? null : new JsonObject
            {
                ["price_details"] = new JsonObject { ["price"] = id, ["product"] = price.Text("product") },
                ["type"] = "price_details",
                ["unit_amount_decimal"] = price.Text("unit_amount_decimal"),
            },
            ["quantity"] = quantity,
            ["quantity_decimal"] = quantity?.Invariant(),
            ["subscription"] = subscription,
            ["subtotal"] = amount,
            ["taxes"] = new JsonArray(),
        };

    /// <summary>An amount as customers read it.</summary>
    public static string Money(long amount, string currency)
    {
        var isWhole = currency is "jpy" or "krw" or "vnd" or "clp";
        var number = isWhole ? amount : amount / 100m;
        var text = number.ToString(isWhole ? "#,0" : "#,0.00", CultureInfo.InvariantCulture);
        return currency switch
        {
            "usd" => amount < 0 ? "-$" + text[1..] : "$" + text,
            "eur" => amount < 0 ? "-€" + text[1..] : "€" + text,
            "gbp" => amount < 0 ? "-£" + text[1..] : "£" + text,
            _ => $"{text} {currency.ToUpperInvariant()}",
        };
    }
}
