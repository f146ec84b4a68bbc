namespace Quoin.Ledger.VerifyBooks;

/// <summary>What was found in one organisation since it was last taken: the first ones as they are, the others counted.</summary>
/// <param name="listedBefore">How many are listed already.</param>
internal sealed class OrgFindings(int listedBefore)
{
    private List<BooksFinding> listed = [];
    private int room = Limits.FindingsListedMax - listedBefore;
    private long count;

    public void Add(BooksFinding finding)
    {
        count++;
        if (room > 0)
        {
            room--;
            listed.Add(finding);
        }
    }

    /// <summary>Takes them; what is found from now on is counted anew.</summary>
    public (IReadOnlyList<BooksFinding> Listed, long Count) Take()
    {
        var taken = (listed, count);
        (listed, count) = ([], 0);
        return taken;
    }
}
