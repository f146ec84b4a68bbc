using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Payments.Internal;

namespace Quoin.Payments.ExploreBilling;

/// <summary>
/// What each source looks like as an event: the same columns of all, so that they can be searched and put in one order. A
/// row's links are everything that names it or that it names; what shares one belongs together.
/// </summary>
internal static class BillingSources
{
    private const string Requests = """
        select 'request' as source, request_id as id, org_id, billing_account_id, provider, mode, action as type, status,
            created_at as recorded_at, updated_at as changed_at, concat_ws(': ', failure_code, failure_reason) as message,
            operation_key, null as event_id, provider_object_id as object_id, null::bigint as amount_minor, null as currency,
            array[operation_key, provider_object_id, request_id::text] as links,
            provider_request_id as call_id
        from payments.requests
        """;

    private const string Checkouts = """
        select 'checkout' as source, checkout_id as id, org_id, billing_account_id, provider, mode, flow as type, status,
            created_at as recorded_at, updated_at as changed_at, null as message, operation_key, last_event_id as event_id,
            provider_checkout_id as object_id, amount_minor, currency,
            array[operation_key, provider_checkout_id, checkout_id::text, request_id::text, provider_subscription_id,
                provider_payment_id, provider_invoice_id, last_event_id] as links, null as call_id
        from payments.checkouts
        """;

    private const string Subscriptions = """
        select 'subscription' as source, subscription_id as id, org_id, billing_account_id, provider, mode,
            case when is_current then 'current' else 'other' end as type, status, created_at as recorded_at,
            updated_at as changed_at, null as message, operation_key, last_event_id as event_id,
            provider_subscription_id as object_id, null::bigint as amount_minor, null as currency,
            array[operation_key, provider_subscription_id, subscription_id::text, last_event_id] as links, null as call_id
        from payments.subscriptions
        """;

    private const string Invoices = """
        select 'invoice' as source, invoice_id as id, org_id, billing_account_id, provider, mode,
            case when provider_subscription_id is null then 'one_off' else 'subscription' end as type, status,
            created_at as recorded_at, updated_at as changed_at, number as message, operation_key, last_event_id as event_id,
            provider_invoice_id as object_id, due_minor as amount_minor, currency,
            array[operation_key, provider_invoice_id, invoice_id::text, provider_payment_id, provider_subscription_id,
                last_event_id] as links, null as call_id
        from payments.invoices
        """;

    private const string Payments = """
        select 'payment' as source, payment_id as id, org_id, billing_account_id, provider, mode, kind as type, status,
            created_at as recorded_at, updated_at as changed_at, failure_message as message, operation_key,
            last_event_id as event_id, provider_payment_id as object_id, amount_minor, currency,
            array[operation_key, provider_payment_id, payment_id::text, provider_charge_id, invoice_id::text,
                checkout_id::text, request_id::text, last_event_id] as links, null as call_id
        from payments.payments
        """;

    private const string MethodSyncs = """
        select 'payment_method_sync' as source, sync_id as id, org_id, billing_account_id, provider, mode, kind as type, status,
            at as recorded_at, at as changed_at, problem as message, null as operation_key, provider_event_id as event_id,
            null as object_id, null::bigint as amount_minor, null as currency,
            array[sync_id::text, provider_event_id] as links, null as call_id
        from payments.payment_method_syncs
        """;

    private const string Webhooks = """
        select 'webhook_event' as source, webhook_event_id as id, org_id, billing_account_id, provider, mode,
            event_type as type, state as status, received_at as recorded_at,
            coalesce(finished_at, failed_at, received_at) as changed_at, coalesce(error, effect) as message, operation_key,
            provider_event_id as event_id, provider_object_id as object_id, null::bigint as amount_minor, null as currency,
            array[operation_key, provider_event_id, provider_object_id, webhook_event_id::text] as links, null as call_id
        from payments.webhook_events
        """;

    private const string Remediations = """
        select 'remediation' as source, remediation_id as id, org_id, billing_account_id, provider, mode, action as type, status,
            created_at as recorded_at, updated_at as changed_at, coalesce(error, resolution) as message, operation_key,
            provider_event_id as event_id, duplicate_provider_id as object_id, null::bigint as amount_minor, null as currency,
            array[operation_key, duplicate_provider_id, remediation_id::text, provider_event_id] as links, null as call_id
        from payments.remediations
        """;

