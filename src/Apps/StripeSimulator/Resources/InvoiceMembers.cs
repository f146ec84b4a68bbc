using System.Text.Json.Nodes;
using Quoin.StripeSimulator.Internal;

namespace Quoin.StripeSimulator.Resources;

/// <summary>What every invoice has from the start, in the shape of the API version.</summary>
internal static class InvoiceMembers
{
    // What begins the same in each.
    private const string Blank = """
        {
          "account_country": "US",
          "account_name": "Quoin",
          "account_tax_ids": null,
          "amount_due": 0,
          "amount_overpaid": 0,
          "amount_paid": 0,
          "amount_remaining": 0,
          "amount_shipping": 0,
          "application": null,
          "attempt_count": 0,
          "attempted": false,
          "auto_advance": false,
          "automatic_tax": { "disabled_reason": null, "enabled": false, "liability": null, "provider": null, "status": null },
          "automatically_finalizes_at": null,
          "collection_method": "charge_automatically",
          "custom_fields": null,
          "customer_account": null,
          "customer_shipping": null,
          "customer_tax_exempt": "none",
          "customer_tax_ids": [],
          "default_payment_method": null,
          "default_source": null,
          "default_tax_rates": [],
          "description": null,
          "discounts": [],
          "due_date": null,
          "effective_at": null,
          "ending_balance": null,
          "footer": null,
          "from_invoice": null,
          "hosted_invoice_url": null,
          "invoice_pdf": null,
          "issuer": { "type": "self" },
          "last_finalization_error": null,
          "latest_revision": null,
          "metadata": {},
          "next_payment_attempt": null,
          "number": null,
          "on_behalf_of": null,
          "payment_settings": { "default_mandate": null, "payment_method_options": null, "payment_method_types": null },
          "post_payment_credit_notes_amount": 0,
          "pre_payment_credit_notes_amount": 0,
          "receipt_number": null,
          "rendering": null,
          "shipping_cost": null,
          "shipping_details": null,
          "starting_balance": 0,
          "statement_descriptor": null,
          "status": "draft",
          "status_transitions": { "finalized_at": null, "marked_uncollectible_at": null, "paid_at": null, "voided_at": null },
          "subtotal": 0,
          "subtotal_excluding_tax": 0,
          "total": 0,
          "total_discount_amounts": [],
          "total_excluding_tax": 0,
          "total_pretax_credit_amounts": [],
          "total_taxes": []
        }
        """;

    /// <summary>The members of a draft.</summary>
    public static JsonObject Of(JsonObject customer, string currency, string reason, JsonObject? subscription, long now)
    {
        var value = (JsonObject)JsonNode.Parse(Blank)!;
        value["billing_reason"] = reason;
        value["currency"] = currency;
        value["customer"] = customer.Id();
        value["customer_address"] = customer.Child("address").CopyOrNull();
        value["customer_email"] = customer.Text("email");
        value["customer_name"] = customer.Text("name");
        value["customer_phone"] = customer.Text("phone");
        value["parent"] = subscription is null ? null : new JsonObject
        {
            ["quote_details"] = null,
            ["subscription_details"] = new JsonObject
            {
                ["metadata"] = subscription.Child("metadata").CopyOrNull(),
                ["subscription"] = subscription.Id(),
            },
            ["type"] = "subscription_details",
        };
        value["period_end"] = now;
        value["period_start"] = now;
        value["test_clock"] = customer.Text("test_clock");
        value["webhooks_delivered_at"] = now;
        return value;
    }
}
