namespace Quoin.Accounts;

/// <summary>What recomputing an audit chain found.</summary>
public abstract record AuditVerdict
{
    private AuditVerdict()
    {
    }

    /// <summary>
    /// Every entry is as it was written. Whoever may change the tables themselves can still replace the whole chain:
    /// compare <paramref name="Head"/> with one kept elsewhere.
    /// </summary>
    /// <param name="Entries">How many entries there are.</param>
    /// <param name="Head">The last hash in hexadecimal; zeros for an empty chain.</param>
    public sealed record Intact(long Entries, string Head) : AuditVerdict;

    /// <summary>Something was changed behind Quoin's back.</summary>
    /// <param name="Sequence">The first place where it shows.</param>
    /// <param name="Why">What is wrong there.</param>
    public sealed record Broken(long Sequence, string Why) : AuditVerdict;
}
