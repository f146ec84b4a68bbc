using System.Text.Json.Nodes;
using Quoin.StripeSimulator.Api;
using Quoin.StripeSimulator.Cards;
using Quoin.StripeSimulator.Internal;

namespace Quoin.StripeSimulator.Resources;

/// <summary>Payment methods: cards, all of them.</summary>
internal sealed class PaymentMethods(World world)
{
    private const string Kind = "payment_method";

    public JsonObject Create(Call call)
    {
        var form = call.Form;
        form.Required("type");
        form.OneOf("type", "card");
        var card = form.Child("card") ?? throw ApiException.Required("card");
        var number = card.Text("token") ?? card.Required("number");
        return world.Add(
            New(number, card.Whole("exp_month"), card.Whole("exp_year"), form.Child("billing_details"), form.Metadata()), null);
    }

    public JsonObject Get(Call call) => world.Get(Kind, call.Id);

    public JsonObject List(Call call) => Lists.Page(
        call,
        world.Store.Newest(Kind)
            .Where(method =>
            method.Text("customer") is not null && method.Fits(call.Form, "customer") && method.Fits(call.Form, "type")),
        Kind);

    public JsonObject Update(Call call) => world.Change(world.Get(Kind, call.Id), "payment_method.updated", method =>
    {
        method["metadata"] = call.Form.Metadata(method.Child("metadata"));
        foreach (var name in (ReadOnlySpan<string>)["exp_month", "exp_year"])
        {
            method.Child("card")![name] = call.Form.Child("card")?.Whole(name) ?? method.Child("card")!.Long(name);
        }
    });

    public JsonObject AttachTo(Call call)
    {
        var method = world.Store.Find(Kind, call.Id) ?? FromAlias(call.Id) ?? throw ApiException.Missing(Kind, call.Id, Kind);
        call.Form.Required("customer");
        Attach(method, world.Named(call.Form, "customer", "customer")!);
        return method;
    }

    public JsonObject DetachFrom(Call call)
    {
        var method = world.Get(Kind, call.Id);
        if (method.Text("customer") is null)
        {
            throw ApiException.State(
                "payment_method_not_attached",
                "The payment method you provided is not attached to a customer so detachment is impossible.");
        }

        return Detach(method);
    }

    /// <summary>The payment method a parameter names, or one of Stripe's for tests; null when it was not sent.</summary>
    public JsonObject? Named(Form form, string name) => form.Text(name) is not { } id ? null
        : world.Store.Find(Kind, id) ?? FromAlias(id) ?? throw ApiException.MissingParameter(Kind, id, form.Path(name));

    /// <summary>A customer's, newest first.</summary>
    public IEnumerable<JsonObject> Of(JsonObject customer) =>
        world.Store.Newest(Kind).Where(method => method.Text("customer") == customer.Id());

    /// <summary>The test card of a method.</summary>
    public static TestCard CardOf(JsonObject method) => TestCard.Find(method.Text("_card")!)!;

    /// <summary>A card somebody typed in; it is nobody's yet.</summary>
    /// <exception cref="ApiException">It is no card.</exception>
    public JsonObject New(string number, long? month, long? year, Form? billing = null, JsonObject? metadata = null)
    {
        var card = CardOf(number);
        var now = DateTimeOffset.FromUnixTimeSeconds(world.Now());
        var (expiryMonth, expiryYear) = (month ?? 12, year ?? now.Year + 3);
        if (expiryMonth is < 1 or > 12)
        {
            throw Wrong("invalid_expiry_month", "Your card's expiration month is invalid.");
        }

        if (expiryYear < now.Year || (expiryYear == now.Year && expiryMonth < now.Month))
        {
            throw Wrong("invalid_expiry_year", "Your card's expiration year is invalid.");
        }

        var method = world.New("pm_", Kind);
        method["allow_redisplay"] = "unspecified";
        method["billing_details"] = new JsonObject
        {
            ["address"] = new JsonObject
            {
                ["city"] = null,
                ["country"] = null,
                ["line1"] = null,
                ["line2"] = null,
                ["postal_code"] = null,
                ["state"] = null,
            },
            ["email"] = billing?.Text("email"),
            ["name"] = billing?.Text("name"),
            ["phone"] = null,
            ["tax_id"] = null,
        };
        method["card"] = CardDetails(card, expiryMonth, expiryYear);
        method["customer"] = null;
        method["customer_account"] = null;
        method["metadata"] = metadata ?? [];
        method["type"] = "card";
        method["_card"] = card.Number;
        return method;
    }

