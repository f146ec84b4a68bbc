using Npgsql;

namespace Quoin.Platform;

/// <summary>A pump as it stands now.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Shards">Into how many parts its work is divided.</param>
/// <param name="Depth">What waits for it; null where it has no queue to count.</param>
/// <param name="Holders">Which replica works on how many parts.</param>
public sealed record PumpStage(string Name, int Shards, StageDepth? Depth, IReadOnlyList<StageHolder> Holders);

/// <summary>A replica that works on parts of a stage.</summary>
/// <param name="Replica">Its name.</param>
/// <param name="Shards">How many parts it holds.</param>
/// <param name="ExpiresAt">When the first of them is free for others, unless it is renewed.</param>
public sealed record StageHolder(string Replica, int Shards, DateTimeOffset ExpiresAt);

/// <summary>Jobs of one kind.</summary>
/// <param name="Name">The kind.</param>
/// <param name="Due">Those that are due, and since when the oldest is.</param>
/// <param name="Dead">How many failed for good.</param>
public sealed record JobStage(string Name, StageDepth Due, long Dead);

/// <summary>Work of one kind that falls due by organisations' clocks.</summary>
/// <param name="Name">The kind.</param>
/// <param name="Organisations">
/// How many organisations have some due by the system's clock: at most <see cref="DueWorkLimits.PageSize"/> are counted.
/// </param>
/// <param name="Oldest">When the first one's fell due; null where nothing is.</param>
public sealed record DueStage(string Name, int Organisations, DateTimeOffset? Oldest);

/// <summary>How far behind everything is that runs in the background, over all replicas.</summary>
/// <param name="At">When it was read.</param>
/// <param name="Pumps">The pumps, by name.</param>
/// <param name="Jobs">Kinds of jobs with any, by name.</param>
/// <param name="Due">Kinds of due work, in the order they run.</param>
public sealed record StageReport(
    DateTimeOffset At, IReadOnlyList<PumpStage> Pumps, IReadOnlyList<JobStage> Jobs, IReadOnlyList<DueStage> Due);

/// <summary>The door to what runs in the background: what waits for it, since when, and who works on it.</summary>
public sealed class Stages
{
    private readonly IReadOnlyList<PumpOptions> pumps;
    private readonly IReadOnlyList<IDueWork> kinds;
    private readonly JobQueue jobs;
    private readonly NpgsqlDataSource database;
    private readonly IServiceProvider services;
    private readonly TimeProvider time;

    internal Stages(
        IEnumerable<PumpOptions> pumps,
        IEnumerable<IDueWork> kinds,
        JobQueue jobs,
        NpgsqlDataSource database,
        IServiceProvider services,
        TimeProvider time)
    {
        (this.pumps, this.kinds) = ([.. pumps.OrderBy(pump => pump.Name, StringComparer.Ordinal)], [.. kinds]);
        (this.jobs, this.database, this.services, this.time) = (jobs, database, services, time);
    }

    /// <summary>Reads them all: a count over each queue, so not for every request of everybody.</summary>
    public async Task<StageReport> Read(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var held = await Held(now, cancellationToken);
        var read = new List<PumpStage>(pumps.Count);
        foreach (var pump in pumps)
        {
            StageDepth? depth = pump.Depth is { } measure ? await measure(services, cancellationToken) : null;
            read.Add(new PumpStage(pump.Name, pump.Shards, depth, [.. held[pump.Name]]));
        }

        var depths = await jobs.Depths(cancellationToken);
        return new StageReport(
            now,
            read,
            [
                .. depths
                    .OrderBy(job => job.Key, StringComparer.Ordinal)
                    .Select(job => new JobStage(job.Key, job.Value.Due, job.Value.Dead)),
            ],
            await Due(now, cancellationToken));
    }

    private async Task<IReadOnlyList<DueStage>> Due(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var due = new List<DueStage>(kinds.Count);
        foreach (var kind in kinds)
        {
            var organisations = await kind.OrganisationsDue(now, after: null, DueWorkLimits.PageSize, cancellationToken);
            DateTimeOffset? oldest = null;
            foreach (var org in organisations.Take(StageLimits.OldestLookedFor))
            {
                var next = await kind.NextDue(org, cancellationToken);
                oldest = next < (oldest ?? DateTimeOffset.MaxValue) ? next : oldest;
            }

            due.Add(new DueStage(kind.Name, organisations.Count, oldest));
        }

        return due;
    }

    private const string HeldSql = """
        select split_part(name, '/', 1), owner, count(*)::int, min(expires_at)
        from platform.leases
        where owner is not null
          and expires_at > $1
        group by 1, 2
        order by 1, 2
        """;

    private async Task<ILookup<string, StageHolder>> Held(DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(HeldSql, now);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var held = new List<(string Stage, StageHolder Holder)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            held.Add((
                reader.GetString(0),
                new StageHolder(reader.GetString(1), reader.GetInt32(2), reader.GetFieldValue<DateTimeOffset>(3))));
        }

        return held.ToLookup(pair => pair.Stage, pair => pair.Holder, StringComparer.Ordinal);
    }
}
