using Npgsql;
using Quoin.Kernel;
using Quoin.Ledger.VerifyBooks;

namespace Quoin.Ledger;

/// <summary>How to verify.</summary>
public sealed record VerificationOptions
{
    /// <summary>Only this organisation; null for all.</summary>
    public OrgId? Org { get; init; }

    /// <summary>Organisations verified at the same time, each on a connection of its own.</summary>
    public int Parallel { get; init; } = Environment.ProcessorCount;

    /// <summary>Keeps what was verified so far in this file, and goes on from it where it is there already.</summary>
    public string? ResumeFile { get; init; }

    /// <summary>Heads that must still be in the chains; null for none. Its signature is the caller's to check.</summary>
    public LedgerAnchor? Anchor { get; init; }

    /// <summary>
    /// Transfers of an organisation between two checkpoints. Each stretch is read in a snapshot of its own, so that none
    /// is kept open for long.
    /// </summary>
    public int TransfersPerCheckpoint { get; init; } = Limits.TransfersPerCheckpoint;
}

/// <summary>How far verification has come.</summary>
/// <param name="Organisations">Organisations that are done.</param>
/// <param name="OrganisationsInAll">Organisations there are.</param>
/// <param name="Transfers">Transfers read so far.</param>
/// <param name="Findings">What was found so far.</param>
public readonly record struct VerificationProgress(int Organisations, int OrganisationsInAll, long Transfers, long Findings);

/// <summary>What verification found.</summary>
/// <param name="Organisations">Organisations verified.</param>
/// <param name="Transfers">Transfers verified.</param>
/// <param name="Entries">Entries verified.</param>
/// <param name="Findings">What is wrong, by organisation; at most <see cref="Limits.FindingsListedMax"/> of each.</param>
/// <param name="FindingCount">How much is wrong, what is not listed included.</param>
/// <param name="CannotKnow">What no verification of this kind can tell, in sentences for a person.</param>
public sealed record VerificationReport(
    int Organisations,
    long Transfers,
    long Entries,
    IReadOnlyList<BooksFinding> Findings,
    long FindingCount,
    IReadOnlyList<string> CannotKnow)
{
    /// <summary>Whether nothing is wrong.</summary>
    public bool IsSound => FindingCount == 0;
}

/// <summary>Every way verifying can end.</summary>
public abstract record VerificationOutcome
{
    private VerificationOutcome()
    {
    }

    /// <summary>The resume file cannot go on with what is asked.</summary>
    /// <param name="Reason">Why, for a person.</param>
    public sealed record CannotResume(string Reason) : VerificationOutcome;

    /// <summary>All was read.</summary>
    /// <param name="Report">What was found.</param>
    public sealed record Verified(VerificationReport Report) : VerificationOutcome;
}

/// <summary>
/// Proves the books: reads every transfer and entry in the order of the chain, computes every hash and balance anew, and
/// compares. Only reads, in snapshots, and so runs beside a live system without waiting for it or being deceived by it.
/// </summary>
/// <param name="database">The database.</param>
public sealed class LedgerVerification(NpgsqlDataSource database)
{
    /// <summary>Verifies.</summary>
    /// <param name="options">What, and how.</param>
    /// <param name="progress">Is told about every stretch that was verified; null for nobody.</param>
    /// <param name="cancellationToken">Stops it; with a resume file it can be gone on with.</param>
    /// <exception cref="NpgsqlException">The database failed.</exception>
    /// <exception cref="IOException">The resume file could not be read or written.</exception>
    public async Task<VerificationOutcome> Run(
        VerificationOptions options, IProgress<VerificationProgress>? progress, CancellationToken cancellationToken)
    {
        var orgs = await OrganisationsInBooks.Read(database, options, cancellationToken);
        using var state = VerificationState.Open(options);
        if (state.Refusal is { } reason)
        {
            return new VerificationOutcome.CannotResume(reason);
        }

        var tally = new VerificationTally(state, orgs.Count, progress);
        var waiting = orgs.Where(org => !state.IsFinished(org));
        var parallel = new ParallelOptions
        {
            MaxDegreeOfParallelism = Math.Clamp(options.Parallel, 1, Limits.VerifiersMax),
            CancellationToken = cancellationToken,
        };
        await Parallel.ForEachAsync(
            waiting,
            parallel,
            async (org, stop) => await new OrgVerification(database, org, options, tally).Run(state.CheckpointOf(org), stop));
        return new VerificationOutcome.Verified(tally.Report(options.Anchor));
    }
}