    private const string Runs = """
        select 'reconciliation_run' as source, run_id as id, null::uuid as org_id, null::uuid as billing_account_id, provider,
            mode, scope as type, status, started_at as recorded_at, coalesce(finished_at, started_at) as changed_at,
            coalesce(error, scanned_count || ' looked at, ' || drift_count || ' did not fit, ' || repaired_count
                || ' repaired') as message,
            null as operation_key, null as event_id, null as object_id, null::bigint as amount_minor, null as currency,
            array[run_id::text] as links, null as call_id
        from payments.reconciliation_runs
        """;

    private const string RunFindings = """
        select 'reconciliation_finding' as source, finding_id as id, org_id, billing_account_id, null as provider, null as mode,
            kind as type, case when is_repaired then 'repaired' else 'open' end as status, found_at as recorded_at,
            found_at as changed_at, concat_ws(', ', 'here ' || stored, 'there ' || said, error) as message, null as operation_key,
            null as event_id, subject as object_id, null::bigint as amount_minor, null as currency,
            array[finding_id::text, subject] as links, null as call_id
        from payments.reconciliation_findings
        """;

    private const string Purchases = """
        select 'purchase' as source, purchase_id as id, org_id, billing_account_id, provider, mode, 'credit' as type, status,
            created_at as recorded_at, updated_at as changed_at, null as message, operation_key, null as event_id,
            provider_payment_id as object_id, amount_minor, currency,
            array[operation_key, provider_payment_id, purchase_id::text, request_id::text, payment_id::text, grant_id::text]
                as links, null as call_id
        from payments.purchases
        """;

    private const string Refunds = """
        select 'refund' as source, refund_id as id, org_id, billing_account_id, provider, mode, kind as type, status,
            requested_at as recorded_at, updated_at as changed_at, coalesce(failure, reason) as message,
            null as operation_key, null as event_id, provider_refund_id as object_id, amount_minor, currency,
            array[refund_id::text, payment_id::text, purchase_id::text, provider_payment_id, provider_refund_id] as links, null as call_id
        from payments.refunds
        """;

    private const string Disputes = """
        select 'dispute' as source, dispute_id as id, org_id, billing_account_id, provider, mode, reason as type, status,
            created_at as recorded_at, updated_at as changed_at, null as message, null as operation_key, null as event_id,
            provider_dispute_id as object_id, amount_minor, currency,
            array[dispute_id::text, payment_id::text, provider_dispute_id] as links, null as call_id
        from payments.disputes
        """;

    private const string Charges = """
        select 'auto_top_up_charge' as source, charge_id as id, org_id, billing_account_id, provider, mode,
            'auto_top_up' as type, status, created_at as recorded_at, updated_at as changed_at, failure_message as message,
            operation_key, null as event_id, provider_payment_id as object_id, amount_minor, currency,
            array[operation_key, provider_payment_id, charge_id::text] as links, null as call_id
        from payments.auto_top_up_charges
        """;

    private const string Postings = """
        select 'posting' as source, transfer_id as id, org_id, billing_account_id, provider, mode, kind as type,
            'posted' as status, posted_at as recorded_at, posted_at as changed_at, key as message, null as operation_key,
            null as event_id, posting.source as object_id, clearing_minor as amount_minor, currency,
            array[transfer_id::text, posting.source, grant_id::text] as links, null as call_id
        from payments.postings posting
        """;

    private const string Findings = """
        select 'finding' as source, finding_id as id, org_id, billing_account_id, null as provider, null as mode, kind as type,
            case when resolved_at is null then 'open' else 'resolved' end as status, found_at as recorded_at,
            coalesce(resolved_at, found_at) as changed_at, concat_ws(' ', detail, resolution) as message,
            null as operation_key, null as event_id, subject as object_id, amount_minor, currency,
            array[finding_id::text, subject] as links, null as call_id
        from payments.findings
        """;

    private const string Links = """
        select 'payment_link' as source, payment_link_id as id, org_id, billing_account_id, provider, mode,
            case when gives_credit then 'credit' else 'items' end as type,
            case when is_active then 'active' else 'ended' end as status, created_at as recorded_at,
            updated_at as changed_at, url as message, operation_key, null as event_id, provider_link_id as object_id,
            amount_minor, currency, array[operation_key, provider_link_id, payment_link_id::text, request_id::text] as links,
            null as call_id
        from payments.payment_links
        """;

