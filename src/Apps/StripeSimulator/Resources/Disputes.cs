using System.Text.Json.Nodes;
using Quoin.StripeSimulator.Api;
using Quoin.StripeSimulator.Internal;

namespace Quoin.StripeSimulator.Resources;

/// <summary>
/// Payments a payer's bank takes back. Evidence that says <c>winning_evidence</c> wins, <c>losing_evidence</c> loses, as in
/// Stripe's test mode; other evidence stays under review.
/// </summary>
internal sealed class Disputes(World world)
{
    // What begins the same in each.
    private const string Blank = """
        {
          "balance_transactions": [],
          "enhanced_eligibility_types": [],
          "intended_submission_method": null,
          "is_charge_refundable": false,
          "metadata": {},
          "network_reason_code": "10.4",
          "payment_method_details": { "card": { "brand": "visa", "case_type": "chargeback", "network_reason_code": "10.4" }, "type": "card" },
          "status": "needs_response"
        }
        """;

    private const string Kind = "dispute";
    private const long EvidenceSeconds = 7 * 24 * 3600;

    private static readonly string[] EvidenceNames =
    [
        "access_activity_log", "billing_address", "cancellation_policy", "cancellation_policy_disclosure", "cancellation_rebuttal",
        "customer_communication", "customer_email_address", "customer_name", "customer_purchase_ip", "customer_signature",
        "duplicate_charge_documentation", "duplicate_charge_explanation", "duplicate_charge_id", "product_description", "receipt",
        "refund_policy", "refund_policy_disclosure", "refund_refusal_explanation", "service_date", "service_documentation",
        "shipping_address", "shipping_carrier", "shipping_date", "shipping_documentation", "shipping_tracking_number",
        "uncategorized_file", "uncategorized_text",
    ];

    private static readonly string[] FileNames =
    [
        "cancellation_policy", "customer_communication", "customer_signature", "duplicate_charge_documentation", "receipt",
        "refund_policy", "service_documentation", "shipping_documentation", "uncategorized_file",
    ];

    public JsonObject Get(Call call) => world.Get(Kind, call.Id);

    public JsonObject List(Call call) => Lists.Page(
        call, world.Store.Newest(Kind)
            .Where(dispute => dispute.Fits(call.Form, "charge") && dispute.Fits(call.Form, "payment_intent")), Kind);

    public JsonObject Update(Call call)
    {
        var dispute = world.Get(Kind, call.Id);
        if (call.Form.Has("evidence") || call.Form.Flag("submit") == true)
        {
            ExpectOpen(dispute);
        }

        world.Change(dispute, "charge.dispute.updated", value =>
        {
            value["metadata"] = call.Form.Metadata(value.Child("metadata"));
            Apply(value, call.Form.Child("evidence"));
            if (call.Form.Flag("submit") != false && call.Form.Has("evidence") | call.Form.Flag("submit") == true)
            {
                value["status"] = "under_review";
                value.Child("evidence_details")!["submission_count"] = value.Child("evidence_details")!.Long(
                    "submission_count") + 1;
                value.Remove("_due");
            }
        });
        Decide(dispute);
        return dispute;
    }

    public JsonObject Close(Call call)
    {
        var dispute = world.Get(Kind, call.Id);
        ExpectOpen(dispute);
        return Close(dispute, "lost");
    }

    /// <summary>The payer's bank takes a payment back.</summary>
    public void Open(JsonObject charge)
    {
        charge.Remove("_due");
        var due = world.Now(charge) + EvidenceSeconds;
        var dispute = world.New("du_", Kind, charge);
        dispute.Fill(Blank);
        dispute["amount"] = charge.Long("amount") - charge.Long("amount_refunded");
        dispute["charge"] = charge.Id();
        dispute["currency"] = charge.Text("currency");
        dispute["evidence"] = new JsonObject(EvidenceNames.Select(name => KeyValuePair.Create(name, (JsonNode?)null)))
        {
            ["enhanced_evidence"] = new JsonObject(),
        };
        dispute["evidence_details"] = new JsonObject
        {
            ["due_by"] = due,
            ["enhanced_eligibility"] = new JsonObject(),
            ["has_evidence"] = false,
            ["past_due"] = false,
            ["submission_count"] = 0,
            ["submission_method"] = "manual",
        };
        dispute["payment_intent"] = charge.Text("payment_intent");
        dispute["reason"] = charge.Text("_dispute_reason") ?? "fraudulent";

        dispute["_due"] = due;
        world.Change(charge, null, value => value["disputed"] = true);
        world.Store.Put(dispute);
        Move(dispute, won: false);
        world.Add(dispute, "charge.dispute.created");
        world.Events.Emit("charge.dispute.funds_withdrawn", dispute);
    }

    /// <summary>Nobody answered in time.</summary>
    public void RunDue(JsonObject dispute)
    {
        dispute.Child("evidence_details")!["past_due"] = true;
        Close(dispute, "lost");
    }

    /// <summary>The bank has decided.</summary>
    public JsonObject Close(JsonObject dispute, string status)
    {
        dispute.Remove("_due");
        if (status == "won")
        {
            Move(dispute, won: true);
            world.Events.Emit("charge.dispute.funds_reinstated", dispute);
        }

        var charge = world.Get("charge", dispute.Text("charge")!);
        world.Change(charge, null, value => value["_dispute_outcome"] = status);
        return world.Change(dispute, "charge.dispute.closed", value => value["status"] = status);
    }

    private void Decide(JsonObject dispute)
    {
        if (dispute.Text("status") != "under_review")
        {
            return;
        }

        var words = dispute.Child("evidence")!.Text("uncategorized_text") ?? string.Empty;
        if (words.Contains("winning_evidence", StringComparison.Ordinal))
        {
            Close(dispute, "won");
        }
        else if (words.Contains("losing_evidence", StringComparison.Ordinal))
        {
            Close(dispute, "lost");
        }
    }

    private void Apply(JsonObject dispute, Form? evidence)
    {
        foreach (var name in evidence?.Names ?? [])
        {
            if (!EvidenceNames.Contains(name))
            {
                throw new ApiException(400, "invalid_request_error", $"Received unknown parameter: {evidence!.Path(name)}")
                {
                    Code = "parameter_unknown",
                    Param = evidence.Path(name),
                };
            }

            if (FileNames.Contains(name) && evidence!.Text(name) is { } file && world.Store.Find("file", file) is null)
            {
                throw ApiException.MissingParameter("file", file, evidence.Path(name));
            }

            dispute.Child("evidence")![name] = evidence!.Text(name);
            dispute.Child("evidence_details")!["has_evidence"] = true;
        }
    }

    private void Move(JsonObject dispute, bool won) =>
        dispute["balance_transactions"]!.AsArray().Add(Json.Shown(world.Balance.Dispute(dispute, won)));

    private static void ExpectOpen(JsonObject dispute)
    {
        if (dispute.Text("status") is not ("needs_response" or "warning_needs_response"))
        {
            throw ApiException.State(
                "dispute_closed", "This dispute is already closed or under review; its evidence can no longer be changed.");
        }
    }
}
