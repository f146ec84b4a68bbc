using Quoin.Kernel;

namespace Quoin.Ledger;

/// <summary>Reserves money, grant by grant, then up to the credit limit. A strict account is never overspent by it.</summary>
/// <param name="Org">The organisation.</param>
/// <param name="BillingAccount">Whose chart.</param>
/// <param name="Key">The natural key of what is about to happen, unique among the organisation's holds for ever.</param>
/// <param name="Amount">How much; positive.</param>
/// <param name="Terms">Whether credit is followed by the overdraft's or the receivable's limit.</param>
/// <param name="At">Now, by the organisation's clock: it decides which grants are in effect.</param>
/// <param name="ExpiresAt">When it ends by itself, by the organisation's clock.</param>
/// <param name="Reference">What it is for, for a person.</param>
public sealed record CreateHold(
    OrgId Org,
    BillingAccountId BillingAccount,
    string Key,
    Money Amount,
    PaymentTerms Terms,
    DateTimeOffset At,
    DateTimeOffset ExpiresAt,
    string Reference) : LedgerCommand<HoldOutcome>(Org)
{
    /// <summary>What happens to usage above it.</summary>
    public OverrunPolicy Overrun { get; init; } = OverrunPolicy.AllowNegative;

    /// <summary>What it will be spent on: lets restricted grants pay. Empty: only unrestricted ones do.</summary>
    public IReadOnlySet<string> Scopes { get; init; } = NoScopes;

    /// <summary>
    /// Asked, under the lock of the books, how much to hold: then <see cref="Amount"/> is the most it may say. Null holds
    /// just that amount.
    /// </summary>
    public HoldAmount? Within { get; init; }

    internal static IReadOnlySet<string> NoScopes { get; } = new HashSet<string>();
}

/// <summary>
/// Says how much a hold shall be, once it is known how much there is. Asked in the order of the commands, each time they
/// are decided; it changes nothing that outlives a flush that fails.
/// </summary>
/// <param name="available">What may be held; null is without limit.</param>
/// <returns>How much to hold, no more than there is and was asked for; null holds nothing.</returns>
public delegate Money? HoldAmount(Money? available);

/// <summary>Every way making a hold can end, in the order they are checked.</summary>
public abstract record HoldOutcome
{
    private HoldOutcome()
    {
    }

    /// <summary>The key is taken by a hold that says something else; nothing was reserved.</summary>
    /// <param name="First">The hold that has the key.</param>
    public sealed record KeyConflict(HoldId First) : HoldOutcome;

    /// <summary>The money is reserved, now or since an earlier request with the same key and body.</summary>
    /// <param name="Id">The hold.</param>
    /// <param name="IsReplay">Whether it was there already; it may have ended since.</param>
    public sealed record Held(HoldId Id, bool IsReplay) : HoldOutcome;

    /// <summary>There is not so much; nothing was reserved.</summary>
    /// <param name="Available">What there is.</param>
    public sealed record InsufficientFunds(Money Available) : HoldOutcome;

    /// <summary>So many holds would leave 64 bits of micros; nothing was reserved.</summary>
    public sealed record BalanceOverflow : HoldOutcome;

    /// <summary>Whoever was asked how much wanted none; nothing was reserved.</summary>
    public sealed record Declined : HoldOutcome;
}

/// <summary>Moves a hold's end, while it is open. Saying the same twice changes nothing.</summary>
/// <param name="Org">The organisation.</param>
/// <param name="Hold">The hold.</param>
/// <param name="At">Now, by the organisation's clock.</param>
/// <param name="ExpiresAt">Its new end; an earlier one than it has is ignored.</param>
public sealed record RenewHold(OrgId Org, HoldId Hold, DateTimeOffset At, DateTimeOffset ExpiresAt)
    : LedgerCommand<HoldChange>(Org);

/// <summary>Gives back what a hold still reserves, and ends it.</summary>
/// <param name="Org">The organisation.</param>
/// <param name="Hold">The hold.</param>
/// <param name="At">Now, by the organisation's clock.</param>
public sealed record ReleaseHold(OrgId Org, HoldId Hold, DateTimeOffset At) : LedgerCommand<HoldChange>(Org)
{
    /// <summary>
    /// Gives back only so much, and the hold goes on with the rest; as much as it reserves, or more, ends it. Null gives all
    /// of it back.
    /// </summary>
    public Money? Part { get; init; }
}

