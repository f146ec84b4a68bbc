namespace Quoin.Payments;

/// <summary>Why a customer may not ask for a payment back.</summary>
public enum RefundRefusal
{
    /// <summary>It bought no credit: what was invoiced or sold is an operator's to give back.</summary>
    NotCredit,

    /// <summary>Customers ask for nothing back here.</summary>
    SwitchedOff,

    /// <summary>The bank decides about it.</summary>
    Disputed,

    /// <summary>It was paid too long ago.</summary>
    TooLate,

    /// <summary>It was asked for, and nobody has decided.</summary>
    Asked,

    /// <summary>All of it was given back, or was asked for.</summary>
    GivenBack,

    /// <summary>Its credit was spent, or is held for what is being used.</summary>
    Spent,
}

/// <summary>What is known of a payment when a customer wants it back; amounts in minor units of its currency.</summary>
/// <param name="IsCredit">Whether it bought credit.</param>
/// <param name="IsDisputed">Whether the bank calls it into question.</param>
/// <param name="IsAsked">Whether a refund of it waits for somebody's decision.</param>
/// <param name="PaidAt">When the money came; null unknown.</param>
/// <param name="LeftMinor">What was not given back of it, and not asked for.</param>
/// <param name="UnspentMinor">What is left of its credit and not asked back.</param>
/// <param name="Now">The system clock.</param>
/// <param name="AskableFor">For how long after paying it may be asked for; zero never.</param>
public readonly record struct RefundFacts(
    bool IsCredit,
    bool IsDisputed,
    bool IsAsked,
    DateTimeOffset? PaidAt,
    long LeftMinor,
    long UnspentMinor,
    DateTimeOffset Now,
    TimeSpan AskableFor);

/// <summary>Whether a customer may ask for a payment back.</summary>
public abstract record RefundEligibility
{
    private RefundEligibility()
    {
    }

    /// <summary>It may not be asked for.</summary>
    /// <param name="Why">Why.</param>
    public sealed record NotOffered(RefundRefusal Why) : RefundEligibility;

    /// <summary>It may; an operator decides.</summary>
    /// <param name="MostMinor">The most, in minor units.</param>
    /// <param name="Until">Until when, itself not included.</param>
    public sealed record Offered(long MostMinor, DateTimeOffset Until) : RefundEligibility;
}

/// <summary>
/// The rule of what customers may ask back: credit that was bought, is not spent, and not for longer than the operator
/// says. Never more than is left, so that a refund brings no balance below zero.
/// </summary>
public static class RefundPolicy
{
    /// <summary>Decides; pure.</summary>
    public static RefundEligibility Decide(in RefundFacts facts)
    {
        if (!facts.IsCredit)
        {
            return new RefundEligibility.NotOffered(RefundRefusal.NotCredit);
        }

        if (facts.AskableFor <= TimeSpan.Zero)
        {
            return new RefundEligibility.NotOffered(RefundRefusal.SwitchedOff);
        }

        if (facts.IsDisputed)
        {
            return new RefundEligibility.NotOffered(RefundRefusal.Disputed);
        }

        var until = (facts.PaidAt ?? DateTimeOffset.MinValue) + facts.AskableFor;
        return facts.Now >= until ? new RefundEligibility.NotOffered(RefundRefusal.TooLate)
            : facts.IsAsked ? new RefundEligibility.NotOffered(RefundRefusal.Asked)
            : facts.LeftMinor <= 0 ? new RefundEligibility.NotOffered(RefundRefusal.GivenBack)
            : facts.UnspentMinor <= 0 ? new RefundEligibility.NotOffered(RefundRefusal.Spent)
            : new RefundEligibility.Offered(Math.Min(facts.LeftMinor, facts.UnspentMinor), until);
    }
}
