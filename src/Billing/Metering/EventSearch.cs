using Quoin.Kernel;

namespace Quoin.Metering;

/// <summary>Which events are looked for; what is null is not asked about.</summary>
/// <param name="Type">Of this type.</param>
/// <param name="Source">From this source.</param>
/// <param name="Id">With this id of the sender's.</param>
/// <param name="Subject">About this subject.</param>
/// <param name="From">Not before this instant.</param>
/// <param name="To">Before this instant.</param>
/// <param name="BillingAccount">Billed to this account.</param>
/// <param name="Meter">Which this meter counts.</param>
/// <param name="Filters">Which a meter tells apart by these values.</param>
/// <param name="Meters">The meters that may tell; all there are, or the one.</param>
public sealed record EventSearch(
    string? Type,
    string? Source,
    string? Id,
    string? Subject,
    DateTimeOffset? From,
    DateTimeOffset? To,
    BillingAccountId? BillingAccount,
    Meter? Meter,
    IReadOnlyList<DimensionFilter> Filters,
    IReadOnlyCollection<Meter> Meters)
{
    /// <summary>Whether an event is one of them. Pure.</summary>
    public bool Matches(StoredEvent stored) =>
        Is(Type, stored.Type)
        && Is(Source, stored.Source)
        && Is(Id, stored.EventId)
        && Is(Subject, stored.Subject)
        && (From is null || stored.OccurredAt >= From)
        && (To is null || stored.OccurredAt < To)
        && (BillingAccount is null || stored.BillingAccount == BillingAccount)
        && IsCounted(stored);

    private static bool Is(string? wanted, string? there) => wanted is null || wanted == there;

    private bool IsCounted(StoredEvent stored)
    {
        if (Meter is null && Filters.Count == 0)
        {
            return true;
        }

        var readers = Meter is null ? Meters : [Meter];
        return readers.Any(meter => meter.DimensionsOf(stored) is { } dimensions && Passes(dimensions));
    }

    private bool Passes(Dimensions dimensions)
    {
        var values = dimensions.ToDictionary();
        return Filters.GroupBy(filter => filter.Name, StringComparer.Ordinal).All(group =>
            values.TryGetValue(group.Key, out var value) && group.Any(filter => filter.Value == value));
    }
}
