using System.Text.Json;
using Microsoft.Extensions.Logging;
using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Payments.Internal;
using Quoin.Payments.KeepBooks;
using Quoin.Platform;

namespace Quoin.Payments.AnswerDisputes;

/// <summary>
/// Answers disputes: written as a draft, changed as often as wanted, sent once. From the decision to send it on, nothing of
/// it changes, so that a call whose answer was lost can be repeated.
/// </summary>
internal sealed class AnswerDisputes(
    NpgsqlDataSource database,
    AccountLock locks,
    DisputeStore disputes,
    EvidenceStore evidence,
    RequestKeys keys,
    IPaymentProviders providers,
    IAudit audit,
    Jobs jobs,
    Findings findings,
    ILogger<AnswerDisputes> logger)
{
    public async Task<Dispute?> Find(OrgId org, DisputeId id, CancellationToken cancellationToken) =>
        await disputes.Peek(org, id, cancellationToken) is { } row
            ? Dispute.Of(row, await evidence.Find(org, id, cancellationToken))
            : null;

    public async Task<IReadOnlyList<Dispute>> Newest(
        OrgId org, DisputeStatus? status, DisputeId? before, int count, CancellationToken cancellationToken) =>
        [.. (await disputes.Newest(org, status, before, count, cancellationToken)).Select(row => Dispute.Of(row))];

    /// <summary>Writes what speaks against it.</summary>
    public Task<EvidenceOutcome> Write(
        OrgId org, DisputeId id, EvidenceDraft draft, string actor, CancellationToken cancellationToken) => Change(
        org,
        id,
        actor,
        "dispute.evidence_written",
        async (account, _) =>
        {
            await EvidenceStore.Write(account, id, draft, actor, cancellationToken);
            return null;
        },
        cancellationToken);

    /// <summary>Adds a file.</summary>
    public Task<EvidenceOutcome> Add(
        OrgId org, DisputeId id, StoredFile file, string actor, CancellationToken cancellationToken) => Change(
        org,
        id,
        actor,
        "dispute.file_added",
        async (account, written) =>
        {
            if (written?.Files.Count >= Limits.EvidenceFilesMax)
            {
                return new EvidenceOutcome.TooManyFiles();
            }

            await EvidenceStore.Add(account, id, file, actor, cancellationToken);
            return null;
        },
        cancellationToken);

    /// <summary>Has it sent, once.</summary>
    public Task<EvidenceOutcome> Submit(
        OrgId org, DisputeId id, string actor, CancellationToken cancellationToken) => Change(
        org,
        id,
        actor,
        "dispute.evidence_submitted",
        async (account, written) =>
        {
            if (written is not { Explanation.Length: > 0 })
            {
                return new EvidenceOutcome.NothingWritten();
            }

            await EvidenceStore.Move(account, id, EvidenceStatus.Submitting, actor, null, cancellationToken);
            var job = new SubmitEvidenceJob(org, account.BillingAccount, id);
            await jobs.Enqueue(account.Transaction, job, job.Terms, cancellationToken);
            return null;
        },
        cancellationToken);

    private async Task<EvidenceOutcome> Change(
        OrgId org,
        DisputeId id,
        string actor,
        string action,
        Func<LockedAccount, Evidence?, Task<EvidenceOutcome?>> act,
        CancellationToken cancellationToken)
    {
        if (await disputes.Peek(org, id, cancellationToken) is not { } seen)
        {
            return new EvidenceOutcome.NotFound();
        }

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var account = await locks.Take(transaction, new BillingAccountKey(org, seen.BillingAccount), cancellationToken);
        var row = (await disputes.ById(account, id, cancellationToken))!;
        var before = await EvidenceStore.Find(account, id, cancellationToken);
        if (!row.Status.IsOpen())
        {
            return new EvidenceOutcome.Closed();
        }

        if (row.EvidenceSubmittedAt is not null || before is { Status: not EvidenceStatus.Draft })
        {
            return new EvidenceOutcome.AlreadySubmitted();
        }

        if (await act(account, before) is { } refusal)
        {
            return refusal;
        }

        var after = await EvidenceStore.Find(account, id, cancellationToken);
        var entry = new AuditEntry(org, actor, action, id.ToString(), Before: Json(before), After: Json(after));
        await audit.Record(transaction, entry, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        jobs.Hint();
        return new EvidenceOutcome.Standing(Dispute.Of(row, after));
    }

    /// <summary>
    /// One attempt to send what was decided to be sent. What the provider refuses is the operator's again; of what it never
    /// answers the last attempt leaves a finding.
    /// </summary>
    public async Task Run(JobRun run, SubmitEvidenceJob job, CancellationToken cancellationToken)
    {
        if (await disputes.Peek(job.Org, job.Dispute, cancellationToken) is not { } dispute
            || await evidence.Find(job.Org, job.Dispute, cancellationToken) is not { Status: EvidenceStatus.Submitting } written)
        {
            return;
        }

        switch (await Send(dispute, written, cancellationToken))
        {
            case ProviderOutcome<ProviderDispute>.Done:
                await Finish(job, cancellationToken);
                return;
            case ProviderOutcome<ProviderDispute>.NotFound(var failure):
                await Refuse(job, failure, cancellationToken);
                return;
            case ProviderOutcome<ProviderDispute>.Rejected(var failure) when failure.Category
                is not (ProviderFailureCategory.Authentication or ProviderFailureCategory.Permission):
                await Refuse(job, failure, cancellationToken);
                return;
            case var outcome:
                if (run.Attempt >= JobLimits.AttemptsMax)
                {
                    await GiveUp(job, dispute, cancellationToken);
                }

                throw new ProviderSilentException($"evidence of {dispute.Id} ended as {outcome}");
        }
    }

    // Another key for what may be something else: the provider answers a known one as it did before.
    private async Task<ProviderOutcome<ProviderDispute>> Send(
        DisputeRow dispute, Evidence written, CancellationToken cancellationToken)
    {
        if (providers.Of(dispute.Place.Mode) is not { } provider || provider.Name != dispute.Place.Provider)
        {
            return new ProviderOutcome<ProviderDispute>.Unknown(new ProviderFailure(
                ProviderFailureCategory.Provider, "submit_evidence", $"{dispute.Place.Provider} is not configured."));
        }

        var refusals = await evidence.Refusals(dispute.Org, dispute.Id, cancellationToken);
        var files = await evidence.Contents(dispute.Org, dispute.Id, cancellationToken);
        return await provider.SubmitEvidence(
            dispute.ProviderId,
            new EvidenceParameters(
                written.Explanation,
                [.. files.Select(file => (file.Name, file.ContentType, (ReadOnlyMemory<byte>)file.Content))],
                written.CustomerName,
                written.CustomerEmail,
                Submit: true),
            keys.CallKeyOf(dispute.Place, "evidence", refusals == 0 ? $"{dispute.Id}" : $"{dispute.Id}/{refusals}"),
            cancellationToken);
    }

    private async Task Refuse(SubmitEvidenceJob job, ProviderFailure failure, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var account = await locks.Take(transaction, job.Key, cancellationToken);
        var words = ErrorText.Cut(failure.Message, Limits.RefusalCharactersMax);
        await EvidenceStore.Refuse(account, job.Dispute, words, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        Log.EvidenceRefused(logger, job.Dispute, failure.Category, words);
    }

    private async Task GiveUp(SubmitEvidenceJob job, DisputeRow dispute, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var account = await locks.Take(transaction, job.Key, cancellationToken);
        var finding = new NewFinding(
            FindingKinds.EvidenceUnknown,
            dispute.ProviderId,
            $"Whether the provider took what speaks against {dispute.Id} is not known, and it is not sent any more.",
            dispute.AmountMinor,
            dispute.Currency);
        await findings.Add(account, finding, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private async Task Finish(SubmitEvidenceJob job, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var account = await locks.Take(transaction, job.Key, cancellationToken);
        var row = (await disputes.ById(account, job.Dispute, cancellationToken))!;
        var status = row.Status.MayBecome(DisputeStatus.EvidenceSubmitted) ? DisputeStatus.EvidenceSubmitted : row.Status;
        await disputes.Save(
            account, row, row with { Status = status, EvidenceSubmittedAt = account.Now }, cancellationToken);
        await EvidenceStore.Move(
            account, job.Dispute, EvidenceStatus.Submitted, null, account.Now, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static string? Json(Evidence? evidence) =>
        evidence is null ? null : JsonSerializer.Serialize(evidence, JsonConventions.Options);
}
