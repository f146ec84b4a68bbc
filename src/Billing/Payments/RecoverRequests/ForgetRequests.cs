using Npgsql;
using Quoin.Payments.Internal;
using Quoin.Platform;

namespace Quoin.Payments.RecoverRequests;

/// <summary>
/// Forgets finished requests after their time. One whose page may still be paid, whose checkout is still in the way, or
/// whose payment link can be opened, is kept, however old. What a request made stays, under its operation, which the same
/// key still names: sent again after so long it is refused, and pays nothing twice.
/// </summary>
internal sealed class ForgetRequests(NpgsqlDataSource database, TimeProvider time, PaymentsOptions options)
{
    // Requests before checkouts, as every writer of an account locks them; what somebody works on waits for the next turn.
    private const string ForgetSql = """
        with old as (
            select r.org_id, r.request_id
            from payments.requests r
            where r.status <> 'pending'
              and r.finished_at < $1
              and (r.expires_upper_bound_at is null or r.expires_upper_bound_at < $1)
              and not exists (
                  select
                  from payments.checkouts c
                  where c.org_id = r.org_id
                    and c.request_id = r.request_id
                    and c.status in ('open', 'completed_pending_subscription', 'recovery_verification_pending'))
              and not exists (
                  select
                  from payments.payment_links l
                  where l.org_id = r.org_id
                    and l.request_id = r.request_id
                    and (l.is_active or l.deactivated_at >= $1))
            order by r.finished_at
            limit $2
            for update of r skip locked
        )
        delete from payments.requests r
        using old
        where r.org_id = old.org_id
          and r.request_id = old.request_id
        """;

    /// <summary>Forgets what is old enough, up to a bound.</summary>
    /// <returns>How many.</returns>
    public async Task<int> Forget(CancellationToken cancellationToken)
    {
        var before = time.GetUtcNow() - options.RequestsKeptFor;
        var forgotten = 0;
        for (var batch = 0; batch < Limits.ForgottenBatchesMax; batch++)
        {
            var count = await database.Sql(ForgetSql, before, Limits.ForgottenAtOnce).Run(cancellationToken);
            forgotten += count;
            if (count < Limits.ForgottenAtOnce)
            {
                break;
            }
        }

        return forgotten;
    }
}
