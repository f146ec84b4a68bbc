using System.Globalization;

namespace Quoin.Cli;

/// <summary>An event that was not taken, and why.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Verdict"><c>conflict</c> or <c>rejected</c>.</param>
/// <param name="Detail">What is wrong, for a person.</param>
public sealed record NotTaken(string Id, string Verdict, string Detail);

/// <summary>What became of the events sent so far; written by many connections at once.</summary>
public sealed class SendTally
{
    private readonly Lock gate = new();
    private readonly List<NotTaken> notTaken = [];

    /// <summary>Stored and counted.</summary>
    public long Accepted { get; private set; }

    /// <summary>Stored and counted earlier.</summary>
    public long Duplicate { get; private set; }

    /// <summary>Another event has the source and id.</summary>
    public long Conflict { get; private set; }

    /// <summary>Cannot be counted.</summary>
    public long Rejected { get; private set; }

    /// <summary>All that have a verdict.</summary>
    public long Total => Accepted + Duplicate + Conflict + Rejected;

    /// <summary>Whether every event is stored.</summary>
    public bool IsAllTaken => Conflict + Rejected == 0;

    /// <summary>The first events that were not taken.</summary>
    public IReadOnlyList<NotTaken> NotTaken
    {
        get
        {
            lock (gate)
            {
                return [.. notTaken];
            }
        }
    }

    /// <summary>Adds a batch's verdicts.</summary>
    public void Add(BatchAnswer answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        lock (gate)
        {
            Accepted += answer.Accepted;
            Duplicate += answer.Duplicate;
            Conflict += answer.Conflict;
            Rejected += answer.Rejected;
            var missing = answer.Conflict + answer.Rejected == 0
                ? []
                : answer.Results.Where(result => result.Verdict is "conflict" or "rejected");
            foreach (var result in missing.Take(Limits.FaultsShownMax - notTaken.Count))
            {
                var detail = result.Detail ?? "another event with this source and id is stored";
                notTaken.Add(new NotTaken(
                    result.Id ?? string.Create(CultureInfo.InvariantCulture, $"[{result.Index}]"), result.Verdict, detail));
            }
        }
    }

    /// <inheritdoc />
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Accepted:n0} accepted, {Duplicate:n0} duplicate, {Conflict:n0} in conflict, {Rejected:n0} rejected");
}
