using Quoin.Kernel;

namespace Quoin.Ledger;

/// <summary>A request to put one business fact into the books.</summary>
/// <param name="Org">The organisation whose books.</param>
/// <param name="BillingAccount">Whose chart of accounts.</param>
/// <param name="Key">
/// The natural key of the fact, unique in the organisation for ever: the same key posts once, whoever repeats it.
/// </param>
/// <param name="Fact">What happened.</param>
/// <param name="OccurredAt">When it happened, by the organisation's clock.</param>
/// <param name="Reference">What led to it, for a person: ids, not content.</param>
public sealed record TransferRequest(
    OrgId Org,
    BillingAccountId BillingAccount,
    string Key,
    BusinessFact Fact,
    DateTimeOffset OccurredAt,
    string Reference)
{
    /// <summary>Names and values kept with the transfer, under its hash; empty for none.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = NoMetadata;

    /// <summary>
    /// Holds this usage was expected by: they are released by it, and what they reserved is spent first. One that has
    /// ended already changes nothing.
    /// </summary>
    public IReadOnlyList<HoldId> Releases { get; init; } = [];

    private static IReadOnlyDictionary<string, string> NoMetadata { get; } = new Dictionary<string, string>();
}

/// <summary>Posts one transfer.</summary>
/// <param name="Transfer">What to post.</param>
public sealed record PostTransfer(TransferRequest Transfer) : LedgerCommand<PostOutcome>(Transfer.Org);

/// <summary>Posts several transfers of one organisation that succeed or fail together.</summary>
/// <param name="Org">The organisation.</param>
/// <param name="Transfers">
/// In their order; each is decided on what the one before left. At most <see cref="Limits.LinkedTransfersMax"/>.
/// </param>
public sealed record PostLinkedTransfers(OrgId Org, IReadOnlyList<TransferRequest> Transfers) : LedgerCommand<LinkedOutcome>(Org);

/// <summary>Every way posting a transfer can end, in the order they are checked.</summary>
public abstract record PostOutcome
{
    private PostOutcome()
    {
    }

    /// <summary>The key is taken by a transfer that says something else; nothing was posted.</summary>
    /// <param name="First">The transfer that has the key.</param>
    public sealed record KeyConflict(TransferId First) : PostOutcome;

    /// <summary>The transfer is in the books, now or since an earlier request with the same key and body.</summary>
    /// <param name="Id">The transfer.</param>
    /// <param name="IsReplay">Whether it was there already.</param>
    public sealed record Posted(TransferId Id, bool IsReplay) : PostOutcome;

    /// <summary>It would undo a transfer that was undone before; nothing was posted.</summary>
    /// <param name="By">The transfer that undid it.</param>
    public sealed record AlreadyReversed(TransferId By) : PostOutcome;

    /// <summary>It names a grant that this chart does not have; nothing was posted.</summary>
    /// <param name="Grant">The grant named.</param>
    public sealed record NoSuchGrant(GrantId Grant) : PostOutcome;

    /// <summary>A strict account would have been overspent; nothing was posted.</summary>
    /// <param name="Available">What may be taken.</param>
    public sealed record InsufficientFunds(Money Available) : PostOutcome;

    /// <summary>A balance would leave 64 bits of micros; nothing was posted.</summary>
    public sealed record BalanceOverflow : PostOutcome;
}

/// <summary>Every way posting linked transfers can end.</summary>
public abstract record LinkedOutcome
{
    private LinkedOutcome()
    {
    }

    /// <summary>All are in the books.</summary>
    /// <param name="Transfers">One for each request, in order.</param>
    public sealed record Posted(IReadOnlyList<PostOutcome.Posted> Transfers) : LinkedOutcome;

    /// <summary>One could not be posted, so none was.</summary>
    /// <param name="Index">Which, from 0.</param>
    /// <param name="Why">How it ended.</param>
    public sealed record Refused(int Index, PostOutcome Why) : LinkedOutcome;
}
