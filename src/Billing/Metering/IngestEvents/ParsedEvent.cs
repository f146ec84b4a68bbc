using Quoin.Kernel;

namespace Quoin.Metering.Internal;

/// <summary>An event that passed every check, ready to be stored; or one that did not, with the reason.</summary>
internal sealed class ParsedEvent
{
    public OrgId Org { get; set; }

    public BillingAccountId BillingAccount { get; set; }

    public ReadOnlyMemory<byte> Id { get; set; }

    public ReadOnlyMemory<byte> Source { get; set; }

    public ReadOnlyMemory<byte> Type { get; set; }

    public ReadOnlyMemory<byte>? Subject { get; set; }

    /// <summary>The time the sender gave; null when it gave none.</summary>
    public DateTimeOffset? SentTime { get; set; }

    public DateTimeOffset OccurredAt { get; set; }

    /// <summary>When the usage its data tells of ended; null when it does not say.</summary>
    public DateTimeOffset? WindowEnd { get; set; }

    /// <summary>The data as it was sent: JSON text inside the request's body.</summary>
    public ReadOnlyMemory<byte> Data { get; set; }

    /// <summary>The ledger's hold that was made for it; null where it names none.</summary>
    public Guid? Hold { get; set; }

    /// <summary>128 bits of SHA-256 over source and id.</summary>
    public Guid KeyHash { get; set; }

    /// <summary>128 bits of SHA-256 over type, subject, time and canonical data.</summary>
    public Guid BodyHash { get; set; }

    /// <summary>What it says to its meters; null while its time is not known, which decides who they are.</summary>
    public Measurement[]? Measurements { get; set; }

    public Verdict Verdict { get; set; }

    public ProblemKind Problem { get; set; }

    public string? Reason { get; set; }

    /// <summary>Where it is stored, once it is; for a duplicate or conflict, where the first one is.</summary>
    public EventPosition Position { get; set; }

    public bool IsRejected => Verdict == Verdict.Rejected;
}
