using Quoin.Kernel;

namespace Quoin.Metering;

/// <summary>A fact of usage from inside the program: what a CloudEvent says.</summary>
/// <param name="Org">Whose.</param>
/// <param name="BillingAccount">Billed to; the caller has made sure that it is the organisation's.</param>
/// <param name="Source">CloudEvents source; with the id it names the event for ever.</param>
/// <param name="Id">CloudEvents id.</param>
/// <param name="Type">CloudEvents type; a meter must read it.</param>
/// <param name="OccurredAt">When it happened, by the organisation's clock.</param>
/// <param name="DataJson">Its data: a JSON object.</param>
public sealed record UsageEvent(
    OrgId Org,
    BillingAccountId BillingAccount,
    string Source,
    string Id,
    string Type,
    DateTimeOffset OccurredAt,
    string DataJson)
{
    /// <summary>CloudEvents subject; null where there is none.</summary>
    public string? Subject { get; init; }

    /// <summary>The ledger's hold that the posting of this usage releases, as text; null names none.</summary>
    public string? Hold { get; init; }

    /// <summary>The name of the request that led to it, which it is found by from then on.</summary>
    public string CorrelationId { get; init; } = "internal";
}

/// <summary>What became of an event that was recorded.</summary>
/// <param name="Verdict">What became of it.</param>
/// <param name="Position">Where it is stored; for a duplicate or conflict, where the first one is; nothing if it was rejected.</param>
/// <param name="Reason">Why it was rejected; null where it was not.</param>
public sealed record RecordedUsage(Verdict Verdict, EventPosition Position, string? Reason);
