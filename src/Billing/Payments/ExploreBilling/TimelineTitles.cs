namespace Quoin.Payments.ExploreBilling;

/// <summary>What happened, in a few words.</summary>
internal static class TimelineTitles
{
    private static readonly Dictionary<string, string> Titles = new(StringComparer.Ordinal)
    {
        ["checkout_opened"] = "Checkout opened",
        ["checkout_completed"] = "Checkout completed",
        ["checkout_expired"] = "Checkout expired",
        ["checkout_abandoned"] = "Checkout abandoned",
        ["payment_link_made"] = "Payment link made",
        ["payment_link_ended"] = "Payment link ended",
        ["subscription_started"] = "Subscription started",
        ["subscription_cancellation_asked"] = "Cancellation asked for",
        ["subscription_ended"] = "Subscription ended",
        ["invoice_issued"] = "Invoice issued",
        ["invoice_paid"] = "Invoice paid",
        ["payment_pending"] = "Payment on its way",
        ["payment_action_needed"] = "Payment waits for its customer",
        ["payment_succeeded"] = "Payment received",
        ["payment_failed"] = "Payment failed",
        ["credit_bought"] = "Credit bought",
        ["refund_requested"] = "Refund asked for",
        ["refund_approved"] = "Refund approved",
        ["refund_rejected"] = "Refund declined",
        ["refund_succeeded"] = "Refund made",
        ["refund_failed"] = "Refund failed",
        ["dispute_opened"] = "Payment disputed",
        ["dispute_answered"] = "Dispute answered",
        ["dispute_won"] = "Dispute won",
        ["dispute_lost"] = "Dispute lost",
        ["dispute_closed"] = "Dispute closed",
        ["auto_top_up_pending"] = "Credit is being bought by itself",
        ["auto_top_up_succeeded"] = "Credit bought by itself",
        ["auto_top_up_failed"] = "Buying credit by itself failed",
        ["payment_methods_succeeded"] = "Payment methods learnt",
        ["payment_methods_failed"] = "Payment methods not learnt",
        ["payment_methods_skipped"] = "Payment methods left as they are",
        ["request_made"] = "Request made",
        ["request_succeeded"] = "Request answered",
        ["request_failed"] = "Request failed",
        ["request_expired"] = "Request given up",
        ["news_received"] = "News of the provider",
        ["remediation_begun"] = "Duplicate found",
        ["remediation_ended"] = "Duplicate ended",
        ["drift_found"] = "Drift found",
        ["finding_met"] = "Something did not fit",
        ["finding_resolved"] = "Finding resolved",
        ["posted"] = "Posted to the books",
    };

    /// <summary>The title of a kind of entry.</summary>
    public static string Of(string kind) => Titles.GetValueOrDefault(kind, kind);
}
