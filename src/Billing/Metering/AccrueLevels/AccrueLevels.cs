using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Metering.Internal;

/// <summary>
/// Brings the buckets up to what levels come to: those that last, up to the last full quarter hour of the organisation's
/// clock; those that ended otherwise than was thought, to their end, forward or back. A step is one transaction over a
/// bounded number of quarter hours and names each part it folds, so it can be stopped anywhere and run twice at once.
/// </summary>
internal sealed class AccrueLevels(
    NpgsqlDataSource database, OrganisationClock clock, TimeProvider time, IdSource ids, WakeUps wakeUps) : IDueWork
{
    /// <inheritdoc />
    public string Name => "metering.levels";

    private const string NextSql = """
        select min(due_at)
        from metering.series_levels
        where org_id = $1
            and due_at is not null
        """;

    /// <inheritdoc />
    public async Task<DateTimeOffset?> NextDue(OrgId org, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(NextSql, org.Value);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return reader.IsDBNull(0) ? null : reader.GetFieldValue<DateTimeOffset>(0);
    }

    private const string DueSql = """
        select distinct org_id
        from metering.series_levels
        where due_at <= $1
            and org_id > $2
        order by org_id
        limit $3
        """;

    /// <inheritdoc />
    public Task<IReadOnlyList<OrgId>> OrganisationsDue(
        DateTimeOffset instant, OrgId? after, int limit, CancellationToken cancellationToken) =>
        database.OrganisationsDue(DueSql, instant, after, limit, cancellationToken);

    /// <inheritdoc />
    public async Task RunUpTo(OrgId org, DateTimeOffset instant, CancellationToken cancellationToken)
    {
        // What is overdue is accrued up to the present at once, not a quarter hour at a time.
        var now = await clock.Now(org, cancellationToken);
        var upTo = now > instant ? now : instant;
        for (var step = 0; step < Limits.AccrualStepsMax; step++)
        {
            if (!await Step(org, instant, upTo, cancellationToken))
            {
                return;
            }
        }

        await GoOnLater(org, instant, cancellationToken);
    }

    private const string LaterSql = """
        update metering.series_levels
        set due_at = $3
        where org_id = $1
            and due_at <= $2
        """;

    // What is left becomes due an instant later, so that other organisations have their turn before.
    private async Task GoOnLater(OrgId org, DateTimeOffset instant, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(LaterSql, org.Value, instant, instant.AddMicroseconds(1));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task<bool> Step(
        OrgId org, DateTimeOffset instant, DateTimeOffset upTo, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await transaction.ProbeIndexes(cancellationToken);
        var due = await LevelRows.Lock(transaction, org, instant, cancellationToken);
        if (due.Count == 0)
        {
            return false;
        }

        var run = new AccrualRun(org, ids.Next(), time.GetUtcNow());
        foreach (var level in due)
        {
            run.Accrue(level, upTo);
        }

        await using var batch = transaction.Batch();
        run.Write(batch);
        await batch.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        wakeUps.Hint(Metering.UnratedChannel);
        return true;
    }
}
