using Quoin.Kernel;

namespace Quoin.Metering;

/// <summary>The request some events of a fold came by.</summary>
/// <param name="Org">Whose events.</param>
/// <param name="Fold">The fold that counted them.</param>
/// <param name="FirstOrdinal">The first one's place in the fold.</param>
/// <param name="EventCount">
/// How many places from there on are the request's. An event that was stored before leaves its place empty.
/// </param>
/// <param name="CorrelationId">The request's name: <c>X-Request-Id</c>, its own or ours.</param>
public sealed record FoldOrigin(OrgId Org, Guid Fold, int FirstOrdinal, int EventCount, string CorrelationId);
