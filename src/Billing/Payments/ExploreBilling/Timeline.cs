using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Payments.Internal;
using Quoin.Platform;

namespace Quoin.Payments.ExploreBilling;

/// <summary>
/// What happened to one billing account, each thing at its own instant: a row that was opened, paid and given back is three
/// entries. What is the machine's own, such as the provider's news, is for operators alone.
/// </summary>
internal sealed class Timeline(NpgsqlDataSource database)
{
    // Every part names the account, whose rows are few; what a row never came to has no instant and no entry.
    private const string Checkouts = """
        select 'checkout' as source, checkout_id as id, status, flow as note, amount_minor, currency, operation_key,
            last_event_id as event_id, provider_checkout_id as object_id, moment, at
        from payments.checkouts
        cross join lateral (values ('checkout_opened', created_at), ('checkout_completed', completed_at),
            (case status when 'expired' then 'checkout_expired' else 'checkout_abandoned' end,
                case when status in ('expired', 'abandoned') then updated_at end)) moments (moment, at)
        where org_id = $1
          and billing_account_id = $2
        """;

    private const string Links = """
        select 'payment_link' as source, payment_link_id as id, case when is_active then 'active' else 'ended' end as status,
            null as note, amount_minor, currency, operation_key, null as event_id, provider_link_id as object_id, moment, at
        from payments.payment_links
        cross join lateral (values ('payment_link_made', created_at), ('payment_link_ended', deactivated_at))
            moments (moment, at)
        where org_id = $1
          and billing_account_id = $2
        """;

    private const string Subscriptions = """
        select 'subscription' as source, subscription_id as id, status, null as note, null::bigint as amount_minor,
            null as currency, operation_key, last_event_id as event_id, provider_subscription_id as object_id, moment, at
        from payments.subscriptions
        cross join lateral (values ('subscription_started', coalesce(provider_created_at, created_at)),
            ('subscription_cancellation_asked', canceled_at), ('subscription_ended', ended_at)) moments (moment, at)
        where org_id = $1
          and billing_account_id = $2
        """;

    private const string Invoices = """
        select 'invoice' as source, invoice_id as id, status, number as note, due_minor as amount_minor, currency,
            operation_key, last_event_id as event_id, provider_invoice_id as object_id, moment, at
        from payments.invoices
        cross join lateral (values ('invoice_issued', issued_at), ('invoice_paid', paid_at)) moments (moment, at)
        where org_id = $1
          and billing_account_id = $2
        """;

    private const string Payments = """
        select 'payment' as source, payment_id as id, status, failure_message as note, amount_minor, currency, operation_key,
            last_event_id as event_id, provider_payment_id as object_id, 'payment_' || status as moment,
            case status when 'succeeded' then coalesce(paid_at, updated_at) else updated_at end as at
        from payments.payments
        where org_id = $1
          and billing_account_id = $2
        """;

    private const string Purchases = """
        select 'purchase' as source, purchase_id as id, status, null as note, amount_minor, currency, operation_key,
            null as event_id, provider_payment_id as object_id, 'credit_bought' as moment, paid_at as at
        from payments.purchases
        where org_id = $1
          and billing_account_id = $2
        """;

    private const string Refunds = """
        select 'refund' as source, refund_id as id, status, coalesce(moments.note, reason) as note, amount_minor, currency,
            null as operation_key, null as event_id, provider_refund_id as object_id, moment, at
        from payments.refunds
        cross join lateral (values
            ('refund_requested', requested_at, null),
            (case when status = 'rejected' then 'refund_rejected' else 'refund_approved' end, decided_at, decision_reason),
            (case status when 'succeeded' then 'refund_succeeded' else 'refund_failed' end,
                case when status in ('succeeded', 'failed') then finished_at end, null)) moments (moment, at, note)
        where org_id = $1
          and billing_account_id = $2
        """;

    private const string Disputes = """
        select 'dispute' as source, dispute_id as id, status, reason as note, amount_minor, currency, null as operation_key,
            null as event_id, provider_dispute_id as object_id, moment, at
        from payments.disputes
        cross join lateral (values ('dispute_opened', opened_at), ('dispute_answered', evidence_submitted_at),
            ('dispute_' || case status when 'won' then 'won' when 'lost' then 'lost' else 'closed' end, closed_at))
            moments (moment, at)
        where org_id = $1
          and billing_account_id = $2
        """;

    private const string Charges = """
        select 'auto_top_up_charge' as source, charge_id as id, status, failure_message as note, amount_minor, currency,
            operation_key, null as event_id, provider_payment_id as object_id, 'auto_top_up_' || status as moment,
            coalesce(finished_at, created_at) as at
        from payments.auto_top_up_charges
        where org_id = $1
          and billing_account_id = $2
        """;

    private const string MethodSyncs = """
        select 'payment_method_sync' as source, sync_id as id, status, problem as note, null::bigint as amount_minor,
            null as currency, null as operation_key, provider_event_id as event_id, null as object_id,
            'payment_methods_' || status as moment, at
        from payments.payment_method_syncs
        where org_id = $1
          and billing_account_id = $2
        """;

