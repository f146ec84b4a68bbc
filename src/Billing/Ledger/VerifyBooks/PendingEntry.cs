namespace Quoin.Ledger.VerifyBooks;

/// <summary>The entry that is next in a chunk.</summary>
internal ref struct PendingEntry
{
    private readonly CopiedRows rows;

    public PendingEntry(CopiedRows rows)
    {
        this.rows = rows;
        Advance();
    }

    private PendingEntry(CopiedRows rows, int place)
        : this(Returned(rows, place))
    {
    }

    /// <summary>Whether there is one.</summary>
    public bool IsThere { get; private set; }

    /// <summary>The entry.</summary>
    public CopiedEntry Entry { get; private set; }

    /// <summary>Where it begins; <see cref="From"/> leads back to it.</summary>
    public int Place { get; private set; }

    /// <summary>Goes to the next one.</summary>
    public void Advance()
    {
        Place = rows.Position;
        IsThere = rows.Next();
        Entry = IsThere ? new CopiedEntry(rows) : default;
    }

    /// <summary>Where the one after it begins.</summary>
    public readonly int Ahead => rows.Position;

    /// <summary>A second look from an earlier place: who goes on afterwards returns to <see cref="Ahead"/> first.</summary>
    public readonly PendingEntry From(int place) => new(rows, place);

    /// <summary>Goes back to where one looked from.</summary>
    public readonly void Return(int ahead) => rows.Return(ahead);

    private static CopiedRows Returned(CopiedRows rows, int place)
    {
        rows.Return(place);
        return rows;
    }
}
