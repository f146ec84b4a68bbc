using System.Globalization;
using System.Text.Json.Nodes;
using Quoin.StripeSimulator.Api;
using Quoin.StripeSimulator.Internal;

namespace Quoin.StripeSimulator.Resources;

/// <summary>Products, and the prices they are sold at.</summary>
internal sealed class Catalogue(World world)
{
    // What begins the same in each.
    private const string BlankProduct = """
        {
          "active": true,
          "default_price": null,
          "description": null,
          "images": [],
          "marketing_features": [],
          "package_dimensions": null,
          "shippable": null,
          "statement_descriptor": null,
          "tax_code": null,
          "tax_details": null,
          "type": "service",
          "unit_label": null,
          "url": null
        }
        """;

    // What begins the same in each.
    private const string BlankPrice = """
        {
          "billing_scheme": "per_unit",
          "custom_unit_amount": null,
          "tiers_mode": null,
          "transform_quantity": null
        }
        """;

    private const long AmountMax = 99_999_999;

    public JsonObject CreateProduct(Call call)
    {
        var form = call.Form;
        if (form.Text("id") is { } wanted && world.Store.Find(wanted) is not null)
        {
            throw ApiException.State("resource_already_exists", $"Product already exists: {wanted}");
        }

        var product = NewProduct(form.Required("name"), form.Metadata());
        if (form.Text("id") is { } id)
        {
            product["id"] = id;
        }

        ApplyProduct(product, form);
        world.Add(product, "product.created");
        if (form.Child("default_price_data") is { } price)
        {
            product["default_price"] = NewPrice(price, product).Id();
        }

        return product;
    }

    public JsonObject Product(Call call) => world.Get("product", call.Id);

    public JsonObject UpdateProduct(Call call) => world.Change(world.Get("product", call.Id), "product.updated", product =>
    {
        ApplyProduct(product, call.Form);
        product["metadata"] = call.Form.Metadata(product.Child("metadata"));
        product["updated"] = world.Now();
    });

    public JsonObject DeleteProduct(Call call)
    {
        var product = world.Get("product", call.Id);
        if (world.Store.All("price").Any(price => price.Text("product") == product.Id()))
        {
            throw ApiException.State(
                "resource_in_use", "This product cannot be deleted because it has one or more user-created prices.");
        }

        world.Events.Emit("product.deleted", product);
        world.Store.Remove(product.Id());
        return new JsonObject { ["id"] = product.Id(), ["object"] = "product", ["deleted"] = true };
    }

    public JsonObject Products(Call call)
    {
        var ids = call.Form.Texts("ids");
        return Lists.Page(
            call,
            world.Store.Newest("product")
                .Where(product => product.FitsFlag(call.Form, "active") && (ids.Count == 0 || ids.Contains(product.Id()))),
            "product");
    }

    public JsonObject CreatePrice(Call call) => NewPrice(call.Form, null);

    public JsonObject Price(Call call) => world.Get("price", call.Id);

    public JsonObject UpdatePrice(Call call) => world.Change(world.Get("price", call.Id), "price.updated", price =>
    {
        price["metadata"] = call.Form.Metadata(price.Child("metadata"));
        price["active"] = call.Form.Flag("active") ?? price.Flag("active");
        foreach (var name in (ReadOnlySpan<string>)["nickname", "lookup_key", "tax_behavior"])
        {
            if (call.Form.Has(name))
            {
                price[name] = call.Form.Text(name);
            }
        }
    });

    public JsonObject Prices(Call call)
    {
        var keys = call.Form.Texts("lookup_keys");
        return Lists.Page(
            call,
            world.Store.Newest("price").Where(price =>
                price.FitsFlag(call.Form, "active") && price.Fits(call.Form, "product") && price.Fits(call.Form, "currency")
                && price.Fits(call.Form, "type") && (keys.Count == 0 || keys.Contains(price.Text("lookup_key")))),
            "price");
    }

    /// <summary>The price an item names, or describes and so makes.</summary>
    /// <param name="item">With <c>price</c> or <c>price_data</c>.</param>
    public JsonObject PriceOf(Form item)
    {
        if (world.Named(item, "price", "price") is { } price)
        {
            return price.Flag("active")
                ? price
                : throw ApiException.Invalid(
                    item.Path("price"), "The price specified is inactive. This field only accepts active prices.");
        }

        return item.Child("price_data") is { } data ? NewPrice(data, null, isInline: true)
            : throw ApiException.Required(item.Path("price"));
    }

    /// <summary>A price's amount for a quantity.</summary>
    public static long AmountOf(JsonObject price, long quantity) =>
        price.LongOrNull("unit_amount") is { } unit
            ? unit * quantity
            : (long)decimal.Round(DecimalOf(price) * quantity, MidpointRounding.AwayFromZero);

