using Npgsql;
using Quoin.Kernel;
using Quoin.Ledger.Internal;

namespace Quoin.Ledger;

/// <summary>The door to the books: only the ledger changes balances.</summary>
public sealed class Ledger
{
    private readonly PostTransfers posting;
    private readonly LedgerQueries queries;

    /// <summary>Opens the books of a database.</summary>
    public Ledger(NpgsqlDataSource database, TimeProvider time, IdSource ids)
    {
        posting = new PostTransfers(time, ids);
        queries = new LedgerQueries(database);
    }

    /// <summary>
    /// Posts transfers inside the caller's transaction, set-based, one outcome a request in the same order. Accounts
    /// are locked in id order until the caller commits.
    /// </summary>
    /// <exception cref="OverflowException">A balance left the range of 64-bit micros; nothing is posted.</exception>
    public Task<IReadOnlyList<PostOutcome>> Post(
        NpgsqlTransaction transaction,
        IReadOnlyList<TransferRequest> requests,
        CancellationToken cancellationToken) => posting.Run(transaction, requests, cancellationToken);

    /// <summary>The balances of an organisation's billing accounts; one or all.</summary>
    public Task<IReadOnlyList<AccountBalance>> Balances(
        OrgId org,
        BillingAccountId? billingAccount,
        CancellationToken cancellationToken) => queries.Balances(org, billingAccount, cancellationToken);

    /// <summary>Entries of an organisation, newest first.</summary>
    /// <param name="org">Whose.</param>
    /// <param name="filter">Which.</param>
    /// <param name="before">Only entries before this position; null starts at the newest.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<IReadOnlyList<Entry>> Entries(
        OrgId org,
        EntryFilter filter,
        EntryPosition? before,
        int limit,
        CancellationToken cancellationToken) => queries.Entries(org, filter, before, limit, cancellationToken);
}

/// <summary>An account of the chart and what stands on it.</summary>
/// <param name="Id">The account.</param>
/// <param name="BillingAccount">Whose chart it belongs to.</param>
/// <param name="Kind">Its place in the chart.</param>
/// <param name="Balance">Above zero it holds, below zero it gave or is owed.</param>
public sealed record AccountBalance(AccountId Id, BillingAccountId BillingAccount, AccountKind Kind, Money Balance);

/// <summary>Which entries to read; what is null does not filter.</summary>
/// <param name="BillingAccount">Of this billing account.</param>
/// <param name="Account">On this account.</param>
/// <param name="Transfer">Of this transfer.</param>
public sealed record EntryFilter(BillingAccountId? BillingAccount, AccountId? Account, TransferId? Transfer);

/// <summary>A place in the order of entries.</summary>
/// <param name="Transfer">The transfer.</param>
/// <param name="Ordinal">The entry's place in it.</param>
public readonly record struct EntryPosition(TransferId Transfer, short Ordinal);

/// <summary>One side of a transfer, as it stands in the books.</summary>
/// <param name="Position">Its place.</param>
/// <param name="BillingAccount">Whose chart.</param>
/// <param name="Account">The account it changed.</param>
/// <param name="AccountKind">That account's place in the chart.</param>
/// <param name="Amount">The change.</param>
/// <param name="BalanceAfter">The account's balance right after it.</param>
/// <param name="Kind">The business fact's name.</param>
/// <param name="Key">The transfer's natural key.</param>
/// <param name="Reference">What led to it.</param>
/// <param name="OccurredAt">When the fact happened.</param>
/// <param name="RecordedAt">When the books learned of it.</param>
public sealed record Entry(
    EntryPosition Position,
    BillingAccountId BillingAccount,
    AccountId Account,
    AccountKind AccountKind,
    Money Amount,
    Money BalanceAfter,
    string Kind,
    string Key,
    string Reference,
    DateTimeOffset OccurredAt,
    DateTimeOffset RecordedAt);
