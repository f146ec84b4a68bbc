using Npgsql;
using Quoin.Kernel;
using Quoin.Payments.RecoverRequests;
using Quoin.Platform;

namespace Quoin.Payments.Internal;

/// <summary>What a sweep removed, or would.</summary>
/// <param name="Payloads">Contents of events that are done with.</param>
/// <param name="Requests">Finished requests.</param>
/// <param name="Runs">Runs of reconciliation, with what they found.</param>
public sealed record PaymentSweep(long Payloads, long Requests, long Runs);

/// <summary>
/// Forgets what is old: what events said that are done with, finished requests, old runs. What failed keeps what it said, or
/// nobody could go through it again; a request stays while a checkout of it blocks, or somebody may still pay for it.
/// </summary>
internal sealed class SweepPayments(
    NpgsqlDataSource database, ForgetRequests forgetting, PaymentsOptions options, TimeProvider time)
{
    /// <summary>How often what is old is looked for.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromHours(1);

    private const string OldPayloads = """
        select payload.webhook_event_id
        from payments.webhook_payloads payload
        join payments.webhook_events event on event.webhook_event_id = payload.webhook_event_id
        where payload.webhook_event_id < $1
          and event.state = 'processed'
        """;

    private const string OldRequests = """
        select org_id, request_id
        from payments.requests request
        where status <> 'pending'
          and finished_at < $1
          and (expires_upper_bound_at is null or expires_upper_bound_at < $1)
          and not exists (
              select
              from payments.checkouts checkout
              where checkout.org_id = request.org_id
                and checkout.request_id = request.request_id
                and checkout.status in ('open', 'completed_pending_subscription', 'recovery_verification_pending'))
        """;

    private const string OldRuns = """
        select run_id
        from payments.reconciliation_runs
        where run_id < $1
          and status <> 'running'
        """;

    private const string PayloadsSql =
        $"delete from payments.webhook_payloads where webhook_event_id in ({OldPayloads} order by 1 limit $2)";

    private const string RunsSql = $"""
        with old as ({OldRuns} order by run_id limit $2), findings as (
            delete from payments.reconciliation_findings where run_id in (select run_id from old)
        )
        delete from payments.reconciliation_runs where run_id in (select run_id from old)
        """;

    /// <summary>Removes what is old, in small pieces; what is left is the next sweep's.</summary>
    public async Task<PaymentSweep> Run(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        return new PaymentSweep(
            await InPieces(
                () => database.Sql(PayloadsSql, IdSource.LowerBound(now - options.NewsKeptFor), WebhookLimits.SweptAtOnce),
                cancellationToken),
            await forgetting.Forget(cancellationToken),
            await InPieces(
                () => database.Sql(
                    RunsSql, IdSource.LowerBound(now - ReconciliationLimits.RunsKeptFor), WebhookLimits.SweptAtOnce),
                cancellationToken));
    }

    /// <summary>Counts what a sweep would remove now.</summary>
    public async Task<PaymentSweep> Count(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        return new PaymentSweep(
            await Count(
                database.Sql($"select count(*) from ({OldPayloads}) old", IdSource.LowerBound(now - options.NewsKeptFor)),
                cancellationToken),
            await Count(
                database.Sql($"select count(*) from ({OldRequests}) old", now - options.RequestsKeptFor),
                cancellationToken),
            await Count(
                database.Sql(
                    $"select count(*) from ({OldRuns}) old",
                    IdSource.LowerBound(now - ReconciliationLimits.RunsKeptFor)),
                cancellationToken));
    }

    private static async Task<long> InPieces(Func<NpgsqlCommand> piece, CancellationToken cancellationToken)
    {
        long removed = 0;
        for (var sweep = 0; sweep < WebhookLimits.SweepsMax; sweep++)
        {
            var count = await piece().Run(cancellationToken);
            removed += count;
            if (count == 0)
            {
                break;
            }
        }

        return removed;
    }

    private static async Task<long> Count(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var owned = command;
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
