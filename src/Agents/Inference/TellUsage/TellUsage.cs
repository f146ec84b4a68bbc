using Microsoft.Extensions.Logging;
using Npgsql;
using Quoin.Inference.Internal;
using Quoin.Kernel;
using Quoin.Metering;
using Quoin.Platform;

namespace Quoin.Inference;

/// <summary>
/// Tells Metering what settled calls used: taken out of the queue and recorded as usage in one transaction, so each is told
/// exactly once, by whichever replica.
/// </summary>
internal sealed class TellUsage(
    NpgsqlDataSource database, Metering.Metering metering, ILogger<TellUsage> logger)
{
    /// <summary>The pump's name.</summary>
    public const string Pump = "inference.tell";

    /// <summary>The source of the events; their ids are those of the calls.</summary>
    public const string Source = "quoin/inference";

    // In the order they were settled; what another replica is telling is passed over.
    private const string TakeSql = """
        delete from inference.untold
        where (org_id, request_id) in (
            select org_id, request_id
            from inference.untold
            where shard = any($1)
            order by shard, recorded_at, request_id
            limit $2
            for update skip locked)
        returning org_id, request_id, billing_account_id, occurred_at, hold, data, shard, recorded_at
        """;

    // One hold may be there for all that was settled together: whoever posts a part of it releases it for all.
    private const string TakeRestSql = """
        delete from inference.untold
        where shard = $1
            and recorded_at = $2
        returning org_id, request_id, billing_account_id, occurred_at, hold, data, shard, recorded_at
        """;

    /// <summary>Tells one batch; whether there was any.</summary>
    public async Task<bool> Run(PumpTurn turn, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var events = await Take(transaction, turn.Shards, cancellationToken);
        if (events.Count == 0)
        {
            return false;
        }

        var recorded = await metering.RecordWithin(
            transaction, [.. events.Select(one => one.Usage)], cancellationToken);
        await SetAside(transaction, events, recorded, cancellationToken);
        await turn.Guard(transaction, cancellationToken);
        await transaction.CommitAsync(CancellationToken.None);
        metering.HintRecorded();
        return true;
    }

    private static async Task<IReadOnlyList<(CallId Call, UsageEvent Usage)>> Take(
        NpgsqlTransaction transaction, IReadOnlyList<int> shards, CancellationToken cancellationToken)
    {
        var events = new List<(CallId, UsageEvent)>();
        (short Shard, DateTimeOffset RecordedAt) last;
        await using (var command = transaction.Sql(
            TakeSql, shards.Select(shard => (short)shard).ToArray(), Limits.ToldAtOnceMax))
        {
            last = await Read(command, events, cancellationToken);
        }

        if (events.Count == Limits.ToldAtOnceMax)
        {
            await using var rest = transaction.Sql(TakeRestSql, last.Shard, last.RecordedAt);
            await Read(rest, events, cancellationToken);
        }

        return events;
    }

    // What was taken last: rows come in no order.
    private static async Task<(short Shard, DateTimeOffset RecordedAt)> Read(
        NpgsqlCommand command, List<(CallId Call, UsageEvent Usage)> events, CancellationToken cancellationToken)
    {
        var last = (Shard: short.MinValue, RecordedAt: DateTimeOffset.MinValue);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var call = new CallId(reader.GetGuid(1));
            var usage = new UsageEvent(
                new OrgId(reader.GetGuid(0)),
                new BillingAccountId(reader.GetGuid(2)),
                Source,
                call.ToString(),
                CompletionData.EventType,
                reader.GetFieldValue<DateTimeOffset>(3),
                reader.GetString(5))
            {
                Subject = call.ToString(),
                Hold = reader.IsDBNull(4) ? null : reader.GetString(4),
                CorrelationId = call.ToString(),
            };
            events.Add((call, usage));
            var at = (reader.GetInt16(6), reader.GetFieldValue<DateTimeOffset>(7));
            last = at.CompareTo(last) > 0 ? at : last;
        }

        return last;
    }

    private const string ReviewSql = """
        update inference.requests
        set review = 'not_recorded'
        from unnest($1::uuid[], $2::uuid[]) as refused (org_id, request_id)
        where requests.org_id = refused.org_id
            and requests.request_id = refused.request_id
        """;

    // A fact that Metering does not take is nobody's fault and must not be lost: somebody looks at it.
    private async Task SetAside(
        NpgsqlTransaction transaction,
        IReadOnlyList<(CallId Call, UsageEvent Usage)> events,
        IReadOnlyList<RecordedUsage> recorded,
        CancellationToken cancellationToken)
    {
        var refused = new List<(Guid Org, Guid Request)>();
        foreach (var ((call, usage), outcome) in events.Zip(recorded))
        {
            if (outcome.Verdict is Verdict.Conflict or Verdict.Rejected)
            {
                refused.Add((usage.Org.Value, call.Value));
                Log.NotRecorded(logger, call, outcome.Reason ?? outcome.Verdict.ToString());
            }
        }

        if (refused.Count > 0)
        {
            await using var command = transaction.Sql(
                ReviewSql, refused.Select(one => one.Org).ToArray(), refused.Select(one => one.Request).ToArray());
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    private const string DepthSql = """
        select count(*), min(recorded_at)
        from inference.untold
        """;

    /// <summary>How many calls wait to be told, and since when.</summary>
    public async Task<StageDepth> Depth(CancellationToken cancellationToken)
    {
        await using var command = database.Sql(DepthSql);
        return await StageDepth.Read(command, cancellationToken);
    }
}