/// <summary>
/// Makes a hold out of a part of another one: what is reserved in all, and on which accounts, stays as it is. For whoever
/// reserved ahead and learns only later what for.
/// </summary>
/// <param name="Org">The organisation.</param>
/// <param name="From">The hold it is taken from, which goes on with the rest, or with nothing until it is released.</param>
/// <param name="Key">The new hold's natural key, unique among the organisation's holds for ever.</param>
/// <param name="Amount">How much; positive.</param>
/// <param name="At">Now, by the organisation's clock.</param>
/// <param name="ExpiresAt">When the new hold ends by itself, by the organisation's clock.</param>
/// <param name="Reference">What it is for, for a person.</param>
public sealed record SplitHold(
    OrgId Org, HoldId From, string Key, Money Amount, DateTimeOffset At, DateTimeOffset ExpiresAt, string Reference)
    : LedgerCommand<SplitOutcome>(Org);

/// <summary>Every way splitting a hold can end, in the order they are checked.</summary>
public abstract record SplitOutcome
{
    private SplitOutcome()
    {
    }

    /// <summary>The organisation has no such hold.</summary>
    public sealed record NotFound : SplitOutcome;

    /// <summary>The key is taken by a hold that says something else; nothing changed.</summary>
    /// <param name="First">The hold that has the key.</param>
    public sealed record KeyConflict(HoldId First) : SplitOutcome;

    /// <summary>The new hold is made, now or by an earlier request with the same key and body.</summary>
    /// <param name="Id">The new hold.</param>
    /// <param name="IsReplay">Whether it was there already; it may have ended since.</param>
    public sealed record Made(HoldId Id, bool IsReplay) : SplitOutcome;

    /// <summary>The hold had ended before; nothing changed.</summary>
    /// <param name="How">How it ended.</param>
    public sealed record AlreadyEnded(HoldState How) : SplitOutcome;

    /// <summary>The amount's currency is not the hold's; nothing changed.</summary>
    /// <param name="Currency">The hold's.</param>
    public sealed record OtherCurrency(Currency Currency) : SplitOutcome;

    /// <summary>It is more than the hold has; nothing changed.</summary>
    /// <param name="Held">What it has.</param>
    public sealed record MoreThanHeld(Money Held) : SplitOutcome;
}

/// <summary>Ends a hold whose time is over; due work does this.</summary>
/// <param name="Org">The organisation.</param>
/// <param name="Hold">The hold.</param>
/// <param name="At">Now, by the organisation's clock.</param>
public sealed record ExpireHold(OrgId Org, HoldId Hold, DateTimeOffset At) : LedgerCommand<HoldChange>(Org);

/// <summary>Every way changing a hold can end, in the order they are checked.</summary>
public abstract record HoldChange
{
    private HoldChange()
    {
    }

    /// <summary>The organisation has no such hold.</summary>
    public sealed record NotFound : HoldChange;

    /// <summary>It had ended before; nothing changed. A repeated release is this, too.</summary>
    /// <param name="How">How it ended.</param>
    public sealed record AlreadyEnded(HoldState How) : HoldChange;

    /// <summary>The part's currency is not the hold's; nothing changed. Only for releasing a part.</summary>
    /// <param name="Currency">The hold's.</param>
    public sealed record OtherCurrency(Currency Currency) : HoldChange;

    /// <summary>Its time is not over yet; nothing changed. Only for expiring.</summary>
    public sealed record NotDue : HoldChange;

    /// <summary>Done.</summary>
    public sealed record Done : HoldChange;
}

