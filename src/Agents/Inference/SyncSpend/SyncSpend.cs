using Microsoft.Extensions.Logging;
using Npgsql;
using Quoin.Inference.Internal;
using Quoin.Kernel;
using Quoin.Metering;
using Quoin.Platform;

namespace Quoin.Inference;

/// <summary>
/// Reads calls that other gateways made and records them as usage. Each turn reads one page of one source: (1) the stretch
/// of time it is at, from a while before what was read last; (2) a page of its calls, outside any transaction; (3) in one
/// transaction, usage of those that are new, and how far it was read. A call is recorded once, by its id, however often it is
/// read; who dies in between begins again where the last page ended.
/// </summary>
internal sealed class SyncSpend(
    NpgsqlDataSource database,
    SpendLogClient client,
    CallPrices prices,
    Metering.Metering metering,
    IdSource ids,
    TimeProvider time,
    ILogger<SyncSpend> logger)
{
    /// <summary>The pump's name.</summary>
    public const string Pump = "inference.sync_spend";

    /// <summary>Reads one page; whether one was due.</summary>
    public async Task<bool> Run(PumpTurn turn, CancellationToken cancellationToken)
    {
        if (await SpendSourceRows.Due(database, turn.Shards, Instant.Now(time), cancellationToken) is not { } source)
        {
            return false;
        }

        // 1
        var to = source.WindowTo ?? Earlier(Instant.Now(time), source.ReadTo + Limits.SpendWindowLongest);
        ExternalCalls page;
        try
        {
            // 2
            (page, to) = await Read(source, to, cancellationToken);
        }
        catch (SpendNotReadException reason)
        {
            Log.SpendNotRead(logger, source.Org, source.Name, reason.Message);
            await Keep(turn, Failed(source, reason.Message), [], cancellationToken);
            return true;
        }

        // 3
        var events = new List<UsageEvent>();
        foreach (var call in page.Calls.Where(call => !call.Usage.IsNone && call.At >= source.BeginsAt).DistinctBy(call => call.Id))
        {
            events.Add(await EventOf(source, call, cancellationToken));
        }

        await Keep(turn, After(source, page, to), events, cancellationToken);
        return true;
    }

    // A stretch with too many pages is cut; where it was begun it stays as it is, or pages would shift.
    private async Task<(ExternalCalls Page, DateTimeOffset To)> Read(
        SpendSource source, DateTimeOffset to, CancellationToken cancellationToken)
    {
        var from = source.ReadTo - Limits.SpendOverlap;
        from = from > source.BeginsAt ? from : source.BeginsAt;
        var page = await client.Page(source, from, to, source.NextPage, cancellationToken);
        while (page.TotalPages > Limits.SpendPagesMax
            && source.NextPage == 1
            && (to - source.ReadTo) / 2 is var half && half >= Limits.SpendWindowShortest)
        {
            to = source.ReadTo + half;
            page = await client.Page(source, from, to, source.NextPage, cancellationToken);
        }

        return (page, to);
    }

    private async Task<UsageEvent> EventOf(SpendSource source, ExternalCall call, CancellationToken cancellationToken)
    {
        var made = new ModelCall(
            ids.Next<CallId>(),
            source.Org,
            source.BillingAccount,
            call.Key ?? source.Name,
            Protocol.OpenAiChat,
            call.Answered.Model,
            [call.Answered],
            IsStream: false,
            call.At)
        {
            Session = call.Session,
            User = call.User,
        };

        // As calls of our own: what has no finer price is counted as what it is a sort of.
        var priced = await prices.Price(made, null, call.Answered, call.Usage, call.At, cancellationToken)
            ?? throw new InvalidOperationException($"{source.Org} has no account {source.BillingAccount}.");
        if (call.Spend is { } spend)
        {
            priced.Data.Count("litellm_spend", spend);
        }

        return new UsageEvent(
            source.Org,
            source.BillingAccount,
            $"litellm/{source.Name}",
            call.Id,
            CompletionData.EventType,
            call.At,
            priced.Data.ToJson())
        {
            CorrelationId = call.Id,
        };
    }

    private async Task Keep(
        PumpTurn turn, SpendSource source, IReadOnlyList<UsageEvent> events, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (events.Count > 0)
        {
            var recorded = await metering.RecordWithin(transaction, events, cancellationToken);
            source = Counted(source, recorded);
        }

        // Somebody may have changed it, or removed it, while it was read: then this page was never read.
        if (!await SpendSourceRows.Advance(transaction, source, cancellationToken))
        {
            return;
        }

        await turn.Guard(transaction, cancellationToken);
        await transaction.CommitAsync(CancellationToken.None);
        metering.HintRecorded();
    }

    // A call that was recorded at other prices says the same in other words: it is known all the same.
    private SpendSource Counted(SpendSource source, IReadOnlyList<RecordedUsage> recorded)
    {
        var refused = recorded.Where(one => one.Verdict == Verdict.Rejected).ToList();
        if (refused is [var first, ..])
        {
            Log.SpendRefused(logger, refused.Count, source.Org, source.Name, first.Reason ?? "");
        }

        return source with
        {
            Recorded = source.Recorded + recorded.Count(one => one.Verdict == Verdict.Accepted),
            Known = source.Known + recorded.Count(one => one.Verdict is Verdict.Duplicate or Verdict.Conflict),
            Refused = source.Refused + refused.Count,
            LastRefusal = refused.Count > 0 ? refused[0].Reason : source.LastRefusal,
        };
    }

    private SpendSource After(SpendSource source, ExternalCalls page, DateTimeOffset to)
    {
        var now = Instant.Now(time);
        var isLast = source.NextPage >= page.TotalPages;
        return source with
        {
            ReadTo = isLast ? to : source.ReadTo,
            WindowTo = isLast ? null : to,
            NextPage = isLast ? 1 : source.NextPage + 1,
            NextAt = isLast && to > now - Limits.SpendReadEvery ? now + Limits.SpendReadEvery : now,
            Failures = 0,
            LastError = null,
            LastReadAt = now,
            Refused = source.Refused + page.Unreadable,
            LastRefusal = page.Unreadable > 0 ? "It has no id, no time or no model." : source.LastRefusal,
        };
    }

    private SpendSource Failed(SpendSource source, string reason)
    {
        var pause = Limits.SpendRetryFirst * Math.Pow(2, Math.Min(source.Failures, 10));
        return source with
        {
            NextAt = Instant.Now(time) + (pause < Limits.SpendRetryLongest ? pause : Limits.SpendRetryLongest),
            Failures = source.Failures + 1,
            LastError = reason,
        };
    }

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;
}
