using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Metering.Internal;

/// <summary>The good events of one organisation in one request; the flush leaves each one's verdict in it.</summary>
internal sealed class IngestWork(OrgId org, IReadOnlyList<ParsedEvent> events, string correlationId) : IGroupWork
{
    public OrgId Org => org;

    public int Weight => events.Count;

    public IReadOnlyList<ParsedEvent> Events => events;

    /// <summary>The request's name.</summary>
    public string CorrelationId => correlationId;
}
