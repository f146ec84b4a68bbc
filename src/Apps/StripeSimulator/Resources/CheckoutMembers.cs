using System.Text.Json.Nodes;
using Quoin.StripeSimulator.Api;
using Quoin.StripeSimulator.Internal;

namespace Quoin.StripeSimulator.Resources;

/// <summary>What every checkout session has from the start, in the shape of the API version.</summary>
internal static class CheckoutMembers
{
    // What begins the same in each.
    private const string Blank = """
        {
          "adaptive_pricing": { "enabled": false },
          "after_expiration": null,
          "allowed_payment_method_types": null,
          "automatic_tax": { "enabled": false, "liability": null, "provider": null, "status": null },
          "client_secret": null,
          "collected_information": null,
          "consent": null,
          "consent_collection": null,
          "currency": null,
          "currency_conversion": null,
          "custom_fields": [],
          "custom_text": { "after_submit": null, "shipping_address": null, "submit": null, "terms_of_service_acceptance": null },
          "customer_account": null,
          "discounts": [],
          "invoice": null,
          "managed_payments": null,
          "metadata": null,
          "origin_context": null,
          "payment_intent": null,
          "payment_link": null,
          "payment_method_configuration_details": null,
          "payment_method_options": { "card": { "request_three_d_secure": "automatic" } },
          "payment_method_types": ["card"],
          "permissions": null,
          "phone_number_collection": { "enabled": false },
          "recovered_from": null,
          "saved_payment_method_options": null,
          "setup_intent": null,
          "shipping_address_collection": null,
          "shipping_cost": null,
          "shipping_options": [],
          "status": "open",
          "subscription": null,
          "url": null,
          "wallet_options": null
        }
        """;

    /// <summary>The members of a new session.</summary>
    public static JsonObject Of(Form form, string mode, string uiMode, JsonObject? customer, long? amount, long expires)
    {
        var value = (JsonObject)JsonNode.Parse(Blank)!;
        value["allow_promotion_codes"] = form.Flag("allow_promotion_codes");
        value["amount_subtotal"] = amount;
        value["amount_total"] = amount;
        value["billing_address_collection"] = form.Text("billing_address_collection");
        value["cancel_url"] = form.Text("cancel_url");
        value["client_reference_id"] = form.Text("client_reference_id");
        value["customer"] = customer?.Id();
        value["customer_creation"] = mode == "subscription" ? "always" : form.Text("customer_creation")
            ?? (customer is null ? "if_required" : null);
        value["customer_details"] = customer is null && form.Text("customer_email") is null ? null : new JsonObject
        {
            ["address"] = null,
            ["business_name"] = null,
            ["email"] = customer?.Text("email") ?? form.Text("customer_email"),
            ["individual_name"] = null,
            ["name"] = customer?.Text("name"),
            ["phone"] = null,
            ["tax_exempt"] = "none",
            ["tax_ids"] = null,
        };
        value["customer_email"] = form.Text("customer_email");
        value["expires_at"] = expires;
        value["integration_identifier"] = form.Text("integration_identifier");
        value["invoice_creation"] = mode != "payment" ? null : new JsonObject
        {
            ["enabled"] = form.Child("invoice_creation")?.Flag("enabled") ?? false,
            ["invoice_data"] = new JsonObject
            {
                ["account_tax_ids"] = null,
                ["custom_fields"] = null,
                ["description"] = form.Child("invoice_creation")?.Child("invoice_data")?.Text("description"),
                ["footer"] = null,
                ["issuer"] = null,
                ["metadata"] = form.Child("invoice_creation")?.Child("invoice_data")?.Metadata() ?? [],
                ["rendering_options"] = null,
            },
        };
        value["locale"] = form.Text("locale");
        value["mode"] = mode;
        value["payment_method_collection"] = mode == "subscription" ? form.Text("payment_method_collection") ?? "always" : null;
        value["payment_status"] = mode == "setup" ? "no_payment_required" : "unpaid";
        value["submit_type"] = form.Text("submit_type");
        value["success_url"] = form.Text("success_url");
        value["total_details"] = amount is null ? null
            : new JsonObject { ["amount_discount"] = 0, ["amount_shipping"] = 0, ["amount_tax"] = 0 };
        value["ui_mode"] = uiMode;
        return value;
    }
}