/// <summary>Turns what a hold reserves into revenue: for callers who do not send usage events.</summary>
/// <param name="Org">The organisation.</param>
/// <param name="Hold">The hold.</param>
/// <param name="Key">The natural key of the fact, as of any transfer.</param>
/// <param name="Amount">How much; more than the hold has follows its overrun policy.</param>
/// <param name="At">When it happened, by the organisation's clock.</param>
/// <param name="Reference">What led to it, for a person.</param>
public sealed record CaptureHold(OrgId Org, HoldId Hold, string Key, Money Amount, DateTimeOffset At, string Reference)
    : LedgerCommand<CaptureOutcome>(Org)
{
    /// <summary>Whether the hold ends with it and gives back what is left; else the rest stays reserved.</summary>
    public bool IsLast { get; init; } = true;

    /// <summary>Whether more than the hold has may be captured.</summary>
    public bool MayExceed { get; init; }
}

/// <summary>Every way capturing a hold can end, in the order they are checked.</summary>
public abstract record CaptureOutcome
{
    private CaptureOutcome()
    {
    }

    /// <summary>The organisation has no such hold.</summary>
    public sealed record NotFound : CaptureOutcome;

    /// <summary>The key is taken by a transfer that says something else; nothing was captured.</summary>
    /// <param name="First">The transfer that has the key.</param>
    public sealed record KeyConflict(TransferId First) : CaptureOutcome;

    /// <summary>The money was captured, now or by an earlier request with the same key and body.</summary>
    /// <param name="Id">The transfer.</param>
    /// <param name="IsReplay">Whether it was there already.</param>
    public sealed record Captured(TransferId Id, bool IsReplay) : CaptureOutcome;

    /// <summary>The hold had ended before; nothing was captured.</summary>
    /// <param name="How">How it ended.</param>
    public sealed record AlreadyEnded(HoldState How) : CaptureOutcome;

    /// <summary>It is more than the hold has, and the caller did not allow that; nothing was captured.</summary>
    /// <param name="Held">What it has.</param>
    public sealed record MoreThanHeld(Money Held) : CaptureOutcome;

    /// <summary>The amount's currency is not the hold's; nothing was captured.</summary>
    /// <param name="Currency">The hold's.</param>
    public sealed record OtherCurrency(Currency Currency) : CaptureOutcome;

    /// <summary>A balance would leave 64 bits of micros; nothing was captured.</summary>
    public sealed record BalanceOverflow : CaptureOutcome;
}

/// <summary>Where a hold stands.</summary>
public enum HoldState
{
    /// <summary>It reserves.</summary>
    Open,

    /// <summary>It was captured, in part or whole.</summary>
    Captured,

    /// <summary>It was given back, or the usage that names it was posted.</summary>
    Released,

    /// <summary>Its time ended.</summary>
    Expired,
}

/// <summary>A part of a hold: what it reserves on one account.</summary>
/// <param name="Account">A grant's account, or the overdraft or receivable up to its limit.</param>
/// <param name="Micros">How much.</param>
public readonly record struct HoldPart(AccountId Account, long Micros);

/// <summary>A hold as it stands.</summary>
/// <param name="Id">The hold.</param>
/// <param name="BillingAccount">Whose chart.</param>
/// <param name="Key">Its natural key.</param>
/// <param name="Reference">What it is for.</param>
/// <param name="Amount">What it reserved, without what was split off or given back while it was open.</param>
/// <param name="Captured">What was captured of it.</param>
/// <param name="Parts">What it still reserves, in the order it will be spent; none when it has ended.</param>
/// <param name="Terms">Whether credit is followed by the overdraft's or the receivable's limit.</param>
/// <param name="Overrun">What happens to usage above it.</param>
/// <param name="State">Where it stands.</param>
/// <param name="ExpiresAt">When it ends by itself.</param>
/// <param name="CreatedAt">When it was made, by the organisation's clock.</param>
/// <param name="EndedAt">When it ended; null while it is open.</param>
public sealed record Hold(
    HoldId Id,
    BillingAccountId BillingAccount,
    string Key,
    string Reference,
    Money Amount,
    Money Captured,
    IReadOnlyList<HoldPart> Parts,
    PaymentTerms Terms,
    OverrunPolicy Overrun,
    HoldState State,
    DateTimeOffset ExpiresAt,
    DateTimeOffset CreatedAt,
    DateTimeOffset? EndedAt);