    /// <summary>What an item of a checkout or link is, with its price; what is metered costs nothing before it is used.</summary>
    /// <param name="item">With <c>price</c> or <c>price_data</c>, and <c>quantity</c>.</param>
    public JsonObject LineItem(Form item)
    {
        var price = PriceOf(item);
        var isMetered = price.Child("recurring")?.Text("usage_type") == "metered";
        if (isMetered && item.Has("quantity"))
        {
            throw ApiException.Invalid(item.Path("quantity"), "You cannot set the quantity of a metered price.");
        }

        var quantity = isMetered ? (long?)null : item.Whole("quantity") ?? 1;
        var amount = AmountOf(price, quantity ?? 0);
        return new JsonObject
        {
            ["id"] = world.Ids.New("li_"),
            ["object"] = "item",
            ["adjustable_quantity"] = null,
            ["amount_discount"] = 0,
            ["amount_subtotal"] = amount,
            ["amount_tax"] = 0,
            ["amount_total"] = amount,
            ["currency"] = price.Text("currency"),
            ["description"] = NameOf(price),
            ["metadata"] = new JsonObject(),
            ["price"] = Json.Shown(price),
            ["quantity"] = quantity,
        };
    }

    /// <summary>What customers read.</summary>
    public string NameOf(JsonObject price) => world.Store.Find("product", price.Text("product"))?.Text("name") ?? price.Id();

    private static decimal DecimalOf(JsonObject price) =>
        decimal.Parse(price.Text("unit_amount_decimal") ?? "0", NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);

    private JsonObject NewProduct(string name, JsonObject metadata)
    {
        var product = world.New("prod_", "product");
        product.Fill(BlankProduct);
        product["metadata"] = metadata;
        product["name"] = name;
        product["updated"] = world.Now();

        return product;
    }

    private static void ApplyProduct(JsonObject product, Form form)
    {
        foreach (var name in (ReadOnlySpan<string>)["name", "description", "statement_descriptor", "unit_label", "url", "default_price"])
        {
            if (form.Has(name))
            {
                product[name] = form.Text(name);
            }
        }

        product["active"] = form.Flag("active") ?? product.Flag("active");
    }

    private JsonObject NewPrice(Form form, JsonObject? product, bool isInline = false)
    {
        var currency = CurrencyOf(form);
        var (amount, exact) = AmountOf(form);
        product ??= world.Named(form, "product", "product");
        if (product is null)
        {
            var data = form.Child("product_data") ?? throw ApiException.Required(form.Path("product"));
            product = NewProduct(data.Required("name"), data.Metadata());
            product["description"] = data.Text("description");
            world.Add(product, "product.created");
        }

        var price = world.New("price_", "price");
        var recurring = form.Child("recurring");
        price.Fill(BlankPrice);
        price["active"] = form.Flag("active") ?? !isInline;
        price["currency"] = currency;
        price["lookup_key"] = form.Text("lookup_key");
        price["metadata"] = form.Metadata();
        price["nickname"] = form.Text("nickname");
        price["product"] = product.Id();
        price["recurring"] = recurring is null ? null : RecurringOf(recurring);
        price["tax_behavior"] = form.Text("tax_behavior") ?? "unspecified";
        price["type"] = recurring is null ? "one_time" : "recurring";
        price["unit_amount"] = amount;
        price["unit_amount_decimal"] = exact;

        return world.Add(price, "price.created");
    }

    private static string CurrencyOf(Form form)
    {
        var currency = form.Required("currency").ToLowerInvariant();
        return currency.Length == 3 && currency.All(char.IsAsciiLetterLower)
            ? currency
            : throw ApiException.Invalid(form.Path("currency"), $"Invalid currency: {currency}.");
    }

    private static (long? Amount, string Exact) AmountOf(Form form)
    {
        if (form.Text("unit_amount_decimal") is { } text)
        {
            return decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var exact) && exact >= 0
                ? (exact == decimal.Truncate(exact) ? (long)exact : null, text)
                : throw ApiException.Invalid(form.Path("unit_amount_decimal"), $"Invalid decimal: {text}");
        }

        var amount = form.Whole("unit_amount") ?? throw ApiException.Required(form.Path("unit_amount"));
        return amount is >= 0 and <= AmountMax
            ? (amount, amount.Invariant())
            : throw ApiException.Invalid(
                form.Path("unit_amount"), "Invalid amount: it must be between 0 and 99999999.", "parameter_invalid_integer");
    }

    private static JsonObject RecurringOf(Form form)
    {
        form.Required("interval");
        return new JsonObject
        {
            ["interval"] = form.OneOf("interval", "day", "week", "month", "year"),
            ["interval_count"] = form.Whole("interval_count") ?? 1,
            ["meter"] = form.Text("meter"),
            ["trial_period_days"] = null,
            ["usage_type"] = form.OneOf("usage_type", "licensed", "metered") ?? "licensed",
        };
    }
}
