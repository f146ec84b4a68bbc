using Quoin.Kernel;

namespace Quoin.Ledger;

/// <summary>Gives credit: a grant with its own terms and balance. Repays overdraft first, unless it is restricted.</summary>
/// <param name="Org">The organisation.</param>
/// <param name="BillingAccount">Whose chart.</param>
/// <param name="Key">The natural key of the fact, as of any transfer: the same key grants once.</param>
/// <param name="Amount">How much; positive.</param>
/// <param name="Source">Where it comes from: decides the account it is taken from and the usual priority.</param>
/// <param name="At">When, by the organisation's clock.</param>
/// <param name="Reference">Why, for a person.</param>
public sealed record CreateGrant(
    OrgId Org,
    BillingAccountId BillingAccount,
    string Key,
    Money Amount,
    GrantSource Source,
    DateTimeOffset At,
    string Reference) : LedgerCommand<GrantOutcome>(Org)
{
    /// <summary>Lower is spent sooner; null is the source's usual one: trial 10, promotional 20, plan 30, purchased 40.</summary>
    public int? Priority { get; init; }

    /// <summary>
    /// From when usage may be paid from it; null is at once, and for usage from before it was given, too.
    /// </summary>
    public DateTimeOffset? EffectiveAt { get; init; }

    /// <summary>Until when it may be spent, itself not included; null is for ever.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>What it may be spent on, as opaque names; empty is anything.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = [];

    /// <summary>Names and values kept with its transfer; empty for none.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>The priority it will have.</summary>
    public int EffectivePriority => Priority ?? (((int)Source + 1) * 10);
}

/// <summary>Every way giving credit can end, in the order they are checked.</summary>
public abstract record GrantOutcome
{
    private GrantOutcome()
    {
    }

    /// <summary>The key is taken by a transfer that says something else; nothing was granted.</summary>
    /// <param name="First">The transfer that has the key.</param>
    public sealed record KeyConflict(TransferId First) : GrantOutcome;

    /// <summary>The credit is there, now or since an earlier request with the same key and body.</summary>
    /// <param name="Id">The grant.</param>
    /// <param name="Transfer">The transfer that funded it.</param>
    /// <param name="IsReplay">Whether it was there already.</param>
    public sealed record Granted(GrantId Id, TransferId Transfer, bool IsReplay) : GrantOutcome;

    /// <summary>The chart has too many open grants; nothing was granted.</summary>
    /// <param name="Max">How many it may have.</param>
    public sealed record TooManyGrants(int Max) : GrantOutcome;

    /// <summary>A balance would leave 64 bits of micros; nothing was granted.</summary>
    public sealed record BalanceOverflow : GrantOutcome;
}

/// <summary>Takes back what is left of a grant and is not held; what is held goes back when its hold ends.</summary>
/// <param name="Org">The organisation.</param>
/// <param name="Grant">The grant.</param>
/// <param name="At">When, by the organisation's clock.</param>
/// <param name="Reference">Why, for a person.</param>
public sealed record VoidGrant(OrgId Org, GrantId Grant, DateTimeOffset At, string Reference) : LedgerCommand<GrantChange>(Org);

/// <summary>Posts what is left of a grant past its expiry and grace to breakage; due work does this.</summary>
/// <param name="Org">The organisation.</param>
/// <param name="Grant">The grant.</param>
/// <param name="At">Now, by the organisation's clock.</param>
public sealed record ExpireGrant(OrgId Org, GrantId Grant, DateTimeOffset At) : LedgerCommand<GrantChange>(Org);

/// <summary>Repays overdraft from a grant that became effective after it was made; due work does this.</summary>
/// <param name="Org">The organisation.</param>
/// <param name="Grant">The grant.</param>
/// <param name="At">Now, by the organisation's clock.</param>
public sealed record ActivateGrant(OrgId Org, GrantId Grant, DateTimeOffset At) : LedgerCommand<GrantChange>(Org);

/// <summary>Every way changing a grant can end, in the order they are checked.</summary>
public abstract record GrantChange
{
    private GrantChange()
    {
    }

    /// <summary>The organisation has no such grant.</summary>
    public sealed record NotFound : GrantChange;

    /// <summary>It is not the time for it yet; nothing changed. Only for due work.</summary>
    public sealed record NotDue : GrantChange;

