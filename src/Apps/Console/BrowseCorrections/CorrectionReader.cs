using Quoin.Kernel;
using Quoin.Ledger;

namespace Quoin.ConsolePages.BrowseCorrections;

/// <summary>A correction and what it corrects.</summary>
/// <param name="Correction">The correction.</param>
/// <param name="Original">The transfer it corrects.</param>
/// <param name="Entries">That transfer's entries, in their order.</param>
/// <param name="IsOwn">Whether the reader asked for it, in person or by a key of theirs.</param>
/// <param name="Complaint">Why the reader's decision came to nothing; null where there was none.</param>
public sealed record CorrectionDetail(
    Correction Correction, Transfer Original, IReadOnlyList<Entry> Entries, bool IsOwn, string? Complaint);

/// <summary>Asks the ledger for what the page of a correction shows.</summary>
internal sealed class CorrectionReader(Corrections corrections, Ledger.Ledger ledger, IActorOrigin origins)
{
    /// <summary>One correction; null when the organisation has none of this id.</summary>
    public async Task<CorrectionDetail?> Find(
        OrgId org, CorrectionId id, string actor, string? complaint, CancellationToken cancellationToken)
    {
        if (await corrections.Find(org, id, cancellationToken) is not { } correction)
        {
            return null;
        }

        var original = await ledger.Transfer(org, correction.Asked.Transfer, cancellationToken)
            ?? throw new InvalidOperationException($"{id} corrects a transfer that is not there.");
        var entries = await ledger.Entries(
            org, new EntryFilter(null, null, original.Id), before: null, Limits.EntriesPerTransfer, cancellationToken);
        var isOwn = actor == correction.RequestedBy
            || await origins.Of(actor, cancellationToken) == await origins.Of(correction.RequestedBy, cancellationToken);
        return new CorrectionDetail(correction, original, [.. entries.Reverse()], isOwn, complaint);
    }
}
