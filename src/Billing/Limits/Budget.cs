using Quoin.Kernel;

namespace Quoin.Limiting;

/// <summary>A budget's id.</summary>
/// <param name="Value">The bare value, as stored.</param>
public readonly record struct BudgetId(Guid Value) : IId<BudgetId>
{
    /// <inheritdoc />
    public static string Prefix => "bud";

    /// <inheritdoc />
    public static BudgetId From(Guid value) => new(value);

    /// <inheritdoc />
    public override string ToString() => IdText.Format(Prefix, Value);
}

/// <summary>How much of one currency a scope may spend in each window.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Org">Whose.</param>
/// <param name="Scope">Whose spending it bounds.</param>
/// <param name="Amount">How much; spending in other currencies is not its concern.</param>
/// <param name="Window">In which span of time, by the organisation's clock.</param>
/// <param name="Posture">How strictly it holds.</param>
/// <param name="ThresholdsPercent">At which shares of it, spent, it is told of; ascending.</param>
/// <param name="StartsAt">From when it counts: windows of a fixed length begin there.</param>
public sealed record Budget(
    BudgetId Id,
    OrgId Org,
    SpendScope Scope,
    Money Amount,
    BudgetWindow Window,
    SpendPosture Posture,
    IReadOnlyList<int> ThresholdsPercent,
    DateTimeOffset StartsAt)
{
    /// <summary>When it was ended; null while it holds.</summary>
    public DateTimeOffset? EndedAt { get; init; }
}

/// <summary>A budget and how far its current window is used.</summary>
/// <param name="Budget">The budget.</param>
/// <param name="Window">The window that counts now; the last instant there is where it never ends.</param>
/// <param name="ReservedMicros">What is set aside for what runs, in micros.</param>
/// <param name="SpentMicros">What was spent, in micros, unrounded.</param>
public sealed record BudgetStanding(Budget Budget, Period Window, decimal ReservedMicros, decimal SpentMicros)
{
    /// <summary>When it starts over; null where it never does.</summary>
    public DateTimeOffset? ResetsAt => Window.End == DateTimeOffset.MaxValue ? null : Window.End;

    /// <summary>What may still be reserved, in whole micros; never negative.</summary>
    public Money Left => Budget.Amount with
    {
        Micros = (long)Math.Max(0, decimal.Floor(Budget.Amount.Micros - ReservedMicros - SpentMicros)),
    };
}
