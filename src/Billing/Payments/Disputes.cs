using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Payments.AnswerDisputes;
using Quoin.Platform;

namespace Quoin.Payments;

/// <summary>A dispute, as it stands.</summary>
/// <param name="Id">The dispute.</param>
/// <param name="BillingAccountId">Whose.</param>
/// <param name="PaymentId">Of which payment.</param>
/// <param name="Status">How it stands.</param>
/// <param name="Reason">What the bank says.</param>
/// <param name="Amount">How much.</param>
/// <param name="AmountMinor">The same in minor units.</param>
/// <param name="IsWithdrawn">Whether the money was taken.</param>
/// <param name="IsReinstated">Whether it was given back.</param>
/// <param name="ProviderDisputeId">The provider's id.</param>
/// <param name="OpenedAt">When it was opened.</param>
/// <param name="EvidenceDueAt">Until when it may be answered; null unknown.</param>
/// <param name="EvidenceSubmittedAt">When it was answered; null while it is not.</param>
/// <param name="ClosedAt">When the bank decided; null while it has not.</param>
/// <param name="Evidence">What speaks against it; null while nothing was written.</param>
public sealed record Dispute(
    DisputeId Id,
    BillingAccountId BillingAccountId,
    PaymentId PaymentId,
    DisputeStatus Status,
    string Reason,
    Money Amount,
    long AmountMinor,
    bool IsWithdrawn,
    bool IsReinstated,
    string ProviderDisputeId,
    DateTimeOffset OpenedAt,
    DateTimeOffset? EvidenceDueAt,
    DateTimeOffset? EvidenceSubmittedAt,
    DateTimeOffset? ClosedAt,
    Evidence? Evidence)
{
    internal static Dispute Of(Internal.DisputeRow row, Evidence? evidence = null) => new(
        row.Id,
        row.BillingAccount,
        row.Payment,
        row.Status,
        row.Reason,
        MinorUnits.ToMoney(row.AmountMinor, Currency.Of(row.Currency)),
        row.AmountMinor,
        row.IsWithdrawn,
        row.IsReinstated,
        row.ProviderId,
        row.OpenedAt,
        row.EvidenceDueAt,
        row.EvidenceSubmittedAt,
        row.ClosedAt,
        evidence);
}

/// <summary>What speaks against a dispute.</summary>
/// <param name="Status">How far it is.</param>
/// <param name="Explanation">In words.</param>
/// <param name="CustomerName">Of whom it is; null none.</param>
/// <param name="CustomerEmail">Of whom it is; null none.</param>
/// <param name="Files">What goes with it.</param>
/// <param name="SubmittedBy">Who sent it; null while nobody has.</param>
/// <param name="SubmittedAt">When.</param>
/// <param name="Refusal">Why the provider refused it when it was sent last, in its words; null when it did not.</param>
public sealed record Evidence(
    EvidenceStatus Status,
    string Explanation,
    string? CustomerName,
    string? CustomerEmail,
    IReadOnlyList<EvidenceFile> Files,
    string? SubmittedBy,
    DateTimeOffset? SubmittedAt,
    string? Refusal);

/// <summary>A file of evidence.</summary>
/// <param name="Name">Its name.</param>
/// <param name="ContentType">What it is.</param>
/// <param name="Bytes">How large.</param>
/// <param name="Sha256">Its hash, in lower-case hexadecimals.</param>
public sealed record EvidenceFile(string Name, string ContentType, int Bytes, string Sha256);

/// <summary>Every way answering a dispute can end, in the order they are checked.</summary>
public abstract record EvidenceOutcome
{
    private EvidenceOutcome()
    {
    }

    /// <summary>There is no such dispute here.</summary>
    public sealed record NotFound : EvidenceOutcome;

    /// <summary>It stands so.</summary>
    /// <param name="Dispute">The dispute.</param>
    public sealed record Standing(Dispute Dispute) : EvidenceOutcome;

    /// <summary>The bank has decided.</summary>
    public sealed record Closed : EvidenceOutcome;

    /// <summary>It was answered, once and finally.</summary>
    public sealed record AlreadySubmitted : EvidenceOutcome;

    /// <summary>Nothing was written that could be sent.</summary>
    public sealed record NothingWritten : EvidenceOutcome;

    /// <summary>It has as many files as it may.</summary>
    public sealed record TooManyFiles : EvidenceOutcome;
}

/// <summary>What speaks against a dispute is to be sent.</summary>
/// <param name="Org">Whose organisation.</param>
/// <param name="BillingAccount">Whose.</param>
/// <param name="Dispute">Which.</param>
public sealed record SubmitEvidenceJob(OrgId Org, BillingAccountId BillingAccount, DisputeId Dispute) : IJobPayload
{
    /// <inheritdoc />
    public static string JobName => "payments.submit_evidence";

    internal JobTerms Terms => new() { UniqueKey = $"{Org}/{Dispute}", Org = Org };

    internal BillingAccountKey Key => new(Org, BillingAccount);
}
