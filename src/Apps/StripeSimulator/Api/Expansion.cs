using System.Text.Json.Nodes;
using Quoin.StripeSimulator.Internal;

namespace Quoin.StripeSimulator.Api;

/// <summary>Puts objects in the place of their ids, where <c>expand[]</c> asks for them.</summary>
internal sealed class Expansion(Store store)
{
    /// <summary>Expands in place.</summary>
    /// <param name="answer">What is answered.</param>
    /// <param name="paths">Such as <c>data.customer</c>.</param>
    public void Apply(JsonObject answer, IReadOnlyList<string> paths)
    {
        foreach (var path in paths)
        {
            var parts = path.Split('.');
            if (parts.Length > Limits.ExpandDepthMax)
            {
                throw ApiException.Invalid("expand", $"You cannot expand more than {Limits.ExpandDepthMax} levels of a property.");
            }

            Expand(answer, parts, path);
        }
    }

    private void Expand(JsonObject at, ReadOnlySpan<string> parts, string path)
    {
        if (parts.IsEmpty)
        {
            return;
        }

        var name = parts[0];
        if (Included(at, name) is { } included)
        {
            at[name] = included;
        }
        else if (!at.ContainsKey(name))
        {
            throw ApiException.Invalid("expand[0]", $"This property cannot be expanded ({path}).");
        }
        else if (at[name] is JsonValue && at.Text(name) is { } id)
        {
            at[name] = store.Find(id) is { } found
                ? Json.Shown(found)
                : throw ApiException.Invalid("expand[0]", $"This property cannot be expanded ({path}).");
        }
        else if (at[name] is JsonArray ids)
        {
            for (var index = 0; index < ids.Count; index++)
            {
                if (ids[index] is JsonValue value && store.Find(value.GetValue<string>()) is { } found)
                {
                    ids[index] = Json.Shown(found);
                }
            }
        }

        switch (at[name])
        {
            case JsonObject inner:
                Expand(inner, parts[1..], path);
                break;
            case JsonArray array:
                foreach (var inner in array.OfType<JsonObject>())
                {
                    Expand(inner, parts[1..], path);
                }

                break;
        }
    }

    // Members the API leaves out until they are asked for.
    private JsonObject? Included(JsonObject at, string name) => (at.Kind(), name) switch
    {
        ("checkout.session" or "payment_link", "line_items") =>
            Json.List($"/v1/{at.Kind().Replace('.', '/')}s/{at.Id()}/line_items", Kept(at, "_line_items")),
        ("invoice", "payments") => List("invoice_payment", "invoice", at, "/v1/invoice_payments"),
        ("charge", "refunds") => List("refund", "charge", at, $"/v1/charges/{at.Id()}/refunds"),
        ("customer", "subscriptions") => List("subscription", "customer", at, $"/v1/customers/{at.Id()}/subscriptions"),
        _ => null,
    };

    private IEnumerable<JsonNode> Kept(JsonObject at, string name) =>
        store.Find(at.Id()) is { } whole ? whole.Children(name).Select(Json.Shown) : [];

    private JsonObject List(string kind, string by, JsonObject at, string url) =>
        Json.List(url, store.Newest(kind).Where(item => item.Text(by) == at.Id()).Take(10).Select(Json.Shown));
}
