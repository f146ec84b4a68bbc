using Quoin.Kernel;

namespace Quoin.Ledger.VerifyBooks;

/// <summary>Gathers what the organisations' verifications come to, and tells how far they are.</summary>
internal sealed class VerificationTally
{
    private readonly VerificationState state;
    private readonly IProgress<VerificationProgress>? progress;
    private readonly int organisationsInAll;
    private readonly Lock gate = new();
    private readonly Dictionary<OrgId, int> listed = [];
    private int organisations;
    private long transfers;
    private long found;

    public VerificationTally(VerificationState state, int organisationsInAll, IProgress<VerificationProgress>? progress)
    {
        (this.state, this.organisationsInAll, this.progress) = (state, organisationsInAll, progress);
        foreach (var line in state.Lines)
        {
            organisations += line.IsFinished ? 1 : 0;
            found += line.FindingCount;
            listed[line.Org] = listed.GetValueOrDefault(line.Org) + line.Findings.Count;
        }

        transfers = LatestLines().Sum(line => line.Position.Transfers);
    }

    /// <summary>How many findings of an organisation are listed already.</summary>
    public int ListedOf(OrgId org)
    {
        lock (gate)
        {
            return listed.GetValueOrDefault(org);
        }
    }

    /// <summary>A stretch is done, and its organisation goes on.</summary>
    public void Checkpoint(OrgId org, ChainPosition before, ChainPosition position, OrgFindings findings, OrgAccounts accounts)
    {
        var (taken, count) = findings.Take();
        state.Add(new StateLine(org, IsFinished: false, position, count, taken, [.. accounts.All.Select(SavedAccount.Of)]));
        Count(before, position, count, 0);
    }

    /// <summary>An organisation is done.</summary>
    public void Finish(OrgId org, ChainPosition before, ChainPosition position, OrgFindings findings)
    {
        var (taken, count) = findings.Take();
        state.Add(new StateLine(org, IsFinished: true, position, count, taken, []));
        Count(before, position, count, 1);
    }

    /// <summary>All of it.</summary>
    public VerificationReport Report(LedgerAnchor? anchor)
    {
        BooksFinding[] all = [.. state.Lines
            .OrderBy(line => line.Org.Value)
            .SelectMany(line => line.Findings)];
        return new VerificationReport(
            organisations,
            transfers,
            LatestLines().Sum(line => line.Position.Entries),
            all,
            found,
            CannotKnow.With(anchor, LatestLines().Select(line => line.Org)));
    }

    private IEnumerable<StateLine> LatestLines() => state.Lines.GroupBy(line => line.Org).Select(lines => lines.Last());

    private void Count(ChainPosition before, ChainPosition position, long count, int finished)
    {
        VerificationProgress now;
        lock (gate)
        {
            transfers += position.Transfers - before.Transfers;
            found += count;
            organisations += finished;
            now = new VerificationProgress(organisations, organisationsInAll, transfers, found);
        }

        progress?.Report(now);
    }
}