    private const string Requests = """
        select 'request' as source, request_id as id, status, concat_ws(': ', action, failure_code, failure_reason) as note,
            null::bigint as amount_minor, null as currency, operation_key, null as event_id, provider_object_id as object_id,
            moment, at
        from payments.requests
        cross join lateral (values ('request_made', created_at), ('request_' || status, finished_at)) moments (moment, at)
        where org_id = $1
          and billing_account_id = $2
        """;

    private const string Webhooks = """
        select 'webhook_event' as source, webhook_event_id as id, state as status,
            concat_ws(': ', event_type, coalesce(error, effect)) as note, null::bigint as amount_minor, null as currency,
            operation_key, provider_event_id as event_id, provider_object_id as object_id, 'news_received' as moment,
            received_at as at
        from payments.webhook_events
        where org_id = $1
          and billing_account_id = $2
        """;

    private const string Remediations = """
        select 'remediation' as source, remediation_id as id, status, coalesce(error, resolution) as note,
            null::bigint as amount_minor, null as currency, operation_key, provider_event_id as event_id,
            duplicate_provider_id as object_id, moment, at
        from payments.remediations
        cross join lateral (values ('remediation_begun', created_at), ('remediation_ended', resolved_at)) moments (moment, at)
        where org_id = $1
          and billing_account_id = $2
        """;

    private const string RunFindings = """
        select 'reconciliation_finding' as source, finding_id as id,
            case when is_repaired then 'repaired' else 'open' end as status,
            concat_ws(', ', kind, 'here ' || stored, 'there ' || said, error) as note, null::bigint as amount_minor,
            null as currency, null as operation_key, null as event_id, subject as object_id, 'drift_found' as moment,
            found_at as at
        from payments.reconciliation_findings
        where org_id = $1
          and billing_account_id = $2
        """;

    private const string Findings = """
        select 'finding' as source, finding_id as id, case when resolved_at is null then 'open' else 'resolved' end as status,
            concat_ws(' ', detail, moments.note) as note, amount_minor, currency, null as operation_key, null as event_id,
            subject as object_id, moment, at
        from payments.findings
        cross join lateral (values ('finding_met', found_at, null), ('finding_resolved', resolved_at, resolution))
            moments (moment, at, note)
        where org_id = $1
          and billing_account_id = $2
        """;

    private const string Postings = """
        select 'posting' as source, transfer_id as id, 'posted' as status, kind as note, clearing_minor as amount_minor,
            currency, null as operation_key, null as event_id, posting.source as object_id, 'posted' as moment,
            posted_at as at
        from payments.postings posting
        where org_id = $1
          and billing_account_id = $2
        """;

    private static readonly string ForCustomer = Of(
        Links, Checkouts, Subscriptions, Invoices, Payments, Purchases, Refunds, Disputes, Charges);

    private static readonly string ForOperator = Of(
        Links, Checkouts, Subscriptions, Invoices, Payments, Purchases, Refunds, Disputes, Charges, MethodSyncs, Requests, Webhooks,
        Remediations, RunFindings, Findings, Postings);

    private static string Of(params string[] parts) => $"""
        select source, id, status, note, amount_minor, currency, operation_key, event_id, object_id, moment, at
        from ({string.Join("\nunion all\n", parts)}) entries
        where at is not null
          and ($3::timestamptz is null or (at, moment collate "C", id) < ($3, $4::text collate "C", $5::uuid))
        order by at desc, moment collate "C" desc, id desc
        limit $6
        """;

    /// <summary>Entries, the newest first.</summary>
    public Task<IReadOnlyList<TimelineEntry>> Read(
        BillingAccountKey account, bool isForOperator, TimelinePlace? before, int count, CancellationToken cancellationToken)
    {
        var (moment, id) = before is { } place ? Split(place.Id) : (null, null);
        return database.Sql(
            isForOperator ? ForOperator : ForCustomer,
            account.Org.Value,
            account.Account.Value,
            before?.OccurredAt,
            moment,
            id,
            count).All(row => Entry(row, isForOperator), cancellationToken);
    }

    // An entry's id: pay_…/payment_succeeded.
    private static (string? Moment, Guid? Id) Split(string id)
    {
        var cut = id.IndexOf('/', StringComparison.Ordinal);
        return BillingSources.Read(id[..Math.Max(cut, 0)]) is { } read ? (id[(cut + 1)..], read.Id) : (string.Empty, Guid.Empty);
    }

    private static TimelineEntry Entry(NpgsqlDataReader row, bool isForOperator)
    {
        var source = row.Word<BillingSource>(0);
        var (id, kind) = (BillingSources.IdOf(source, row.GetGuid(1)), row.GetString(9));

        // Why a refund was decided so is said to the audit log, not to the customer.
        var note = isForOperator || kind is not ("refund_approved" or "refund_rejected") ? row.TextOrNull(3) : null;
        return new TimelineEntry(
            $"{id}/{kind}",
            row.Instant(10),
            kind,
            source,
            id,
            row.GetString(2),
            TimelineTitles.Of(kind),
            string.IsNullOrEmpty(note) ? null : note,
            row.NumberOrNull(4) is { } minor && row.TextOrNull(5) is { } currency
                ? MinorUnits.ToMoney(minor, Currency.Of(currency))
                : null,
            isForOperator ? row.TextOrNull(6) : null,
            isForOperator ? row.TextOrNull(7) : null,
            isForOperator ? row.TextOrNull(8) : null);
    }
}
