using System.Text.Json.Nodes;
using Quoin.StripeSimulator.Internal;

namespace Quoin.StripeSimulator.Resources;

/// <summary>What every subscription and item has from the start, in the shape of the API version.</summary>
internal static class SubscriptionMembers
{
    // What begins the same in each.
    private const string Blank = """
        {
          "application": null,
          "application_fee_percent": null,
          "automatic_tax": { "disabled_reason": null, "enabled": false, "liability": null },
          "billing_cycle_anchor_config": null,
          "billing_mode": { "flexible": { "proration_discounts": "included" }, "type": "flexible" },
          "billing_schedules": [],
          "billing_thresholds": null,
          "cancel_at": null,
          "cancel_at_period_end": false,
          "canceled_at": null,
          "cancellation_details": { "comment": null, "feedback": null, "feedback_option": null, "reason": null },
          "collection_method": "charge_automatically",
          "customer_account": null,
          "days_until_due": null,
          "default_payment_method": null,
          "default_source": null,
          "default_tax_rates": [],
          "description": null,
          "discounts": [],
          "ended_at": null,
          "invoice_settings": { "account_tax_ids": null, "custom_fields": null, "description": null, "footer": null, "issuer": { "type": "self" } },
          "latest_invoice": null,
          "managed_payments": null,
          "next_pending_invoice_item_invoice": null,
          "on_behalf_of": null,
          "pause_collection": null,
          "payment_settings": { "payment_method_options": null, "payment_method_types": null, "save_default_payment_method": "off" },
          "pending_invoice_item_interval": null,
          "pending_setup_intent": null,
          "pending_update": null,
          "schedule": null,
          "status": "incomplete",
          "transfer_data": null,
          "trial_settings": { "end_behavior": { "missing_payment_method": "create_invoice" } }
        }
        """;

    /// <summary>The members of a new subscription.</summary>
    public static JsonObject Of(JsonObject customer, string currency, long? trialEnd, JsonObject metadata, long now)
    {
        var value = (JsonObject)JsonNode.Parse(Blank)!;
        value["billing_cycle_anchor"] = trialEnd ?? now;
        value["currency"] = currency;
        value["customer"] = customer.Id();
        value["metadata"] = metadata;
        value["start_date"] = now;
        value["test_clock"] = customer.Text("test_clock");
        value["trial_end"] = trialEnd;
        value["trial_start"] = trialEnd is null ? null : now;
        return value;
    }

    /// <summary>A new item.</summary>
    public static JsonObject Item(World world, string subscription, JsonObject price, long quantity, long start, long end)
    {
        var item = new JsonObject
        {
            ["id"] = world.Ids.New("si_"),
            ["object"] = "subscription_item",
            ["billing_thresholds"] = null,
            ["created"] = start,
            ["current_period_end"] = end,
            ["current_period_start"] = start,
            ["current_trial"] = null,
            ["discounts"] = new JsonArray(),
            ["metadata"] = new JsonObject(),
            ["subscription"] = subscription,
            ["tax_rates"] = new JsonArray(),
        };
        SetPrice(item, price, quantity);
        return item;
    }

    /// <summary>Sells another price.</summary>
    public static void SetPrice(JsonObject item, JsonObject price, long quantity)
    {
        var recurring = price.Child("recurring");
        item["price"] = Json.Shown(price);
        item["plan"] = new JsonObject
        {
            ["id"] = price.Id(),
            ["object"] = "plan",
            ["active"] = price.Flag("active"),
            ["amount"] = price.LongOrNull("unit_amount"),
            ["amount_decimal"] = price.Text("unit_amount_decimal"),
            ["billing_scheme"] = "per_unit",
            ["created"] = price.Long("created"),
            ["currency"] = price.Text("currency"),
            ["interval"] = recurring?.Text("interval"),
            ["interval_count"] = recurring?.Long("interval_count"),
            ["livemode"] = false,
            ["metadata"] = new JsonObject(),
            ["meter"] = null,
            ["nickname"] = price.Text("nickname"),
            ["product"] = price.Text("product"),
            ["tiers_mode"] = null,
            ["transform_usage"] = null,
            ["trial_period_days"] = null,
            ["usage_type"] = recurring?.Text("usage_type"),
        };
        item.Remove("quantity");
        if (recurring?.Text("usage_type") != "metered")
        {
            item["quantity"] = quantity;
        }
    }
}
