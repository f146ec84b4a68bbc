using Microsoft.Extensions.Logging;
using Npgsql;
using Quoin.Inference.Internal;
using Quoin.Kernel;
using Quoin.Metering;
using Quoin.Platform;

namespace Quoin.Inference;

/// <summary>
/// Reads calls that other gateways made and records them as usage. Each turn reads one page of one source: (1) the stretch
/// of time it is at, of one of the <see cref="SpendPasses"/>; (2) a page of its calls, outside any transaction; (3) in one
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
        var stretch = SpendPasses.Next(source, Instant.Now(time));
        try
        {
            // 2
            (var page, stretch) = await Read(source, stretch, cancellationToken);

            // 3
            await TakeIn(turn, source, page, stretch, cancellationToken);
        }
        catch (SpendNotReadException reason)
        {
            Log.SpendNotRead(logger, source.Org, source.Name, reason.Message);
            await Keep(turn, Failed(source, reason.Message), cancellationToken);
        }
        catch (Exception failure) when (IsOfSource(failure, cancellationToken))
        {
            // Nobody foresaw it, but it comes from what this source answered: unless it is put off, no other would be read.
            Log.SpendNotTakenIn(logger, source.Org, source.Name, failure);
            await Keep(turn, Failed(source, $"Its calls could not be taken in: {failure.GetType().Name}."), cancellationToken);
        }

        return true;
    }

    // What ends the turn whichever source is read is no source's fault.
    private static bool IsOfSource(Exception failure, CancellationToken cancellationToken) =>
        !cancellationToken.IsCancellationRequested && failure is not LeaseLostException && !TransientFailure.Is(failure);

    // A stretch with too many pages is cut; once its first page is kept it stays as it is, or pages would shift.
    private async Task<(ExternalCalls Page, SpendStretch Stretch)> Read(
        SpendSource source, SpendStretch stretch, CancellationToken cancellationToken)
    {
        var page = await client.Page(source, stretch, source.NextPage, cancellationToken);
        while (page.TotalPages > Limits.SpendPagesMax && source.NextPage == 1 && SpendPasses.Half(stretch) is { } half)
        {
            stretch = half;
            page = await client.Page(source, stretch, source.NextPage, cancellationToken);
        }

        return (page, stretch);
    }

    private async Task TakeIn(
        PumpTurn turn, SpendSource source, ExternalCalls page, SpendStretch stretch, CancellationToken cancellationToken)
    {
        var calls = page.Calls
            .Where(call => !call.Usage.IsNone && call.BegunAt >= source.BeginsAt)
            .DistinctBy(call => call.Id)
            .ToList();
        var events = new List<UsageEvent>(calls.Count);
        foreach (var call in calls)
        {
            events.Add(await EventOf(source, call, cancellationToken));
        }

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var after = After(source, page, stretch);
        if (events.Count > 0)
        {
            var recorded = await metering.RecordWithin(transaction, events, cancellationToken);
            after = Counted(after, recorded) with
            {
                Late = after.Late + calls.Zip(recorded).Count(one =>
                    SpendPasses.FindsLate(stretch.Pass)
                    && one.First.BegunAt <= source.ReadTo
                    && one.Second.Verdict == Verdict.Accepted),
            };
        }

        if (await Commit(turn, transaction, after, cancellationToken))
        {
            metering.HintRecorded();
        }
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
            ?? throw new SpendNotReadException($"There is no billing account {source.BillingAccount} to charge.");
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

    private async Task Keep(PumpTurn turn, SpendSource source, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await Commit(turn, transaction, source, cancellationToken);
    }

    // Somebody may have changed it, or removed it, while it was read: then this page was never read.
    private static async Task<bool> Commit(
        PumpTurn turn, NpgsqlTransaction transaction, SpendSource source, CancellationToken cancellationToken)
    {
        if (!await SpendSourceRows.Advance(transaction, source, cancellationToken))
        {
            return false;
        }

        await turn.Guard(transaction, cancellationToken);
        await transaction.CommitAsync(CancellationToken.None);
        return true;
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

    private SpendSource After(SpendSource source, ExternalCalls page, SpendStretch stretch)
    {
        var now = Instant.Now(time);
        var read = source with
        {
            Failures = 0,
            LastError = null,
            LastReadAt = now,
            Refused = source.Refused + page.Unreadable,
            LastRefusal = page.Unreadable > 0 ? "It has no id, no time or no model." : source.LastRefusal,
        };
        if (source.NextPage < page.TotalPages)
        {
            return read with
            {
                WindowPass = stretch.Pass,
                WindowTo = stretch.To,
                WindowBegunAt = stretch.BegunAt,
                NextPage = source.NextPage + 1,
                NextAt = now,
            };
        }

        read = read with
        {
            PassedTo = SpendPasses.After(source, stretch),
            WindowPass = 0,
            WindowTo = null,
            WindowBegunAt = null,
            NextPage = 1,
        };
        return read with { NextAt = SpendPasses.NextAt(read, now) };
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
}
