using Quoin.Kernel;

namespace Quoin.Payments;

/// <summary>The door for operators to disputes: answered in writing and with files, sent once.</summary>
public sealed class DisputeDesk
{
    private readonly AnswerDisputes.AnswerDisputes answering;

    internal DisputeDesk(AnswerDisputes.AnswerDisputes answering) => this.answering = answering;

    /// <summary>An organisation's disputes, the newest first; in one status where it is named.</summary>
    public Task<IReadOnlyList<Dispute>> Newest(
        OrgId org, DisputeStatus? status, DisputeId? before, int count, CancellationToken cancellationToken) =>
        answering.Newest(org, status, before, count, cancellationToken);

    /// <summary>A dispute and what was written against it; null when the organisation has none of this id.</summary>
    public Task<Dispute?> Find(OrgId org, DisputeId id, CancellationToken cancellationToken) =>
        answering.Find(org, id, cancellationToken);

    /// <summary>Writes what speaks against it; until it is sent it may be written anew.</summary>
    /// <param name="org">Whose organisation.</param>
    /// <param name="id">Which dispute.</param>
    /// <param name="explanation">In words; up to <see cref="Limits.EvidenceCharactersMax"/> letters.</param>
    /// <param name="customerName">Of whom it is; up to 200 letters; null none.</param>
    /// <param name="customerEmail">Of whom it is; up to 320 letters; null none.</param>
    /// <param name="actor">Who writes, for the audit log.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    public Task<EvidenceOutcome> Write(
        OrgId org,
        DisputeId id,
        string explanation,
        string? customerName,
        string? customerEmail,
        string actor,
        CancellationToken cancellationToken) => answering.Write(
            org, id, new AnswerDisputes.EvidenceDraft(explanation, customerName, customerEmail), actor, cancellationToken);

    /// <summary>Adds a file; it is kept with its hash, and the same bytes are there once.</summary>
    /// <param name="org">Whose organisation.</param>
    /// <param name="id">Which dispute.</param>
    /// <param name="name">Its name; up to 200 letters.</param>
    /// <param name="contentType"><c>application/pdf</c>, <c>image/jpeg</c> or <c>image/png</c>.</param>
    /// <param name="content">Its bytes; up to <see cref="Limits.EvidenceFileBytesMax"/>.</param>
    /// <param name="actor">Who adds it, for the audit log.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    public Task<EvidenceOutcome> Add(
        OrgId org,
        DisputeId id,
        string name,
        string contentType,
        byte[] content,
        string actor,
        CancellationToken cancellationToken) =>
        answering.Add(org, id, new AnswerDisputes.StoredFile(name, contentType, content), actor, cancellationToken);

    /// <summary>Has it sent to the bank, once.</summary>
    public Task<EvidenceOutcome> Submit(OrgId org, DisputeId id, string actor, CancellationToken cancellationToken) =>
        answering.Submit(org, id, actor, cancellationToken);
}
