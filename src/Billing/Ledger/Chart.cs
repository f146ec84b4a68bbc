using Quoin.Kernel;

namespace Quoin.Ledger;

/// <summary>
/// A billing account's accounts in one currency, as they stand while something is decided: what a decision reads, and
/// nothing else. Grants are kept in the order they are spent.
/// </summary>
/// <param name="org">The organisation.</param>
/// <param name="billingAccount">Whose.</param>
/// <param name="currency">In which currency.</param>
/// <param name="ids">Names accounts that are opened.</param>
public sealed class Chart(OrgId org, BillingAccountId billingAccount, Currency currency, IdSource ids)
{
    private readonly ChartAccount?[] byKind = new ChartAccount?[Enum.GetValues<AccountKind>().Length];
    private readonly List<ChartAccount> grants = [];

    /// <summary>The organisation.</summary>
    public OrgId Org => org;

    /// <summary>Whose.</summary>
    public BillingAccountId BillingAccount => billingAccount;

    /// <summary>In which currency.</summary>
    public Currency Currency => currency;

    /// <summary>The grants with something left, in the order they are spent; and exhausted ones, where they were asked for.</summary>
    public IReadOnlyList<ChartAccount> Grants => grants;

    /// <summary>Whether exhausted grants are among <see cref="Grants"/>.</summary>
    internal bool KnowsExhausted { get; set; }

    /// <summary>The account of a kind; one that is not there yet is opened with nothing on it.</summary>
    /// <param name="kind">Any but grants: of those there are many.</param>
    public ChartAccount this[AccountKind kind]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfEqual(kind, AccountKind.Grants);
            return byKind[(int)kind] ??= ChartAccount.Open(new AccountId(ids.Next()), kind, this);
        }
    }

    /// <summary>The account usage goes to when credit is used up.</summary>
    public ChartAccount Uncovered(PaymentTerms terms) =>
        this[terms == PaymentTerms.Prepaid ? AccountKind.Overdraft : AccountKind.Receivable];

    /// <summary>One of the grants; null when this chart has none of this id.</summary>
    public ChartAccount? Grant(GrantId id) => grants.Find(grant => grant.Id.Value == id.Value);

    /// <summary>One of the accounts, grants included; null when it is not known here.</summary>
    public ChartAccount? Account(AccountId id) =>
        Array.Find(byKind, account => account?.Id == id) ?? Grant(new GrantId(id.Value));

    /// <summary>Opens a grant with nothing on it yet.</summary>
    public ChartAccount Open(GrantTerms terms)
    {
        var grant = new ChartAccount(terms.Id.Account, AccountKind.Grants, this) { Terms = terms, IsNew = true };
        Add(grant);
        return grant;
    }

    /// <summary>
    /// What a hold may take now: grants in effect, less what is owed, and what the limit below zero leaves. Null is
    /// without limit.
    /// </summary>
    public long? AvailableMicros(PaymentTerms terms, DateTimeOffset at, IReadOnlySet<string> scopes)
    {
        Int128 credit = 0;
        foreach (var grant in grants)
        {
            credit += grant.MayPay(at, scopes) ? grant.FreeMicros : 0;
        }

        var uncovered = Uncovered(terms);
        if (uncovered.CreditLimitMicros is not { } limit)
        {
            return null;
        }

        var available = credit + uncovered.BalanceMicros - uncovered.HeldMicros + limit;
        return (long)Int128.Clamp(available, 0, long.MaxValue);
    }

    /// <summary>Adds an account read from the database.</summary>
    internal void Add(ChartAccount account)
    {
        if (account.Kind != AccountKind.Grants)
        {
            byKind[(int)account.Kind] = account;
            return;
        }

        var place = grants.FindIndex(other => GrantTerms.SpendingOrder.Compare(account.Terms!, other.Terms!) < 0);
        grants.Insert(place < 0 ? grants.Count : place, account);
    }

    /// <summary>Forgets a grant that was never written.</summary>
    internal void Forget(ChartAccount grant) => grants.Remove(grant);

    /// <summary>Forgets the grants with nothing left: a return finds them in the database.</summary>
    internal void ForgetExhausted()
    {
        if (grants.RemoveAll(grant => grant.State != GrantState.Open) > 0)
        {
            KnowsExhausted = false;
        }
    }
}

