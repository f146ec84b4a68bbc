using Quoin.Kernel;

namespace Quoin.ConsolePages.ExploreUsage;

/// <summary>What is told apart as one: its usage and cost, column by column.</summary>
/// <param name="Name">What people call it.</param>
/// <param name="Values">The dimensions' values that tell it apart.</param>
/// <param name="Meter">Its meter's key; null where it holds several meters' usage.</param>
/// <param name="Unit">Of which unit its quantity is; null where there is no one unit.</param>
/// <param name="Color">Its place among the chart's colours; null for those drawn together as one.</param>
/// <param name="Quantities">How much was used.</param>
/// <param name="Micros">What it cost.</param>
/// <param name="Events">From how many events.</param>
public sealed record UsageGroup(
    string Name,
    IReadOnlyList<KeyValuePair<string, string>> Values,
    string? Meter,
    string? Unit,
    int? Color,
    decimal[] Quantities,
    long[] Micros,
    long[] Events)
{
    /// <summary>Everything used.</summary>
    public decimal Quantity { get; init; }

    /// <summary>What all of it cost.</summary>
    public long Cost { get; } = Micros.Sum();

    /// <summary>From how many events.</summary>
    public long EventCount { get; } = Events.Sum();
}

/// <summary>Usage and its cost over a time.</summary>
/// <param name="Groups">What is told apart, the dearest first.</param>
/// <param name="Quantities">How much was used of the one meter asked for, column by column.</param>
/// <param name="Micros">What everything cost, column by column.</param>
/// <param name="Events">From how many events, column by column.</param>
/// <param name="Quantity">All of it.</param>
/// <param name="OtherSpend">What was spent in other currencies.</param>
/// <param name="IsCut">Whether there was more than one answer holds.</param>
public sealed record UsageOverColumns(
    IReadOnlyList<UsageGroup> Groups,
    decimal[] Quantities,
    long[] Micros,
    long[] Events,
    decimal Quantity,
    IReadOnlyList<Money> OtherSpend,
    bool IsCut)
{
    /// <summary>What everything cost.</summary>
    public long Cost { get; } = Micros.Sum();

    /// <summary>The group of the same name; null where there is none.</summary>
    public UsageGroup? Like(UsageGroup group) => Groups.FirstOrDefault(one => one.Name == group.Name);
}
