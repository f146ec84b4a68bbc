using System.Runtime.CompilerServices;
using Quoin.Kernel;

namespace Quoin.Ledger;

/// <summary>What can be read of the books. Nothing here waits for a lock.</summary>
public sealed partial class Ledger
{
    /// <summary>The balances of an organisation's billing accounts; one or all.</summary>
    public Task<IReadOnlyList<AccountBalance>> Balances(
        OrgId org, BillingAccountId? billingAccount, CancellationToken cancellationToken) =>
        accounts.Balances(org, billingAccount, cancellationToken);

    /// <summary>What stood on each account once everything recorded up to an instant was in the books.</summary>
    public Task<IReadOnlyList<BalanceAt>> BalancesAt(
        OrgId org, BillingAccountId? billingAccount, DateTimeOffset instant, CancellationToken cancellationToken) =>
        accounts.BalancesAt(org, billingAccount, instant, cancellationToken);

    /// <summary>
    /// All accounts of an organisation by kind and currency, at an instant: what stands below zero and what above. The
    /// two columns of a currency are equal in sum, or the books are broken.
    /// </summary>
    public async Task<IReadOnlyList<TrialBalanceLine>> TrialBalance(
        OrgId org, DateTimeOffset instant, CancellationToken cancellationToken)
    {
        var balances = await accounts.BalancesAt(org, null, instant, cancellationToken);
        return
        [
            .. balances
                .GroupBy(balance => (balance.Balance.Currency, balance.Kind))
                .OrderBy(group => (group.Key.Currency.Code, group.Key.Kind))
                .Select(group => new TrialBalanceLine(
                    group.Key.Kind,
                    new Money(group.Sum(balance => Math.Max(0, -balance.Balance.Micros)), group.Key.Currency),
                    new Money(group.Sum(balance => Math.Max(0, balance.Balance.Micros)), group.Key.Currency))),
        ];
    }

    /// <summary>Entries of an organisation, newest first.</summary>
    /// <param name="org">Whose.</param>
    /// <param name="filter">Which.</param>
    /// <param name="before">Only entries before this position; null starts at the newest.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<IReadOnlyList<Entry>> Entries(
        OrgId org, EntryFilter filter, EntryPosition? before, int limit, CancellationToken cancellationToken) =>
        entries.Newest(org, filter, before, limit, cancellationToken);

    /// <summary>
    /// An account's entries in their order: the statement of a period. The balance before the first one is its balance
    /// after, less its amount.
    /// </summary>
    /// <param name="org">Whose.</param>
    /// <param name="account">Which account.</param>
    /// <param name="period">By the time of recording.</param>
    /// <param name="after">Only entries after this position; null starts with the period's first.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<IReadOnlyList<Entry>> Statement(
        OrgId org, AccountId account, Period period, EntryPosition? after, int limit, CancellationToken cancellationToken) =>
        entries.OfAccount(org, account, period, after, limit, cancellationToken);

    /// <summary>
    /// The whole statement of a period as a stream. It is read piece by piece, so a slow reader holds no connection.
    /// </summary>
    /// <param name="org">Whose.</param>
    /// <param name="account">Which account.</param>
    /// <param name="period">By the time of recording.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async IAsyncEnumerable<Entry> Statement(
        OrgId org, AccountId account, Period period, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        EntryPosition? after = null;
        IReadOnlyList<Entry> piece;
        do
        {
            piece = await entries.OfAccount(
                org, account, period, after, Limits.StatementRowsAtOnce, cancellationToken);
            foreach (var entry in piece)
            {
                yield return entry;
                after = entry.Position;
            }
        }
        while (piece.Count == Limits.StatementRowsAtOnce);
    }

    /// <summary>An account's entries of a period, newest first.</summary>
    /// <param name="org">Whose.</param>
    /// <param name="account">Which account.</param>
    /// <param name="period">By the time of recording.</param>
    /// <param name="before">Only entries before this position; null starts at the period's newest.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<IReadOnlyList<Entry>> Entries(
        OrgId org,
        AccountId account,
        Period period,
        EntryPosition? before,
        int limit,
        CancellationToken cancellationToken) => entries.Newest(org, account, period, before, limit, cancellationToken);

    /// <summary>Transfers of an organisation, newest first.</summary>
    /// <param name="org">Whose.</param>
    /// <param name="filter">Which.</param>
    /// <param name="before">Only transfers before this one; null starts at the newest.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<IReadOnlyList<Transfer>> Transfers(
        OrgId org, TransferFilter filter, TransferId? before, int limit, CancellationToken cancellationToken) =>
        transfers.Newest(org, filter, before, limit, cancellationToken);

    /// <summary>One transfer; null when the organisation has none of this id.</summary>
    public Task<Transfer?> Transfer(OrgId org, TransferId transfer, CancellationToken cancellationToken) =>
        transfers.One(org, transfer, cancellationToken);

    /// <summary>Holds of an organisation, newest first.</summary>
    /// <param name="org">Whose.</param>
    /// <param name="filter">Which.</param>
    /// <param name="before">Only holds before this one; null starts at the newest.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<IReadOnlyList<Hold>> Holds(
        OrgId org, HoldFilter filter, HoldId? before, int limit, CancellationToken cancellationToken) =>
        credit.Holds(org, filter, before, limit, cancellationToken);

    /// <summary>One hold; null when the organisation has none of this id.</summary>
    public Task<Hold?> Hold(OrgId org, HoldId hold, CancellationToken cancellationToken) =>
        credit.Hold(org, hold, cancellationToken);

    /// <summary>Grants of an organisation, newest first. Its entries are those of <see cref="GrantId.Account"/>.</summary>
    /// <param name="org">Whose.</param>
    /// <param name="filter">Which.</param>
    /// <param name="before">Only grants before this one; null starts at the newest.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<IReadOnlyList<Grant>> Grants(
        OrgId org, GrantFilter filter, GrantId? before, int limit, CancellationToken cancellationToken) =>
        credit.Grants(org, filter, before, limit, cancellationToken);

    /// <summary>One grant; null when the organisation has none of this id.</summary>
    public Task<Grant?> Grant(OrgId org, GrantId grant, CancellationToken cancellationToken) =>
        credit.Grant(org, grant, cancellationToken);

    /// <summary>Open grants of all organisations that expire after one instant and up to another, by organisation.</summary>
    /// <param name="period">From when, itself not included, and until when, included.</param>
    /// <param name="after">Only organisations after this one, in the order of their ids; null starts with the first.</param>
    /// <param name="limit">At most so many organisations.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<IReadOnlyList<ExpiringGrants>> GrantsExpiring(
        Period period, OrgId? after, int limit, CancellationToken cancellationToken) =>
        credit.Expiring(period, after, limit, cancellationToken);
}
