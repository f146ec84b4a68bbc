using Quoin.Kernel;
using Quoin.Metering;

namespace Quoin.Limiting.Internal;

/// <summary>A question for metered usage.</summary>
/// <param name="Org">Whose.</param>
/// <param name="Meter">The meter's key.</param>
/// <param name="Match">The dimensions usage must have; it may have more.</param>
/// <param name="Window">When.</param>
internal sealed record MeteredQuery(OrgId Org, string Meter, Dimensions Match, Period Window);

/// <summary>What the meters have counted, for limits on metered usage.</summary>
internal sealed class MeteredUse(Metering.Metering metering)
{
    /// <summary>How much was used. What an event was accepted for before this is asked is in it.</summary>
    public async Task<decimal> Of(MeteredQuery query, CancellationToken cancellationToken)
    {
        var wanted = query.Match.ToDictionary();
        var points = await metering.Usage(
            query.Org,
            new UsageQuery(query.Window, UsageWindow.Day, [.. wanted.Keys.Order(StringComparer.Ordinal)], null),
            Metering.Limits.UsagePointsMax,
            cancellationToken);
        return points
            .Where(point => point.Meter == query.Meter && point.Group == query.Match)
            .Sum(point => point.Quantity);
    }
}
