using System.Text.Json;
using System.Text.Json.Nodes;
using Quoin.Payments.Internal;

namespace Quoin.Payments.Stripe;

/// <summary>
/// Parameters made once: the JSON of what Stripe's form will hold, in one canonical form (no blanks, members in byte order
/// of their names), so that equal parameters have equal bytes and a kept text makes the same form again.
/// </summary>
internal static class StripeFrozen
{
    /// <summary>The form of kept parameters.</summary>
    public static StripeForm Form(string frozen) => StripeForm.Of(JsonSerializer.Deserialize<JsonElement>(frozen));

    public static string Of(CheckoutParameters parameters)
    {
        var frozen = new JsonObject
        {
            ["mode"] = parameters.Purpose switch
            {
                CheckoutPurpose.Subscription => "subscription",
                CheckoutPurpose.Payment => "payment",
                _ => "setup",
            },
            ["success_url"] = parameters.SuccessUrl,
            ["cancel_url"] = parameters.CancelUrl,
            ["client_reference_id"] = parameters.Reference,
            ["expires_at"] = parameters.ExpiresAt.ToUnixTimeSeconds(),
            ["metadata"] = Metadata(parameters.Metadata),
        };
        AddItems(frozen, parameters);
        AddCustomer(frozen, parameters);
        AddPurpose(frozen, parameters);
        return Write(frozen);
    }

    public static string Of(PortalParameters parameters) => Write(new JsonObject
    {
        ["customer"] = parameters.Customer,
        ["return_url"] = parameters.ReturnUrl,
    });

    public static string Of(PaymentLinkParameters parameters) => Write(new JsonObject
    {
        ["line_items"] = new JsonArray(
        [
            .. parameters.Prices.Select(item => new JsonObject { ["price"] = item.Price, ["quantity"] = item.Quantity }),
        ]),
        ["after_completion"] = new JsonObject
        {
            ["type"] = "redirect",
            ["redirect"] = new JsonObject { ["url"] = parameters.SuccessUrl },
        },
        ["customer_creation"] = "always",
        ["metadata"] = Metadata(parameters.Metadata),
        ["payment_intent_data"] = new JsonObject { ["metadata"] = Metadata(parameters.Metadata) },
        ["invoice_creation"] = InvoiceCreation(parameters.Metadata),
    });

    private static void AddItems(JsonObject frozen, CheckoutParameters parameters)
    {
        if (parameters.Purpose == CheckoutPurpose.Setup)
        {
            // A page without items cannot take its currency from them.
            frozen["currency"] = parameters.Currency.ToLowerInvariant();
            return;
        }

        var items = new JsonArray();
        foreach (var item in parameters.Items)
        {
            var line = item.Price is not null
                ? new JsonObject { ["price"] = item.Price }
                : new JsonObject
                {
                    ["price_data"] = new JsonObject
                    {
                        ["currency"] = parameters.Currency.ToLowerInvariant(),
                        ["unit_amount"] = item.AmountMinor,
                        ["product_data"] = new JsonObject { ["name"] = item.Name },
                    },
                };
            if (item.Quantity is { } quantity)
            {
                line["quantity"] = quantity;
            }

            items.Add(line);
        }

        frozen["line_items"] = items;
    }

    private static void AddCustomer(JsonObject frozen, CheckoutParameters parameters)
    {
        if (parameters.Customer is not null)
        {
            frozen["customer"] = parameters.Customer;
            return;
        }

        if (parameters.Email is not null)
        {
            frozen["customer_email"] = parameters.Email;
        }

        // A subscription always makes its customer and refuses to be told so.
        if (parameters.Purpose != CheckoutPurpose.Subscription)
        {
            frozen["customer_creation"] = "always";
        }
    }

    private static void AddPurpose(JsonObject frozen, CheckoutParameters parameters)
    {
        switch (parameters.Purpose)
        {
            case CheckoutPurpose.Subscription:
                var subscription = new JsonObject { ["metadata"] = Metadata(parameters.Metadata) };
                if (parameters.TrialDays > 0)
                {
                    subscription["trial_period_days"] = parameters.TrialDays;
                }

                frozen["subscription_data"] = subscription;
                break;
            case CheckoutPurpose.Payment:
                frozen["payment_intent_data"] = new JsonObject { ["metadata"] = Metadata(parameters.Metadata) };
                frozen["invoice_creation"] = InvoiceCreation(parameters.Metadata);
                break;
            default:
                frozen["setup_intent_data"] = new JsonObject { ["metadata"] = Metadata(parameters.Metadata) };
                break;
        }
    }

    private static JsonObject InvoiceCreation(IReadOnlyDictionary<string, string> metadata) => new()
    {
        ["enabled"] = true,
        ["invoice_data"] = new JsonObject { ["metadata"] = Metadata(metadata) },
    };

    private static JsonObject Metadata(IReadOnlyDictionary<string, string> metadata) =>
        new(metadata.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));

    private static string Write(JsonObject parameters) => CanonicalJson.Of(parameters);
}
