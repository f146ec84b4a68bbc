using Npgsql;
using Quoin.Kernel;
using Quoin.Payments.Internal;
using Quoin.Platform;

namespace Quoin.Payments.RecoverSessions;

/// <summary>Requests with the pages they opened, and pages without a request, in the order they began.</summary>
internal sealed class SessionReader(NpgsqlDataSource database, PaymentsOptions options, TimeProvider time)
{
    // $2 is now, $3 the latest end an open page may have had: past the grace, in which its news comes by itself.
    private const string SessionsSql = """
        with sessions as (
            select request.request_id as place, request.request_id, checkout.checkout_id, request.org_id,
                request.billing_account_id, request.provider, request.mode, request.action,
                coalesce(checkout.flow, request.flow) as flow, request.status as request_status,
                checkout.status as checkout_status, request.failure_code, request.failure_reason,
                request.recovery_attempts, request.lease_expires_at, request.replay_deadline_at,
                coalesce(checkout.expires_at, request.expires_upper_bound_at) as expires_at, checkout.amount_minor,
                checkout.currency, request.operation_key, checkout.provider_checkout_id, request.created_at,
                greatest(request.updated_at, checkout.updated_at) as changed_at
            from payments.requests request
            left join payments.checkouts checkout
                on checkout.org_id = request.org_id
                and checkout.request_id = request.request_id
            where ($1::uuid is null or request.org_id = $1)
            union all
            select checkout_id, null, checkout_id, org_id, billing_account_id, provider, mode,
                case when is_of_link then 'payment_link' else 'checkout' end, flow, null, status, null, null, 0, null, null,
                expires_at, amount_minor, currency, operation_key, provider_checkout_id, created_at, updated_at
            from payments.checkouts
            where request_id is null
              and ($1::uuid is null or org_id = $1)
        ), judged as (
            select *, case
                    when checkout_status = 'completed_pending_subscription' then 'subscription_missing'
                    when checkout_status = 'recovery_verification_pending' then 'outcome_unknown'
                    when checkout_status = 'open' and expires_at <= $3 then 'not_closed'
                    when request_status = 'pending' and (lease_expires_at is null or lease_expires_at <= $2)
                        then 'worker_stopped'
                    else 'none'
                end as trouble
            from sessions
        )
        select place, request_id, checkout_id, org_id, billing_account_id, provider, mode, action, flow, request_status,
            checkout_status, trouble, failure_code, failure_reason, recovery_attempts, lease_expires_at, replay_deadline_at,
            expires_at, amount_minor, currency, operation_key, provider_checkout_id, created_at, changed_at
        from judged
        """;

    private const string ListSql = $"""
        {SessionsSql}
        where ($4::uuid is null or billing_account_id = $4)
          and ($5::uuid is null or place < $5)
          and (not $6 or trouble <> 'none')
        order by place desc
        limit $7
        """;

    /// <summary>Sessions, the newest first.</summary>
    public Task<IReadOnlyList<PaymentSession>> List(
        OrgId? org, BillingAccountId? account, bool isStuck, Guid? before, int count, CancellationToken cancellationToken)
    {
        var now = Instant.Now(time);
        return database.Sql(ListSql, org?.Value, now, now - options.Grace, account?.Value, before, isStuck, count)
            .All(Read, cancellationToken);
    }

    private const string FindSql = $"""
        {SessionsSql}
        where request_id = $4
           or checkout_id = $4
        """;

    /// <summary>A session by its request or its page; null when there is none, or it is another organisation's.</summary>
    public async Task<PaymentSession?> Find(OrgId? org, string id, CancellationToken cancellationToken)
    {
        if (!IdText.TryParse(PaymentRequestId.Prefix, id, out var read) && !IdText.TryParse(CheckoutId.Prefix, id, out read))
        {
            return null;
        }

        var now = Instant.Now(time);
        return await database.Sql(FindSql, org?.Value, now, now - options.Grace, read).Only(Read, cancellationToken);
    }

    private static PaymentSession Read(NpgsqlDataReader row)
    {
        PaymentRequestId? request = row.IdOrNull(1) is { } one ? new PaymentRequestId(one) : null;
        CheckoutId? checkout = row.IdOrNull(2) is { } other ? new CheckoutId(other) : null;
        return new PaymentSession(
            request?.ToString() ?? checkout!.Value.ToString(),
            request,
            checkout,
            new OrgId(row.GetGuid(3)),
            new BillingAccountId(row.GetGuid(4)),
            row.GetString(5),
            row.Mode(6),
            row.GetString(7),
            row.IsDBNull(8) ? null : row.Word<CheckoutFlow>(8),
            row.IsDBNull(9) ? null : row.Word<RequestStatus>(9),
            row.IsDBNull(10) ? null : row.Word<CheckoutStatus>(10),
            row.Word<SessionTrouble>(11),
            row.TextOrNull(12),
            row.TextOrNull(13),
            row.GetInt32(14),
            row.InstantOrNull(15),
            row.InstantOrNull(16),
            row.InstantOrNull(17),
            row.NumberOrNull(18) is { } minor && row.TextOrNull(19) is { } currency
                ? MinorUnits.ToMoney(minor, Currency.Of(currency))
                : null,
            row.GetString(20),
            row.TextOrNull(21),
            row.Instant(22),
            row.Instant(23))
        {
            Place = row.GetGuid(0),
        };
    }
}
