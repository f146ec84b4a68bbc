using System.Data;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Metering;
using Quoin.Platform;

namespace Quoin.Charging.Internal;

/// <summary>Goes on with a run.</summary>
/// <param name="Run">Which.</param>
internal sealed record ReconcileUsage(ReconciliationRunId Run) : IJobPayload
{
    /// <inheritdoc />
    public static string JobName => "charging.reconcile_usage";
}

/// <summary>
/// Works a run off, organisation by organisation: (1) events, buckets, queue and lines, a stretch of time after the other;
/// (2) lines and what their prices come to; (3) lines and transfers; (4) transfers without lines. Each step reads in a
/// read-only snapshot, and a second transaction writes what it found and how far it has come, guarded by the job's lease:
/// whoever takes the run over goes on behind the last step.
/// </summary>
internal sealed class RunReconciliation(
    NpgsqlDataSource database,
    ReconciliationRows rows,
    CompareUsage usage,
    CompareRating rating,
    ComparePostings postings,
    UsageTrail trail,
    UsagePostings books,
    Organisations organisations,
    ReconciliationMetrics metrics,
    ILogger<RunReconciliation> logger)
{
    private const string Usage = "usage";
    private const string Rating = "rating";
    private const string Named = "posting";
    private const string Recorded = "books";

    private static readonly TimeSpan ClockSlack = TimeSpan.FromHours(1);

    /// <summary>Works until the run is at its end, or stopped.</summary>
    /// <param name="id">The run.</param>
    /// <param name="guard">Makes a transaction fail where the run is another's by now.</param>
    /// <param name="cancellationToken">Stops it; it can be gone on with.</param>
    public async Task Run(
        ReconciliationRunId id, Func<NpgsqlTransaction, CancellationToken, Task> guard, CancellationToken cancellationToken)
    {
        if (await rows.Find(id, cancellationToken) is not ({ State: ReconciliationState.Running } run, var place))
        {
            return;
        }

        while (await Step(run.Scope, place, cancellationToken) is { Next: { } next } step)
        {
            if (!await Write(id, next, step, guard, cancellationToken))
            {
                return;
            }

            place = next;
        }

        await Finish(id, guard, cancellationToken);
    }

    private async Task<bool> Write(
        ReconciliationRunId id,
        RunPlace next,
        StepEnd step,
        Func<NpgsqlTransaction, CancellationToken, Task> guard,
        CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var isNew = await rows.AddFindings(transaction, id, next.Org!.Value, step.Faults, cancellationToken);
        var goesOn = await ReconciliationRows.Advance(transaction, id, next, step.Tally, isNew, cancellationToken);
        await guard(transaction, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        if (isNew > 0)
        {
            metrics.Found(step.Faults);
            Log.ReconciliationFound(logger, isNew, next.Org.Value, id);
        }

        return goesOn;
    }

    private async Task Finish(
        ReconciliationRunId id, Func<NpgsqlTransaction, CancellationToken, Task> guard, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await rows.Finish(transaction, id, "finished", cancellationToken);
        await guard(transaction, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        if (await rows.Find(id, cancellationToken) is var (run, _))
        {
            metrics.Finished(run);
            Log.ReconciliationFinished(logger, id, run.Organisations, run.Findings);
        }
    }

    private async Task<StepEnd> Step(ReconciliationScope scope, RunPlace place, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginReadOnly(cancellationToken);
        if (place.Org is not { } org)
        {
            return await NextOrganisation(transaction, scope, default, default, cancellationToken);
        }

        var profile = await organisations.Find(org, cancellationToken);
        var isLive = profile?.Mode == OrganisationMode.Live;
        var faults = new List<ReconciliationFault>();
        switch (place.Stage)
        {
            case Usage:
                return await CompareStretch(transaction, scope, org, place, isLive, faults, cancellationToken);
            case Rating:
                var lines = await rating.Run(transaction, org, scope.Range, isLive, faults, cancellationToken);
                await ComparePostings.Unposted(transaction, org, scope.Range, faults, cancellationToken);
                return new StepEnd(new RunPlace(org, Named, string.Empty), faults, new RunTally(0, 0, lines, 0));
            case Named:
                var (named, count) = await postings.Named(
                    transaction, org, scope.Range, PlaceOf(place), faults, cancellationToken);
                return new StepEnd(Behind(org, Named, named, Recorded), faults, new RunTally(0, 0, 0, count));
            case Recorded when PlaceOf(place) is not { } done || done.Value != Guid.AllBitsSet:
                var recorded = isLive ? scope.Range : new Period(DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue);
                var (after, found) = await postings.Recorded(
                    transaction, org, recorded, PlaceOf(place), faults, cancellationToken);
                return new StepEnd(
                    new RunPlace(org, Recorded, $"{after ?? new TransferId(Guid.AllBitsSet)}"),
                    faults,
                    new RunTally(0, 0, 0, found));
            default:
                return await NextOrganisation(transaction, scope, org, new RunTally(0, 0, 0, 0), cancellationToken);
        }
    }

    private async Task<StepEnd> CompareStretch(
        NpgsqlTransaction transaction,
        ReconciliationScope scope,
        OrgId org,
        RunPlace place,
        bool isLive,
        List<ReconciliationFault> faults,
        CancellationToken cancellationToken)
    {
        var from = DateTimeOffset.Parse(place.Place, CultureInfo.InvariantCulture);
        var recordedFrom = isLive ? from - ClockSlack : Metering.Limits.OldestTime;
        for (var width = TimeSpan.FromDays(1); ; width /= 2)
        {
            var isLeast = width.Ticks <= QuarterHour.Ticks;
            var to = isLeast ? from.AddTicks(QuarterHour.Ticks) : QuarterHour.Of(from + width);
            var stretch = new Period(from, to < scope.Range.End ? to : scope.Range.End);
            if (await usage.Run(transaction, org, stretch, recordedFrom, !isLeast, faults, cancellationToken) is { } events)
            {
                var next = stretch.End < scope.Range.End
                    ? new RunPlace(org, Usage, TextOf(stretch.End))
                    : new RunPlace(org, Rating, string.Empty);
                return new StepEnd(next, faults, new RunTally(0, events, 0, 0));
            }
        }
    }

    private async Task<StepEnd> NextOrganisation(
        NpgsqlTransaction transaction, ReconciliationScope scope, OrgId done, RunTally tally, CancellationToken cancellationToken)
    {
        var next = scope.Org switch
        {
            { } only => done == default ? only : null,
            null => Smaller(
                await trail.NextOrganisation(transaction, done, cancellationToken),
                await books.NextOrganisation(transaction, done, cancellationToken)),
        };
        return next is { } org
            ? new StepEnd(new RunPlace(org, Usage, TextOf(scope.Range.Start)), [], tally with { Organisations = 1 })
            : new StepEnd(null, [], tally);
    }

    private static OrgId? Smaller(OrgId? left, OrgId? right) =>
        left is null || (right is { } other && other.Value.CompareTo(left.Value.Value) < 0) ? right : left;

    private static RunPlace Behind(OrgId org, string stage, TransferId? next, string following) => next is { } transfer
        ? new RunPlace(org, stage, transfer.ToString())
        : new RunPlace(org, following, string.Empty);

    private static TransferId? PlaceOf(RunPlace place) =>
        IdText.TryParse(TransferId.Prefix, place.Place, out var id) ? new TransferId(id) : null;

    private static string TextOf(DateTimeOffset instant) => instant.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    private readonly record struct StepEnd(RunPlace? Next, IReadOnlyList<ReconciliationFault> Faults, RunTally Tally);
}

/// <summary>Transactions that cannot write, and see one instant.</summary>
internal static class ReadOnlyTransactions
{
    private const string ReadOnlySql = """
        set transaction read only
        """;

    /// <summary>Begins one: whatever is asked in it is as of its first statement, and nothing can be changed by it.</summary>
    public static async Task<NpgsqlTransaction> BeginReadOnly(
        this NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        await using var command = transaction.Sql(ReadOnlySql);
        await command.ExecuteNonQueryAsync(cancellationToken);
        return transaction;
    }
}
