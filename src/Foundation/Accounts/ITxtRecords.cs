namespace Quoin.Accounts;

/// <summary>Reads TXT records of the DNS: a seam, for the network lies outside.</summary>
public interface ITxtRecords
{
    /// <summary>The records of a name; none where there are none, or no server answers in time.</summary>
    Task<IReadOnlyList<string>> Of(string name, CancellationToken cancellationToken);
}