/// <summary>An account of a chart while something is decided.</summary>
/// <param name="id">The account.</param>
/// <param name="kind">Its kind.</param>
/// <param name="chart">Its chart.</param>
public sealed class ChartAccount(AccountId id, AccountKind kind, Chart chart)
{
    /// <summary>The account.</summary>
    public AccountId Id => id;

    /// <summary>Its kind.</summary>
    public AccountKind Kind => kind;

    /// <summary>Its chart.</summary>
    public Chart Chart => chart;

    /// <summary>The terms, where it is a grant.</summary>
    public GrantTerms? Terms { get; init; }

    /// <summary>What stands on it.</summary>
    public long BalanceMicros { get; internal set; }

    /// <summary>What holds reserve of it.</summary>
    public long HeldMicros { get; internal set; }

    /// <summary>What was spent from it and not given back.</summary>
    public long SpentMicros { get; internal set; }

    /// <summary>The place in the chain of the transfer that last spent from it.</summary>
    public long SpentAtCount { get; internal set; }

    /// <summary>How far below zero a hold may plan to bring it; null is without limit.</summary>
    public long? CreditLimitMicros { get; internal set; } = 0;

    /// <summary>What may still be spent or held.</summary>
    public long FreeMicros => BalanceMicros - HeldMicros;

    /// <summary>When a grant was taken back; it pays for nothing from then on.</summary>
    public DateTimeOffset? VoidedAt { get; internal set; }

    /// <summary>Whether a grant is still to take effect, which due work sees to.</summary>
    internal bool Waits { get; set; }

    /// <summary>When due work has to look at a grant again; null is never.</summary>
    internal DateTimeOffset? DueAt => Waits ? Terms!.EffectiveAt : VoidedAt ?? Terms!.ExpiresAt + Limits.ExpiryGrace;

    /// <summary>Where a grant stands in the database; null while it is not there.</summary>
    internal GrantState? StoredState { get; set; }

    /// <summary>When nothing was left of a grant for good.</summary>
    internal DateTimeOffset? EndedAt { get; set; }

    /// <summary>Whether the database does not have it yet.</summary>
    internal bool IsNew { get; set; }

    /// <summary>The flush that last changed it and has to write it.</summary>
    internal object? ChangedIn { get; set; }

    /// <summary>Whether this grant may pay for something that happens at an instant and is spent on some scopes.</summary>
    public bool MayPay(DateTimeOffset at, IReadOnlySet<string> scopes) => VoidedAt is null && Terms!.MayPay(at, scopes);

    /// <summary>Where a grant stands now.</summary>
    internal GrantState State => (BalanceMicros, HeldMicros, VoidedAt, EndedAt) switch
    {
        (0, 0, not null, _) => GrantState.Voided,
        (0, 0, _, not null) => GrantState.Expired,
        (0, 0, _, _) => GrantState.Exhausted,
        _ => GrantState.Open,
    };

    /// <summary>An account as it begins: receivable without limit, all others strict.</summary>
    internal static ChartAccount Open(AccountId id, AccountKind kind, Chart chart) => new(id, kind, chart)
    {
        IsNew = true,
        CreditLimitMicros = kind == AccountKind.Receivable ? null : 0,
    };

    /// <summary>Puts it as a test or a reader wants it.</summary>
    /// <param name="balanceMicros">What stands on it.</param>
    /// <param name="heldMicros">What holds reserve of it.</param>
    /// <param name="spentMicros">What was spent from it.</param>
    /// <param name="spentAtCount">By which transfer.</param>
    public ChartAccount Standing(long balanceMicros, long heldMicros = 0, long spentMicros = 0, long spentAtCount = 0)
    {
        (BalanceMicros, HeldMicros, SpentMicros, SpentAtCount) = (balanceMicros, heldMicros, spentMicros, spentAtCount);
        return this;
    }
}
