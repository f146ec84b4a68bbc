using System.Globalization;
using Npgsql;

namespace Quoin.Platform;

/// <summary>
/// One replica's share of a group of leases, <c>name/0</c> to <c>name/n-1</c>. Replicas that want a share say so in a
/// row they renew; each takes free shards up to its quota and gives back what is above it, so that shares even out
/// within a few rounds after a replica comes, goes or dies. Not for concurrent use.
/// </summary>
public sealed class ShardLeases(
    NpgsqlDataSource database,
    Leases leases,
    TimeProvider time,
    Replica replica,
    string group,
    int shards,
    TimeSpan duration)
{
    private readonly string[] names =
        [.. Enumerable.Range(0, shards).Select(shard => $"{group}/{shard.ToString(CultureInfo.InvariantCulture)}")];

    private List<Lease> held = [];

    /// <summary>The leases held at the moment.</summary>
    public IReadOnlyList<Lease> Held => held;

    /// <summary>The shards held at the moment, ascending.</summary>
    public IReadOnlyList<int> Shards => [.. held.Select(lease => Array.IndexOf(names, lease.Name)).Order()];

    /// <summary>Renews what is held, gives back what is too much, takes what is free and due to this replica.</summary>
    public async Task Balance(CancellationToken cancellationToken)
    {
        var members = await Join(cancellationToken);
        await Renew(cancellationToken);
        var quota = ShardQuota.Of(shards, members, replica.Name);
        if (held.Count > quota)
        {
            await leases.Release(held[quota..], cancellationToken);
            held = held[..quota];
        }
        else if (held.Count < quota)
        {
            held.AddRange(await leases.Acquire(names, quota - held.Count, duration, cancellationToken));
        }
    }

    /// <summary>Renews what is held.</summary>
    /// <returns>False when something was lost meanwhile.</returns>
    public async Task<bool> Renew(CancellationToken cancellationToken)
    {
        var before = held.Count;
        if (before > 0)
        {
            held = [.. await leases.Renew(held, duration, cancellationToken)];
        }

        return held.Count == before;
    }

    private const string LeaveSql = """
        delete from platform.lease_members
        where group_name = $1
          and member = $2
        """;

    /// <summary>Gives everything back, so that others need not wait for it to expire.</summary>
    public async Task Leave(CancellationToken cancellationToken)
    {
        await leases.Release(held, cancellationToken);
        held = [];
        await using var command = database.Sql(LeaveSql, group, replica.Name);
        command.CommandTimeout = LeaseLimits.StatementSecondsMax;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    // One statement sees the rows as they were before it, so its own row is added to the answer by hand.
    private const string JoinSql = """
        with joined as (
            insert into platform.lease_members (group_name, member, expires_at)
            values ($1, $2, $4)
            on conflict (group_name, member) do update
            set expires_at = excluded.expires_at
        ), gone as (
            delete from platform.lease_members
            where group_name = $1
              and member <> $2
              and expires_at <= $3
        )
        select member
        from platform.lease_members
        where group_name = $1
          and member <> $2
          and expires_at > $3
        """;

    private async Task<List<string>> Join(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var command = database.Sql(JoinSql, group, replica.Name, now, now + duration);
        command.CommandTimeout = LeaseLimits.StatementSecondsMax;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var members = new List<string> { replica.Name };
        while (await reader.ReadAsync(cancellationToken))
        {
            members.Add(reader.GetString(0));
        }

        return members;
    }
}
