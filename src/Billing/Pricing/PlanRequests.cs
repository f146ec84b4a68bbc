using Quoin.Accounts;
using Quoin.Kernel;

namespace Quoin.Pricing;

/// <summary>A plan or a contract to assign.</summary>
/// <param name="Account">To whom.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Plan">A published version; a contract may do without.</param>
public sealed record NewAssignment(BillingAccountKey Account, AssignmentKind Kind, PlanVersionId? Plan)
{
    /// <summary>The book usage is priced by, instead of the plan's own.</summary>
    public PriceBookId? Book { get; init; }

    /// <summary>A quarter hour, not before the one that has begun; null is that one.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>A quarter hour after it; null has no end.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Where billing months are counted from; null is its beginning.</summary>
    public DateTimeOffset? Anchor { get; init; }

    /// <summary>What the customer promised to spend.</summary>
    public Commitment? Commitment { get; init; }

    /// <summary>What a contract takes off other books' prices, in hundredths of a percent.</summary>
    public int DiscountBps { get; init; }

    /// <summary>Why, for people.</summary>
    public string Note { get; init; } = string.Empty;

    /// <summary>The time without a fee, where it is not the plan's own; null is the plan's.</summary>
    public AssignmentTrial? Trial { get; init; }

    /// <summary>
    /// Whether it may begin up to <see cref="Limits.ReachBackMax"/> ago, with an anchor after its beginning: it follows a
    /// subscription that is paid elsewhere, and was told of late. Usage is priced by it only ahead all the same.
    /// </summary>
    public bool MayReachBack { get; init; }
}

/// <summary>The time at the beginning of an assignment that costs no fee.</summary>
/// <param name="EndsAt">Until when, a quarter hour; null is no such time.</param>
public sealed record AssignmentTrial(DateTimeOffset? EndsAt);

/// <summary>When a change takes place.</summary>
public enum ChangeTime
{
    /// <summary>Now if the new plan costs more, otherwise when the billing period ends.</summary>
    Usual,

    /// <summary>In the quarter hour that has begun.</summary>
    Now,

    /// <summary>When the billing period ends.</summary>
    PeriodEnd,

    /// <summary>At a quarter hour to come.</summary>
    At,
}

/// <summary>Another plan in the place of one in force; its anchor, commitment and discount stay.</summary>
/// <param name="Org">The organisation.</param>
/// <param name="Assignment">The assignment in force.</param>
/// <param name="Plan">A published version.</param>
/// <param name="When">When.</param>
/// <param name="At">The instant, for <see cref="ChangeTime.At"/>.</param>
public sealed record PlanChange(
    OrgId Org,
    AssignmentId Assignment,
    PlanVersionId Plan,
    ChangeTime When = ChangeTime.Usual,
    DateTimeOffset? At = null)
{
    /// <inheritdoc cref="NewAssignment.MayReachBack" />
    public bool MayReachBack { get; init; }
}

/// <summary>The end of an assignment; of one that has not begun, its withdrawal: what was before it goes on.</summary>
/// <param name="Org">The organisation.</param>
/// <param name="Assignment">The assignment.</param>
/// <param name="When">When; <see cref="ChangeTime.Usual"/> is when the billing period ends.</param>
/// <param name="At">The instant, for <see cref="ChangeTime.At"/>.</param>
public sealed record AssignmentEnd(
    OrgId Org,
    AssignmentId Assignment,
    ChangeTime When = ChangeTime.Usual,
    DateTimeOffset? At = null)
{
    /// <inheritdoc cref="NewAssignment.MayReachBack" />
    public bool MayReachBack { get; init; }
}

/// <summary>Every way changing what an account has can end, in order of precedence.</summary>
public abstract record AssignOutcome
{
    private AssignOutcome()
    {
    }

    /// <summary>It is so.</summary>
    /// <param name="Assignment">The assignment that was made, or whose end was moved.</param>
    public sealed record Done(Assignment Assignment) : AssignOutcome;

    /// <summary>There is no such account, or no such assignment of it.</summary>
    public sealed record NotFound(string Reason) : AssignOutcome;

    /// <summary>There is no such published plan or no such book, or in another currency.</summary>
    public sealed record NotAssignable(string Reason) : AssignOutcome;

    /// <summary>The account has one of this kind in that time.</summary>
    public sealed record Overlaps(AssignmentId With) : AssignOutcome;

    /// <summary>It cannot be as asked.</summary>
    /// <param name="Reason">What is wrong, for a person.</param>
    public sealed record Refused(string Reason) : AssignOutcome;
}
