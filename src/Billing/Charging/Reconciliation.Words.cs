using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Metering;

namespace Quoin.Charging;

/// <summary>A run of the reconciliation of usage with the books.</summary>
/// <param name="Value">The bare value, as stored.</param>
public readonly record struct ReconciliationRunId(Guid Value) : IId<ReconciliationRunId>
{
    /// <inheritdoc />
    public static string Prefix => "rec";

    /// <inheritdoc />
    public static ReconciliationRunId From(Guid value) => new(value);

    /// <inheritdoc />
    public override string ToString() => IdText.Format(Prefix, Value);
}

/// <summary>Something a reconciliation found.</summary>
/// <param name="Value">The bare value, as stored.</param>
public readonly record struct ReconciliationFindingId(Guid Value) : IId<ReconciliationFindingId>
{
    /// <inheritdoc />
    public static string Prefix => "find";

    /// <inheritdoc />
    public static ReconciliationFindingId From(Guid value) => new(value);

    /// <inheritdoc />
    public override string ToString() => IdText.Format(Prefix, Value);
}

/// <summary>What can be wrong between an event and the books.</summary>
public enum ReconciliationKind
{
    /// <summary>Events are stored, and no line rates them; nor do they wait for it.</summary>
    MissingRating,

    /// <summary>A line has an amount that no transfer posted.</summary>
    MissingPosting,

    /// <summary>A quantity or amount is not what the stage before it comes to.</summary>
    AmountMismatch,

    /// <summary>A line without its events, or a transfer without its lines.</summary>
    Orphan,

    /// <summary>The same usage is rated, queued or posted more than once.</summary>
    Duplicate,

    /// <summary>A usage bucket is not the sum of its events.</summary>
    BucketMismatch,
}

/// <summary>Between which stages something does not fit.</summary>
public enum ReconciliationStage
{
    /// <summary>Events and buckets.</summary>
    Buckets,

    /// <summary>Events and the queue, what is set aside, and lines.</summary>
    Usage,

    /// <summary>Lines and the amounts their prices come to.</summary>
    Rating,

    /// <summary>Lines and transfers.</summary>
    Posting,
}

/// <summary>Where a run stands.</summary>
public enum ReconciliationState
{
    /// <summary>It is going on, or waits for a replica to go on with it.</summary>
    Running,

    /// <summary>All was compared.</summary>
    Finished,

    /// <summary>Somebody stopped it.</summary>
    Stopped,
}

/// <summary>What has been done about a finding.</summary>
public enum FindingState
{
    /// <summary>Nothing yet.</summary>
    Open,

    /// <summary>The usage waits for rating again.</summary>
    Requeued,

    /// <summary>A correction was asked for; a second person decides it.</summary>
    CorrectionRequested,
}

/// <summary>What a run compares.</summary>
/// <param name="Org">Only this organisation; null is all.</param>
/// <param name="Range">Usage that happened in it, and postings recorded in it; starts of quarter hours.</param>
public sealed record ReconciliationScope(OrgId? Org, Period Range);

/// <summary>A run.</summary>
/// <param name="Id">The run.</param>
/// <param name="Scope">What it compares.</param>
/// <param name="State">Where it stands.</param>
/// <param name="StartedBy">Who asked for it: a person, a key, or <c>system</c> for the night's.</param>
/// <param name="StartedAt">When.</param>
/// <param name="FinishedAt">When it ended; null while it has not.</param>
/// <param name="Place">Which organisation it has come to, and how far there; for a person.</param>
/// <param name="Organisations">How many it has compared.</param>
/// <param name="Events">How many measurements of events it derived again.</param>
/// <param name="Lines">How many lines it rated again.</param>
/// <param name="Transfers">How many transfers it compared.</param>
/// <param name="Findings">How much does not fit, what is not listed included.</param>
public sealed record ReconciliationRun(
    ReconciliationRunId Id,
    ReconciliationScope Scope,
    ReconciliationState State,
    string StartedBy,
    DateTimeOffset StartedAt,
    DateTimeOffset? FinishedAt,
    string Place,
    int Organisations,
    long Events,
    long Lines,
    long Transfers,
    long Findings)
{
    /// <summary>Whether all was compared and everything fits.</summary>
    public bool IsSound => State == ReconciliationState.Finished && Findings == 0;
}

/// <summary>Something that does not fit, as it was found.</summary>
/// <param name="Kind">What is wrong.</param>
/// <param name="Stage">Between which stages.</param>
/// <param name="Subject">What it is about, in one text; the same thing has the same.</param>
/// <param name="Expected">What should be there, for a person.</param>
/// <param name="Found">What is there.</param>
public sealed record ReconciliationFault(
    ReconciliationKind Kind, ReconciliationStage Stage, string Subject, string Expected, string Found)
{
    /// <summary>The usage it is about; null where it is about none.</summary>
    public UsageKey? Usage { get; init; }

    /// <summary>The fold it is about.</summary>
    public Guid? Fold { get; init; }

    /// <summary>The line it is about.</summary>
    public RatedLineId? Line { get; init; }

    /// <summary>The transfer it is about.</summary>
    public TransferId? Transfer { get; init; }

    /// <summary>Who is billed.</summary>
    public BillingAccountId? BillingAccount { get; init; }

    /// <summary>What is there more than there should be, in money; null where money is not at stake.</summary>
    public Money? Difference { get; init; }
}

/// <summary>A finding of a run.</summary>
/// <param name="Id">The finding.</param>
/// <param name="Org">At which organisation.</param>
/// <param name="Run">Which run found it.</param>
/// <param name="Fault">What does not fit.</param>
/// <param name="FoundAt">When it was found.</param>
/// <param name="State">What has been done about it.</param>
/// <param name="Correction">The correction asked for; null for none.</param>
/// <param name="RepairedBy">Who did something about it.</param>
/// <param name="RepairedAt">When.</param>
public sealed record ReconciliationFinding(
    ReconciliationFindingId Id,
    OrgId Org,
    ReconciliationRunId Run,
    ReconciliationFault Fault,
    DateTimeOffset FoundAt,
    FindingState State,
    CorrectionId? Correction,
    string? RepairedBy,
    DateTimeOffset? RepairedAt);

/// <summary>Every way a repair can end, in the order they are checked.</summary>
public abstract record RepairOutcome
{
    private RepairOutcome()
    {
    }

    /// <summary>There is no such finding.</summary>
    public sealed record NotFound : RepairOutcome;

    /// <summary>Something was done about it, now or before.</summary>
    /// <param name="Finding">As it stands.</param>
    public sealed record Repaired(ReconciliationFinding Finding) : RepairOutcome;

    /// <summary>What was found is so no more: nothing is left to repair.</summary>
    /// <param name="Reason">What is there now, for a person.</param>
    public sealed record NothingToRepair(string Reason) : RepairOutcome;

    /// <summary>No correction makes this right.</summary>
    /// <param name="Reason">What to do instead, for a person.</param>
    public sealed record NotRepairable(string Reason) : RepairOutcome;
}
