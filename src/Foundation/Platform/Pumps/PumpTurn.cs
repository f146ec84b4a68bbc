using Npgsql;

namespace Quoin.Platform;

/// <summary>What one step may work on.</summary>
/// <param name="services">Services of this turn.</param>
/// <param name="shards">The shards held, ascending, never none.</param>
/// <param name="leases">The leases on them.</param>
public sealed class PumpTurn(IServiceProvider services, IReadOnlyList<int> shards, IReadOnlyList<Lease> leases)
{
    /// <summary>Services, in a scope of this turn.</summary>
    public IServiceProvider Services => services;

    /// <summary>The shards to work on, ascending, never none; others are another replica's or nobody's.</summary>
    public IReadOnlyList<int> Shards => shards;

    /// <inheritdoc cref="Lease.Guard(NpgsqlTransaction, CancellationToken)" />
    public Task Guard(NpgsqlTransaction transaction, CancellationToken cancellationToken) =>
        Lease.Guard(transaction, leases, cancellationToken);
}