    /// <summary>Gives a method to a customer.</summary>
    public void Attach(JsonObject method, JsonObject customer)
    {
        if (method.Text("customer") is { } owner)
        {
            if (owner != customer.Id())
            {
                throw ApiException.State(
                    "payment_method_unexpected_state", "The payment method you provided has already been attached to a customer.");
            }

            return;
        }

        if (CardOf(method).Conduct == CardConduct.Declines)
        {
            throw Declined(CardOf(method), null);
        }

        method["customer"] = customer.Id();
        world.Add(method, "payment_method.attached");
    }

    /// <summary>Takes a method from its customer, and from whatever used it by default.</summary>
    public JsonObject Detach(JsonObject method)
    {
        var customer = world.Store.Find("customer", method.Text("customer"));
        world.Change(method, "payment_method.detached", value => value["customer"] = null);
        if (customer?.Child("invoice_settings")?.Text("default_payment_method") == method.Id())
        {
            world.Customers.SetDefault(customer, null);
        }

        foreach (var subscription in world.Store.All("subscription")
            .Where(one => one.Text("default_payment_method") == method.Id()).ToList())
        {
            world.Change(subscription, "customer.subscription.updated", value => value["default_payment_method"] = null);
        }

        return method;
    }

    /// <summary>The refusal of a charge.</summary>
    public static ApiException Declined(TestCard card, JsonObject? intent, string member = "payment_intent") =>
        new(402, "card_error", card.Message)
        {
            Code = card.Code,
            DeclineCode = card.DeclineCode,
            More = intent is null ? null : new JsonObject { [member] = Json.Shown(intent) },
        };

    private JsonObject? FromAlias(string id) => id.StartsWith("pm_card_", StringComparison.Ordinal) && TestCard.Find(id) is { } card
        ? world.Add(New(card.Number, null, null), null)
        : null;

    private static TestCard CardOf(string text)
    {
        if (TestCard.Find(text) is { } card)
        {
            return card;
        }

        var digits = text.Replace(" ", string.Empty, StringComparison.Ordinal);
        return TestCard.Find(digits) ?? (TestCard.IsPlausible(digits)
            ? throw new ApiException(
                402, "card_error", "Your card was declined. Your request was in test mode, but used a non test card.")
            {
                Code = "card_declined",
                DeclineCode = "test_mode_live_card",
                Param = "number",
            }
            : throw Wrong("incorrect_number", "Your card number is incorrect."));
    }

    private static ApiException Wrong(string code, string message) => new(402, "card_error", message)
    {
        Code = code,
        Param = code == "incorrect_number" ? "number" : code["invalid_expiry_".Length..] is "month"
            ? "exp_month" : "exp_year",
    };

    private static JsonObject CardDetails(TestCard card, long month, long year) => new()
    {
        ["brand"] = card.Brand,
        ["checks"] = new JsonObject
        {
            ["address_line1_check"] = null,
            ["address_postal_code_check"] = null,
            ["cvc_check"] = "pass"
        },
        ["country"] = "US",
        ["display_brand"] = card.Brand,
        ["exp_month"] = month,
        ["exp_year"] = year,
        ["fingerprint"] = "fp" + card.Number,
        ["funding"] = "credit",
        ["generated_from"] = null,
        ["last4"] = card.Last4,
        ["networks"] = new JsonObject { ["available"] = Json.Array(card.Brand), ["preferred"] = null },
        ["regulated_status"] = "unregulated",
        ["three_d_secure_usage"] = new JsonObject { ["supported"] = true },
        ["wallet"] = null,
    };
}
