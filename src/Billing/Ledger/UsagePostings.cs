using Npgsql;
using Quoin.Kernel;
using Quoin.Ledger.Internal;

namespace Quoin.Ledger;

/// <summary>A transfer that posted usage, and what it brought.</summary>
/// <param name="Id">The transfer.</param>
/// <param name="BillingAccount">Whose chart.</param>
/// <param name="Reference">What led to it.</param>
/// <param name="OccurredAt">When the usage happened.</param>
/// <param name="Earned">What its entries bring to revenue; null when it moved nothing there.</param>
/// <param name="Adjusted">What adjustments of it bring to revenue since, in micros of the same currency.</param>
/// <param name="ReversedBy">The transfer that undid it; null while none did.</param>
public sealed record PostedUsage(
    TransferId Id,
    BillingAccountId BillingAccount,
    string Reference,
    DateTimeOffset OccurredAt,
    Money? Earned,
    long Adjusted,
    TransferId? ReversedBy);

/// <summary>The door for those who compare the books with what led to them: usage as it was posted.</summary>
public sealed class UsagePostings
{
    /// <summary>Some transfers, whatever posted them; those the organisation does not have are left out.</summary>
    /// <param name="transaction">The caller's transaction.</param>
    /// <param name="org">Whose books.</param>
    /// <param name="transfers">Which.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<IReadOnlyList<PostedUsage>> Find(
        NpgsqlTransaction transaction,
        OrgId org,
        IReadOnlyCollection<TransferId> transfers,
        CancellationToken cancellationToken) => ReadUsagePostings.Find(transaction, org, transfers, cancellationToken);

    /// <summary>Transfers that posted usage, in the order of their ids.</summary>
    /// <param name="transaction">The caller's transaction.</param>
    /// <param name="org">Whose books.</param>
    /// <param name="recorded">By when the books learned of them.</param>
    /// <param name="after">Only behind this one; null starts with the first.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<IReadOnlyList<PostedUsage>> Recorded(
        NpgsqlTransaction transaction,
        OrgId org,
        Period recorded,
        TransferId? after,
        int limit,
        CancellationToken cancellationToken) =>
        ReadUsagePostings.Recorded(transaction, org, recorded, after, limit, cancellationToken);

    /// <summary>The first organisation with books behind another one, by id; null behind the last.</summary>
    public Task<OrgId?> NextOrganisation(NpgsqlTransaction transaction, OrgId after, CancellationToken cancellationToken) =>
        ReadUsagePostings.NextOrganisation(transaction, after, cancellationToken);
}
