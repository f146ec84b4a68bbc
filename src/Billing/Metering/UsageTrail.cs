using Npgsql;
using Quoin.Kernel;
using Quoin.Metering.Internal;

namespace Quoin.Metering;

/// <summary>The door to how usage came about: for those who follow it from the request, or derive it anew.</summary>
public sealed class UsageTrail
{
    private readonly FoldOrigins origins;
    private readonly RederiveUsage rederive;

    internal UsageTrail(FoldOrigins origins, RederiveUsage rederive) => (this.origins, this.rederive) = (origins, rederive);

    /// <summary>Where the events of a request lie, in the order they were counted.</summary>
    /// <param name="org">Whose events.</param>
    /// <param name="correlationId">The request's name.</param>
    /// <param name="limit">At most so many: a name a client sends again and again has one for each time.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<IReadOnlyList<FoldOrigin>> OfRequest(
        OrgId org, string correlationId, int limit, CancellationToken cancellationToken) =>
        origins.Of(org, correlationId, limit, cancellationToken);

    /// <summary>The name of the request an event came by; null for one that came before names were kept.</summary>
    public Task<string?> CorrelationOf(OrgId org, EventPosition position, CancellationToken cancellationToken) =>
        origins.Of(org, position, cancellationToken);

    /// <summary>The name of the first request in each of some folds; null where no request made one.</summary>
    /// <param name="transaction">The caller's transaction.</param>
    /// <param name="folds">The folds; answers come in their order.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<IReadOnlyList<string?>> FirstCorrelations(
        NpgsqlTransaction transaction, IReadOnlyList<(OrgId Org, Guid Fold)> folds, CancellationToken cancellationToken) =>
        FoldOrigins.First(transaction, folds, cancellationToken);

    /// <summary>
    /// Measures the events of a range of time again, one after the other, in no order, as if none had been counted: what
    /// each adds to which bucket.
    /// </summary>
    /// <param name="transaction">The caller's transaction; it asks nothing else until the last one is read.</param>
    /// <param name="org">Whose.</param>
    /// <param name="range">By when they happened: starts of quarter hours.</param>
    /// <param name="recordedFrom">None of them was recorded before.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public IAsyncEnumerable<DerivedUsage> Rederive(
        NpgsqlTransaction transaction,
        OrgId org,
        Period range,
        DateTimeOffset recordedFrom,
        CancellationToken cancellationToken) => rederive.Run(transaction, org, range, recordedFrom, cancellationToken);

    /// <summary>Measures some events of a fold again.</summary>
    /// <param name="transaction">The caller's transaction; it asks nothing else until the last one is read.</param>
    /// <param name="org">Whose.</param>
    /// <param name="fold">The fold.</param>
    /// <param name="from">From this place in it.</param>
    /// <param name="to">To before this place.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public IAsyncEnumerable<DerivedUsage> Rederive(
        NpgsqlTransaction transaction, OrgId org, Guid fold, int from, int to, CancellationToken cancellationToken) =>
        rederive.Run(transaction, org, fold, from, to, cancellationToken);

    /// <summary>The buckets of a range, in no order, as a transaction sees them.</summary>
    public Task<IReadOnlyList<StoredBucket>> Buckets(
        NpgsqlTransaction transaction, OrgId org, Period range, CancellationToken cancellationToken) =>
        StoredUsage.Buckets(transaction, org, range, cancellationToken);

    /// <summary>What waits for rating of a range, in no order, as a transaction sees it.</summary>
    public Task<IReadOnlyList<FoldedUsage>> Waiting(
        NpgsqlTransaction transaction, OrgId org, Period range, CancellationToken cancellationToken) =>
        StoredUsage.Waiting(transaction, org, range, cancellationToken);

    /// <summary>The first organisation with usage behind another one, by id; null behind the last.</summary>
    public Task<OrgId?> NextOrganisation(NpgsqlTransaction transaction, OrgId after, CancellationToken cancellationToken) =>
        StoredUsage.NextOrganisation(transaction, after, cancellationToken);

    /// <summary>
    /// Puts usage back into the queue of what waits for rating, in the caller's transaction, which has made sure that it is
    /// rated nowhere.
    /// </summary>
    /// <returns>False when it waits there already.</returns>
    public Task<bool> Requeue(NpgsqlTransaction transaction, FoldedUsage usage, CancellationToken cancellationToken) =>
        StoredUsage.Requeue(transaction, usage, cancellationToken);
}
