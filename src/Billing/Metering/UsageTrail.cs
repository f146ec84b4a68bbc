using Npgsql;
using Quoin.Kernel;
using Quoin.Metering.Internal;

namespace Quoin.Metering;

/// <summary>The door to how usage came about: for those who follow it from the request, or derive it anew.</summary>
public sealed class UsageTrail
{
    private readonly FoldOrigins origins;

    internal UsageTrail(FoldOrigins origins) => this.origins = origins;

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
}