    private static readonly Dictionary<BillingSource, (string Sql, string Prefix)> Stored = new()
    {
        [BillingSource.Request] = (Requests, PaymentRequestId.Prefix),
        [BillingSource.PaymentLink] = (Links, PaymentLinkId.Prefix),
        [BillingSource.Checkout] = (Checkouts, CheckoutId.Prefix),
        [BillingSource.Subscription] = (Subscriptions, SubscriptionId.Prefix),
        [BillingSource.Invoice] = (Invoices, PaymentInvoiceId.Prefix),
        [BillingSource.Payment] = (Payments, PaymentId.Prefix),
        [BillingSource.PaymentMethodSync] = (MethodSyncs, "pms"),
        [BillingSource.WebhookEvent] = (Webhooks, WebhookEventId.Prefix),
        [BillingSource.Remediation] = (Remediations, RemediationId.Prefix),
        [BillingSource.ReconciliationRun] = (Runs, PaymentReconciliationId.Prefix),
        [BillingSource.ReconciliationFinding] = (RunFindings, "prf"),
        [BillingSource.Purchase] = (Purchases, PurchaseId.Prefix),
        [BillingSource.Refund] = (Refunds, RefundId.Prefix),
        [BillingSource.Dispute] = (Disputes, DisputeId.Prefix),
        [BillingSource.AutoTopUpCharge] = (Charges, AutoTopUpChargeId.Prefix),
        [BillingSource.Posting] = (Postings, TransferId.Prefix),
        [BillingSource.Finding] = (Findings, FindingId.Prefix),
    };

    /// <summary>One statement over some sources, each cut to as many rows as are wanted before they are put together.</summary>
    public static string Union(IEnumerable<BillingSource> sources, string where, string order)
    {
        var parts = sources.Where(Stored.ContainsKey)
            .Select(source => $"(select * from ({Stored[source].Sql}) one {where} {order})");
        return $"select * from ({string.Join("\nunion all\n", parts)}) found {order}";
    }

    /// <summary>An id as it looks outside.</summary>
    public static string IdOf(BillingSource source, Guid id) => IdText.Format(Stored[source].Prefix, id);

    /// <summary>Which source an id of ours is of; null when it is none's.</summary>
    public static (BillingSource Source, Guid Id)? Read(string text)
    {
        foreach (var (source, (_, prefix)) in Stored)
        {
            if (IdText.TryParse(prefix, text, out var id))
            {
                return (source, id);
            }
        }

        return null;
    }

    /// <summary>How a name of something stands among links: ids of ours without their prefix, all others as they are.</summary>
    public static string LinkOf(string reference) =>
        Read(reference) is { } read ? read.Id.ToString()
        : IdText.TryParse(GrantId.Prefix, reference, out var grant) ? grant.ToString()
        : reference;

    /// <summary>Reads a row of <see cref="Union"/>.</summary>
    public static BillingEvent Event(Npgsql.NpgsqlDataReader row)
    {
        var source = row.Word<BillingSource>(0);
        var message = row.TextOrNull(10);
        return new BillingEvent(
            IdOf(source, row.GetGuid(1)),
            source,
            row.IdOrNull(2) is { } org ? new OrgId(org) : null,
            row.IdOrNull(3) is { } account ? new BillingAccountId(account) : null,
            row.TextOrNull(4),
            row.IsDBNull(5) ? null : row.Mode(5),
            row.GetString(6),
            row.GetString(7),
            row.Instant(8),
            row.Instant(9),
            string.IsNullOrEmpty(message) ? null : message,
            row.TextOrNull(11),
            row.TextOrNull(12),
            row.TextOrNull(13),
            row.NumberOrNull(14) is { } minor && row.TextOrNull(15) is { } currency
                ? MinorUnits.ToMoney(minor, Currency.Of(currency))
                : null)
        {
            Place = row.GetGuid(1),
            Links = [.. row.GetFieldValue<string?[]>(16).OfType<string>()],
            ProviderRequestId = row.TextOrNull(17),
        };
    }
}
