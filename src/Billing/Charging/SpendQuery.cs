using Quoin.Kernel;
using Quoin.Metering;

namespace Quoin.Charging;

/// <summary>A question about money spent, in steps of the asker's own.</summary>
/// <param name="Bounds">
/// Where each step begins, rising, and last where the last one ends: at least two. By the time of use, which is known to
/// the quarter hour.
/// </param>
/// <param name="GroupBy">Dimensions to tell apart; none sums over all.</param>
/// <param name="Match">Only usage whose dimensions hold these.</param>
/// <param name="Meter">Only this meter's usage; null is every meter's.</param>
public sealed record SpendQuery(
    IReadOnlyList<DateTimeOffset> Bounds, IReadOnlyList<string> GroupBy, Dimensions Match, MeterId? Meter);

/// <summary>Money spent on one meter's usage in one step.</summary>
/// <param name="Step">The step, from zero.</param>
/// <param name="Meter">What was used.</param>
/// <param name="Group">The dimensions asked for; those the usage has not are empty.</param>
/// <param name="Amount">How much.</param>
public sealed record SpendPart(int Step, MeterId Meter, Dimensions Group, Money Amount);
