using Npgsql;

namespace Quoin.Platform;

/// <summary>A right to do one kind of background work, held for a while by one replica.</summary>
/// <param name="Name">What it is for.</param>
/// <param name="Owner">Who holds it.</param>
/// <param name="Version">The fencing number: higher than that of every holder before.</param>
/// <param name="ExpiresAt">When others may take it, on the system clock, unless it is renewed.</param>
public sealed record Lease(string Name, string Owner, long Version, DateTimeOffset ExpiresAt)
{
    /// <summary>
    /// Makes a transaction succeed only if the lease is still held, and keeps it held until the transaction ends. Call
    /// it last before committing: until then a renewal waits behind it.
    /// </summary>
    /// <exception cref="LeaseLostException">
    /// Another has taken it; the caller's transaction must not be committed.
    /// </exception>
    public Task Guard(NpgsqlTransaction transaction, CancellationToken cancellationToken) =>
        Guard(transaction, [this], cancellationToken);

    // Expiry is not asked: as long as nobody took the lease, nobody else has done its work. Locks in name order.
    private const string GuardSql = """
        select count(*)
        from (
            select lease.name
            from platform.leases lease
            join unnest($1::text[], $2::text[], $3::bigint[]) as held (name, owner, version)
              on held.name = lease.name and held.owner = lease.owner and held.version = lease.lease_version
            order by lease.name
            for share of lease
        ) as still_held
        """;

    /// <summary>The same for several leases at once.</summary>
    /// <inheritdoc cref="Guard(NpgsqlTransaction, CancellationToken)" />
    public static async Task Guard(
        NpgsqlTransaction transaction, IReadOnlyCollection<Lease> leases, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(
            GuardSql,
            leases.Select(lease => lease.Name).ToArray(),
            leases.Select(lease => lease.Owner).ToArray(),
            leases.Select(lease => lease.Version).ToArray());
        var held = (long)(await command.ExecuteScalarAsync(cancellationToken))!;
        if (held != leases.Count)
        {
            var names = string.Join(", ", leases.Select(lease => lease.Name));
            throw new LeaseLostException($"{leases.Count - held} of the leases {names}");
        }
    }
}

/// <summary>
/// Who did the work no longer holds the right to: nothing of it may be committed. Another has taken it over.
/// </summary>
/// <param name="what">What was lost.</param>
public sealed class LeaseLostException(string what) : Exception($"Lost to another replica: {what}.");
