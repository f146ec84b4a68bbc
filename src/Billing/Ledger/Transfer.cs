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
    string Reference);

/// <summary>Every way posting a transfer can end.</summary>
public abstract record PostOutcome
{
    private PostOutcome()
    {
    }

    /// <summary>The transfer is in the books, now or since an earlier request with the same key and body.</summary>
    /// <param name="Id">The transfer.</param>
    /// <param name="IsReplay">Whether it was there already.</param>
    public sealed record Posted(TransferId Id, bool IsReplay) : PostOutcome;

    /// <summary>The key is taken by a transfer that says something else; nothing was posted.</summary>
    /// <param name="First">The transfer that has the key.</param>
    public sealed record KeyConflict(TransferId First) : PostOutcome;
}
