using System.Text.Json.Nodes;
using Quoin.StripeSimulator.Api;
using Quoin.StripeSimulator.Internal;

namespace Quoin.StripeSimulator.Resources;

/// <summary>Addresses at which anybody can pay; each visit opens a checkout of its own.</summary>
internal sealed class PaymentLinks(World world)
{
    // What begins the same in each.
    private const string Blank = """
        {
          "active": true,
          "allow_promotion_codes": false,
          "application": null,
          "application_fee_amount": null,
          "application_fee_percent": null,
          "automatic_tax": { "enabled": false, "liability": null },
          "billing_address_collection": "auto",
          "consent_collection": null,
          "custom_fields": [],
          "custom_text": {},
          "on_behalf_of": null,
          "payment_method_collection": "always",
          "payment_method_types": null,
          "phone_number_collection": { "enabled": false },
          "shipping_address_collection": null,
          "shipping_options": [],
          "tax_id_collection": { "enabled": false },
          "transfer_data": null
        }
        """;

    private const string Kind = "payment_link";

    public JsonObject Create(Call call)
    {
        var form = call.Form;
        var isRecurring = form.Children("line_items").Any(item =>
            world.Named(item, "price", "price")?.Child("recurring") is not null
                || item.Child("price_data")?.Child("recurring") is not null);
        var mode = isRecurring ? "subscription" : "payment";
        var lines = world.Checkouts.Lines(form, mode);
        foreach (var price in lines.Select(line => world.Get("price", line.Child("price")!.Id())))
        {
            // A price that was only described must be there for every visit.
            price["active"] = true;
            world.Store.Put(price);
        }

        var link = world.New("plink_", Kind);
        var redirect = form.Child("after_completion")?.Child("redirect")?.Text("url");
        link.Fill(Blank);
        link["after_completion"] = redirect is null
            ? new JsonObject
            {
                ["hosted_confirmation"] = new JsonObject { ["custom_message"] = null },
                ["type"] = "hosted_confirmation"
            }
            : new JsonObject { ["redirect"] = new JsonObject { ["url"] = redirect }, ["type"] = "redirect" };
        link["currency"] = lines[0].Text("currency");
        link["customer_creation"] = form.Text("customer_creation") ?? "if_required";
        link["inactive_message"] = form.Text("inactive_message");
        link["invoice_creation"] = isRecurring ? null : new JsonObject
        {
            ["enabled"] = form.Child("invoice_creation")?.Flag("enabled") ?? false,
            ["invoice_data"] = new JsonObject
            {
                ["metadata"] = form.Child("invoice_creation")?.Child(
                "invoice_data")?.Metadata() ?? []
            },
        };
        link["metadata"] = form.Metadata();
        link["payment_intent_data"] = form.Node("payment_intent_data");
        link["restrictions"] = form.Child("restrictions")?.Child("completed_sessions")?.Whole(
            "limit") is not { } limit ? null : new JsonObject
            {
                ["completed_sessions"] = new JsonObject { ["count"] = 0, ["limit"] = limit },
            };
        link["submit_type"] = form.Text("submit_type") ?? "auto";
        link["subscription_data"] = form.Node("subscription_data");
        link["url"] = $"{world.Address}/pay/{link.Id()}";
        link["_mode"] = mode;
        link["_form"] = Visits(form, lines, isRecurring);
        link["_line_items"] = new JsonArray([.. lines.Select(line => line.Copy())]);

        link.Remove("created");
        return world.Add(link, "payment_link.created");
    }

    public JsonObject Get(Call call) => world.Get(Kind, call.Id);

    public JsonObject List(Call call) =>
        Lists.Page(call, world.Store.Newest(Kind).Where(link => link.FitsFlag(call.Form, "active")), Kind);

    public JsonObject Update(Call call) => world.Change(world.Get(Kind, call.Id), "payment_link.updated", link =>
    {
        link["active"] = call.Form.Flag("active") ?? link.Flag("active");
        link["metadata"] = call.Form.Metadata(link.Child("metadata"));
        link["inactive_message"] = call.Form.Text("inactive_message") ?? link.Text("inactive_message");
    });

    public JsonObject LinesOf(Call call) => Json.List(
        call.Request.Path, world.Get(Kind, call.Request.Path.Split('/')[3]).Children("_line_items").Select(Json.Shown));

    /// <summary>A checkout that came from it was paid; at its limit a link ends.</summary>
    public void Completed(JsonObject link)
    {
        if (link.Child("restrictions")?.Child("completed_sessions") is not { } sessions)
        {
            return;
        }

        world.Change(link, "payment_link.updated", value =>
        {
            sessions["count"] = sessions.Long("count") + 1;
            value["active"] = sessions.Long("count") < sessions.Long("limit");
        });
    }

    // What each visit's checkout is made of, as a form again; prices that were described are made once.
    private static string Visits(Form form, IReadOnlyList<JsonObject> lines, bool isRecurring)
    {
        var parts = lines.Select((line, index) => ($"line_items[{index}][price]", line.Child("price")!.Id()))
            .Concat(lines.Index().Where(line => line.Item.LongOrNull("quantity") is not null)
                .Select(line => ($"line_items[{line.Index}][quantity]", line.Item.Long("quantity").Invariant())))
            .ToList();
        if (form.Text("customer_creation") is { } creation && !isRecurring)
        {
            parts.Add(("customer_creation", creation));
        }

        foreach (var name in (ReadOnlySpan<string>)["invoice_creation", "payment_intent_data", "subscription_data"])
        {
            Flatten(name, form.Node(name), parts);
        }

        return string.Join('&', parts.Select(part => $"{Uri.EscapeDataString(part.Item1)}={Uri.EscapeDataString(part.Item2)}"));
    }

    private static void Flatten(string name, JsonNode? node, List<(string, string)> parts)
    {
        switch (node)
        {
            case JsonObject value:
                foreach (var (member, inner) in value)
                {
                    Flatten($"{name}[{member}]", inner, parts);
                }

                break;
            case JsonArray array:
                foreach (var (inner, index) in array.Select((inner, index) => (inner, index)))
                {
                    Flatten($"{name}[{index}]", inner, parts);
                }

                break;
            case JsonValue text:
                parts.Add((name, text.GetValue<string>()));
                break;
        }
    }
}
