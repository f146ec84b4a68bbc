namespace Quoin.Tests.Unit.Billing.Payments.Stripe;

/// <summary>
/// Objects as Stripe sends them, shortened to what matters and its neighbours: of the newest API version, and of older
/// ones, in which webhooks of endpoints made long ago still come.
/// </summary>
internal static class StripeShapes
{
    public const string Checkout = """
        {"id":"cs_test_a1","object":"checkout.session","amount_subtotal":2000,"amount_total":2000,"cancel_url":"https://q/c",
        "client_reference_id":"ba_1","created":1767225600,"currency":"usd","customer":"cus_1","customer_email":null,
        "expires_at":1767312000,"invoice":"in_1","livemode":false,"metadata":{"operation_key":"op1","flow":"subscription"},
        "mode":"subscription","payment_intent":null,"payment_status":"paid","status":"complete",
        "subscription":{"id":"sub_1","object":"subscription"},"success_url":"https://q/s","ui_mode":"hosted_page","url":null}
        """;

    public const string Subscription = """
        {"id":"sub_1","object":"subscription","billing_mode":{"type":"flexible"},"cancel_at":null,
        "cancel_at_period_end":false,"canceled_at":null,"created":1767225600,"currency":"usd","customer":"cus_1",
        "ended_at":null,"items":{"object":"list","data":[{"id":"si_1","object":"subscription_item",
        "current_period_end":1769904000,"current_period_start":1767225600,"price":{"id":"price_1","object":"price"},
        "quantity":1}],"has_more":false},"latest_invoice":"in_1","metadata":{"operation_key":"op1"},
        "pause_collection":null,"status":"active","trial_end":null}
        """;

    public const string OldSubscription = """
        {"id":"sub_1","object":"subscription","cancel_at_period_end":true,"canceled_at":1767225700,"created":1767225600,
        "current_period_end":1769904000,"current_period_start":1767225600,"customer":"cus_1","ended_at":null,
        "items":{"object":"list","data":[{"id":"si_1","object":"subscription_item","plan":{"id":"price_1"},
        "price":{"id":"price_1"},"quantity":1}]},"latest_invoice":{"id":"in_1"},"metadata":{},"pause_collection":null,
        "status":"active","trial_end":null}
        """;

    public const string Invoice = """
        {"id":"in_1","object":"invoice","amount_due":2000,"amount_paid":2000,"amount_remaining":0,"created":1767225600,
        "currency":"usd","customer":"cus_1","due_date":null,"hosted_invoice_url":"https://i/1","invoice_pdf":"https://i/1.pdf",
        "metadata":{"own":"yes"},"number":"AB-0001","parent":{"quote_details":null,"subscription_details":
        {"metadata":{"operation_key":"op1","own":"no"},"subscription":"sub_1"},"type":"subscription_details"},
        "payments":{"object":"list","data":[{"id":"inpay_0","is_default":true,"payment":{"payment_intent":"pi_0",
        "type":"payment_intent"},"status":"canceled"},{"id":"inpay_1","is_default":false,"payment":{"payment_intent":"pi_1",
        "type":"payment_intent"},"status":"paid"}],"has_more":false},"status":"paid",
        "status_transitions":{"finalized_at":1767225601,"paid_at":1767225602}}
        """;

    public const string OldInvoice = """
        {"id":"in_1","object":"invoice","amount_due":2000,"amount_paid":0,"amount_remaining":2000,"charge":"ch_1",
        "created":1767225600,"currency":"usd","customer":"cus_1","due_date":1767312000,"metadata":{},"number":null,
        "paid":false,"payment_intent":"pi_1","status":"open","status_transitions":{"paid_at":null},
        "subscription":"sub_1","subscription_details":{"metadata":{"operation_key":"op1"}}}
        """;

    public const string Payment = """
        {"id":"pi_1","object":"payment_intent","amount":2000,"amount_received":2000,"created":1767225600,"currency":"usd",
        "customer":"cus_1","last_payment_error":null,"latest_charge":{"id":"ch_1","object":"charge","amount_refunded":500,
        "receipt_url":"https://r/1"},"metadata":{"request_id":"prq_1"},"payment_method":"pm_1","status":"succeeded"}
        """;

    public const string Charge = """
        {"id":"ch_1","object":"charge","amount":2000,"amount_captured":2000,"amount_refunded":700,"created":1767225600,
        "currency":"usd","customer":"cus_1","failure_message":null,"metadata":{"request_id":"prq_1"},"paid":true,
        "payment_intent":"pi_1","receipt_url":"https://r/1","refunded":false,"status":"succeeded"}
        """;

    public const string Refund = """
        {"id":"re_1","object":"refund","amount":700,"charge":"ch_1","created":1767225600,"currency":"usd",
        "metadata":{"refund_id":"rfd_1"},"payment_intent":"pi_1","reason":"requested_by_customer","status":"requires_action"}
        """;

    public const string Dispute = """
        {"id":"du_1","object":"dispute","amount":2000,"balance_transactions":[{"id":"txn_1","amount":-2000,"fee":1500,
        "reporting_category":"dispute"},{"id":"txn_2","amount":2000,"fee":0,"reporting_category":"dispute_reversal"}],
        "charge":"ch_1","created":1767225600,"currency":"usd","evidence_details":{"due_by":1768000000,"has_evidence":false},
        "payment_intent":"pi_1","reason":"fraudulent","status":"won"}
        """;

    public const string PaymentMethod = """
        {"id":"pm_1","object":"payment_method","card":{"brand":"visa","display_brand":"visa","exp_month":12,"exp_year":2030,
        "last4":"4242"},"created":1767225600,"customer":"cus_1","livemode":false,"type":"card"}
        """;

    public const string Customer = """
        {"id":"cus_1","object":"customer","created":1767225600,"email":"a@example.com","invoice_settings":
        {"default_payment_method":"pm_1"},"livemode":false,"metadata":{"billing_account_id":"ba_1"}}
        """;

    public const string Payout = """
        {"id":"po_1","object":"payout","amount":90000,"arrival_date":1767400000,"automatic":true,"created":1767225600,
        "currency":"usd","status":"in_transit","type":"bank_account"}
        """;

    /// <summary>An event about an object.</summary>
    public static string Event(string type, string about, string? before = null) =>
        $$"""
        {"id":"evt_1","object":"event","api_version":"2026-10-28.endive","created":1767225605,"data":{"object":{{about}}
        {{(before is null ? "" : $",\"previous_attributes\":{before}")}}},"livemode":false,"pending_webhooks":1,
        "request":{"id":"req_1","idempotency_key":"k"},"type":"{{type}}"}
        """;
}
