namespace Quoin.Payments;

/// <summary>What is known of an account when its credit is compared with its threshold; amounts of one currency.</summary>
/// <param name="IsBelow">Whether its credit is below the threshold.</param>
/// <param name="HasPending">Whether an automatic charge of it has no outcome yet.</param>
/// <param name="HasMethod">Whether it has a payment method to charge.</param>
/// <param name="AmountMinor">What is charged.</param>
/// <param name="CapMinor">What may be charged in a calendar month.</param>
/// <param name="ChargedMinor">What was charged in this one, with what is pending.</param>
/// <param name="SinceLast">How long ago the last charge was begun; null never.</param>
/// <param name="Pause">The shortest time between two charges.</param>
public readonly record struct AutoTopUpState(
    bool IsBelow,
    bool HasPending,
    bool HasMethod,
    long AmountMinor,
    long CapMinor,
    long ChargedMinor,
    TimeSpan? SinceLast,
    TimeSpan Pause);

/// <summary>Whether to charge.</summary>
public enum AutoTopUpDecision
{
    /// <summary>Not now: there is enough, a charge is on its way, or one was just made.</summary>
    Wait,

    /// <summary>Charge.</summary>
    Charge,

    /// <summary>Not in this month: the cap is reached.</summary>
    CapReached,

    /// <summary>Not any more: there is nothing to charge.</summary>
    Stop,
}

/// <summary>The rule of automatic top-ups: one charge at a time, and never more in a month than the cap.</summary>
public static class AutoTopUpRule
{
    /// <summary>Decides; pure.</summary>
    public static AutoTopUpDecision Decide(in AutoTopUpState state) => state switch
    {
        { IsBelow: false } or { HasPending: true } => AutoTopUpDecision.Wait,
        { SinceLast: { } since } when since < state.Pause => AutoTopUpDecision.Wait,
        _ when state.ChargedMinor > state.CapMinor - state.AmountMinor => AutoTopUpDecision.CapReached,
        { HasMethod: false } => AutoTopUpDecision.Stop,
        _ => AutoTopUpDecision.Charge,
    };

    /// <summary>The first day of the calendar month, UTC, whose cap a charge counts against.</summary>
    public static DateOnly MonthOf(DateTimeOffset at) => new(at.UtcDateTime.Year, at.UtcDateTime.Month, 1);
}
