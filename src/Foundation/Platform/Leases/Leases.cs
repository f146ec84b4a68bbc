using Microsoft.Extensions.Logging;
using Npgsql;

namespace Quoin.Platform;

/// <summary>
/// Leases: rights to do background work, taken by one replica at a time, on the system clock. Clocks of replicas may
/// differ: the worst that does is two of them working at once, of which the fencing number lets only one commit.
/// </summary>
public sealed class Leases(
    NpgsqlDataSource database, TimeProvider time, Replica replica, ILogger<Leases> logger)
{
    /// <summary>Takes a lease that nobody holds.</summary>
    /// <param name="name">What it is for.</param>
    /// <param name="duration">How long to hold it.</param>
    /// <param name="cancellationToken">Stops the attempt.</param>
    /// <returns>The lease; null while another holds it.</returns>
    public async Task<Lease?> TryAcquire(string name, TimeSpan duration, CancellationToken cancellationToken) =>
        (await Acquire([name], 1, duration, cancellationToken)).FirstOrDefault();

    // A row somebody has locked is being guarded, renewed or taken: not free, and not worth waiting for.
    private const string AcquireSql = """
        with missing as (
            insert into platform.leases (name, expires_at)
            select name, '-infinity'
            from unnest($1::text[]) as wanted (name)
            where not exists (select from platform.leases known where known.name = wanted.name)
            on conflict (name) do nothing
        ), free as (
            select name
            from platform.leases
            where name = any ($1)
              and expires_at <= $2
            order by name
            limit $3
            for update skip locked
        )
        update platform.leases lease
        set owner = $4,
            lease_version = lease_version + 1,
            expires_at = $5
        from free
        where lease.name = free.name
        returning lease.name, lease.lease_version
        """;

    /// <summary>Takes as many of the named leases as are free, up to a number.</summary>
    /// <returns>Those taken, in the order of their names.</returns>
    public async Task<IReadOnlyList<Lease>> Acquire(
        IReadOnlyCollection<string> names, int count, TimeSpan duration, CancellationToken cancellationToken)
    {
        var taken = await AcquireKnown(names, count, duration, cancellationToken);

        // A row made in a statement cannot be updated by it; the first use of a name therefore needs a second look.
        return taken.Count == 0 ? await AcquireKnown(names, count, duration, cancellationToken) : taken;
    }

    // Locks in name order, as guards do: otherwise the two could wait for each other.
    private const string RenewSql = """
        with held as (
            select lease.name
            from platform.leases lease
            join unnest($1::text[], $2::bigint[]) as mine (name, version)
              on mine.name = lease.name and mine.version = lease.lease_version
            where lease.owner = $3
            order by lease.name
            for no key update of lease
        )
        update platform.leases lease
        set expires_at = $4
        from held
        where lease.name = held.name
        returning lease.name, lease.lease_version
        """;

    /// <summary>Holds leases for longer.</summary>
    /// <returns>Those still held, with their new expiry; one that is missing was lost.</returns>
    public Task<IReadOnlyList<Lease>> Renew(
        IReadOnlyCollection<Lease> leases, TimeSpan duration, CancellationToken cancellationToken)
    {
        var expiresAt = time.GetUtcNow() + duration;
        return Read(
            database.Sql(
                RenewSql,
                leases.Select(lease => lease.Name).ToArray(),
                leases.Select(lease => lease.Version).ToArray(),
                replica.Name,
                expiresAt),
            expiresAt,
            cancellationToken);
    }

    private const string ReleaseSql = """
        with held as (
            select lease.name
            from platform.leases lease
            join unnest($1::text[], $2::bigint[]) as mine (name, version)
              on mine.name = lease.name and mine.version = lease.lease_version
            where lease.owner = $3
            order by lease.name
            for no key update of lease
        )
        update platform.leases lease
        set owner = null,
            expires_at = '-infinity'
        from held
        where lease.name = held.name
        """;

    /// <summary>Gives leases back; those already lost are left alone.</summary>
    public async Task Release(IReadOnlyCollection<Lease> leases, CancellationToken cancellationToken)
    {
        if (leases.Count == 0)
        {
            return;
        }

        await using var command = database.Sql(
            ReleaseSql,
            leases.Select(lease => lease.Name).ToArray(),
            leases.Select(lease => lease.Version).ToArray(),
            replica.Name);
        command.CommandTimeout = LeaseLimits.StatementSecondsMax;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>
    /// Does work under a lease: takes it, renews it while the work runs, cancels the work when the lease is lost, gives
    /// it back at the end.
    /// </summary>
    /// <returns>False when another holds the lease; nothing was done.</returns>
    /// <exception cref="LeaseLostException">The lease was lost while the work ran.</exception>
    public async Task<bool> TryRun(
        string name,
        TimeSpan duration,
        Func<Lease, CancellationToken, Task> work,
        CancellationToken cancellationToken)
    {
        if (await TryAcquire(name, duration, cancellationToken) is not { } lease)
        {
            return false;
        }

        try
        {
            await new Upkeep(time, duration).While(
                token => work(lease, token),
                async token => (await Renew([lease], duration, token)).Count == 1,
                name,
                cancellationToken);
        }
        finally
        {
            await GiveBack(lease);
        }

        return true;
    }

    private async Task GiveBack(Lease lease)
    {
        try
        {
            await Release([lease], CancellationToken.None);
        }
        catch (Exception failure) when (TransientFailure.Is(failure))
        {
            // The work is done or has its own failure to tell; the lease ends by itself.
            Log.LeaseNotReleased(logger, lease.Name, failure);
        }
    }

    private Task<IReadOnlyList<Lease>> AcquireKnown(
        IReadOnlyCollection<string> names, int count, TimeSpan duration, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var expiresAt = now + duration;
        return Read(
            database.Sql(AcquireSql, names.ToArray(), now, count, replica.Name, expiresAt),
            expiresAt,
            cancellationToken);
    }

    private async Task<IReadOnlyList<Lease>> Read(
        NpgsqlCommand command, DateTimeOffset expiresAt, CancellationToken cancellationToken)
    {
        await using var disposing = command;
        command.CommandTimeout = LeaseLimits.StatementSecondsMax;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var leases = new List<Lease>();
        while (await reader.ReadAsync(cancellationToken))
        {
            leases.Add(new Lease(reader.GetString(0), replica.Name, reader.GetInt64(1), expiresAt));
        }

        leases.Sort((left, right) => string.CompareOrdinal(left.Name, right.Name));
        return leases;
    }
}
