using Quoin.Kernel;

namespace Quoin.Limiting;

/// <summary>Where an organisation's subscription stands, and since when.</summary>
/// <param name="Org">The organisation.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="DefaultPlan">The key of the plan it is on while none is assigned.</param>
/// <param name="TrialEndsAt">When its trial ends or ended, by its clock.</param>
/// <param name="StatusSince">When it came to stand there, by its clock.</param>
public sealed record BillingState(
    OrgId Org, BillingStatus Status, string DefaultPlan, DateTimeOffset TrialEndsAt, DateTimeOffset StatusSince)
{
    /// <summary>Whether one status may follow another.</summary>
    public static bool MayMove(BillingStatus from, BillingStatus to) => (from, to) switch
    {
        (BillingStatus.Trial, BillingStatus.Active or BillingStatus.PastDue or BillingStatus.Canceled) => true,
        (BillingStatus.Active, BillingStatus.PastDue or BillingStatus.Canceled) => true,
        (BillingStatus.PastDue, BillingStatus.Active or BillingStatus.Canceled) => true,
        (BillingStatus.Canceled, BillingStatus.Active) => true,
        _ => false,
    };

    /// <summary>What a trial becomes at its end: a plan that costs nothing goes on, any other waits to be paid.</summary>
    public static BillingStatus AfterTrial(Money? fee) =>
        fee is { Micros: 0 } ? BillingStatus.Active : BillingStatus.PastDue;

    /// <summary>
    /// Where it stands at an instant. A trial ends at its very instant, also before anything has written so.
    /// </summary>
    public BillingStatus StatusAt(DateTimeOffset instant, Money? fee) =>
        Status == BillingStatus.Trial && instant >= TrialEndsAt ? AfterTrial(fee) : Status;

    /// <summary>Whole or begun days of the trial that are left at an instant; zero once it has ended.</summary>
    public int TrialDaysLeft(DateTimeOffset instant) => Status == BillingStatus.Trial && instant < TrialEndsAt
        ? (int)Math.Ceiling((TrialEndsAt - instant).TotalDays)
        : 0;
}

/// <summary>The plan of organisations that have none assigned, as they first appear.</summary>
/// <param name="Key">The plan's key (<c>QUOIN_DEFAULT_PLAN</c>).</param>
public sealed record DefaultPlan(string Key)
{
    /// <summary>The operator's own, which costs nothing.</summary>
    public static readonly DefaultPlan InternalDev = new("internal-dev");
}

/// <summary>How long before a grant expires its organisation hears of it.</summary>
/// <param name="Before">How long (<c>QUOIN_GRANT_NOTICE_DAYS</c>).</param>
public sealed record GrantNotice(TimeSpan Before)
{
    /// <summary>A week.</summary>
    public static readonly GrantNotice Usual = new(TimeSpan.FromDays(7));
}

/// <summary>Every way changing a billing state can end, in the order they are checked.</summary>
public abstract record BillingStateOutcome
{
    private BillingStateOutcome()
    {
    }

    /// <summary>There is no such organisation.</summary>
    public sealed record NotFound : BillingStateOutcome;

    /// <summary>It stands so, now or since before.</summary>
    /// <param name="State">The state.</param>
    public sealed record Standing(BillingState State) : BillingStateOutcome;

    /// <summary>The one status does not follow the other; nothing changed.</summary>
    /// <param name="State">The state.</param>
    public sealed record Refused(BillingState State) : BillingStateOutcome;
}