    /// <summary>It had ended, or nothing was left to move; its state may have changed.</summary>
    public sealed record NothingToMove : GrantChange;

    /// <summary>Done.</summary>
    /// <param name="Transfer">The transfer that moved what was left.</param>
    /// <param name="Amount">What was moved.</param>
    public sealed record Done(TransferId Transfer, Money Amount) : GrantChange;
}

/// <summary>Sets how far holds may plan to bring a billing account below zero. What was used already stays.</summary>
/// <param name="Org">The organisation.</param>
/// <param name="BillingAccount">Whose chart.</param>
/// <param name="Currency">In which currency.</param>
/// <param name="Terms">The overdraft of a prepaid customer, the receivable of a postpaid one.</param>
/// <param name="Limit">Not negative; null is without limit. Overdraft begins with zero, receivable without limit.</param>
public sealed record SetCreditLimit(
    OrgId Org,
    BillingAccountId BillingAccount,
    Currency Currency,
    PaymentTerms Terms,
    Money? Limit) : LedgerCommand<CreditLimitSet>(Org);

/// <summary>A credit limit was set.</summary>
/// <param name="Before">What it was; null was without limit.</param>
public sealed record CreditLimitSet(Money? Before);

/// <summary>Where a grant stands.</summary>
public enum GrantState
{
    /// <summary>It has something left, spendable or held.</summary>
    Open,

    /// <summary>Nothing is left for now; a return opens it again.</summary>
    Exhausted,

    /// <summary>Its time ended and nothing is left.</summary>
    Expired,

    /// <summary>It was taken back.</summary>
    Voided,
}

/// <summary>The terms of a grant.</summary>
/// <param name="Id">The grant.</param>
/// <param name="BillingAccount">Whose chart.</param>
/// <param name="Source">Where it came from.</param>
/// <param name="Priority">Lower is spent sooner.</param>
/// <param name="Granted">What it began with.</param>
/// <param name="EffectiveAt">From when usage may be paid from it; null is any.</param>
/// <param name="ExpiresAt">Until when, itself not included; null is for ever.</param>
/// <param name="Scopes">What it may be spent on; empty is anything.</param>
/// <param name="Reference">Why it was given.</param>
/// <param name="CreatedAt">When it was made, by the organisation's clock.</param>
public sealed record GrantTerms(
    GrantId Id,
    BillingAccountId BillingAccount,
    GrantSource Source,
    int Priority,
    Money Granted,
    DateTimeOffset? EffectiveAt,
    DateTimeOffset? ExpiresAt,
    IReadOnlyList<string> Scopes,
    string Reference,
    DateTimeOffset CreatedAt)
{
    /// <summary>
    /// The order in which grants of a chart are spent: by priority, then the one that expires first, then the older one.
    /// </summary>
    public static IComparer<GrantTerms> SpendingOrder { get; } = Comparer<GrantTerms>.Create(CompareInSpending);

    /// <summary>Whether it may pay for something that happens at an instant and is spent on some scopes.</summary>
    public bool MayPay(DateTimeOffset at, IReadOnlySet<string> scopes) =>
        !(EffectiveAt > at) && !(ExpiresAt <= at) && (Scopes.Count == 0 || Scopes.Any(scopes.Contains));

    // Ids rise with time and are never equal.
    private static int CompareInSpending(GrantTerms left, GrantTerms right)
    {
        var order = left.Priority.CompareTo(right.Priority);
        order = order != 0 ? order : (left.ExpiresAt ?? DateTimeOffset.MaxValue).CompareTo(right.ExpiresAt ?? DateTimeOffset.MaxValue);
        order = order != 0 ? order : left.CreatedAt.CompareTo(right.CreatedAt);
        return order != 0 ? order : left.Id.Value.CompareTo(right.Id.Value);
    }
}

/// <summary>A grant as it stands.</summary>
/// <param name="Terms">Its terms.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Balance">What is left, held parts included.</param>
/// <param name="Held">What holds reserve of it.</param>
/// <param name="Spent">What was spent of it and not given back.</param>
/// <param name="EndedAt">When it expired or was voided; null while it has not.</param>
public sealed record Grant(
    GrantTerms Terms, GrantState State, Money Balance, Money Held, Money Spent, DateTimeOffset? EndedAt);
