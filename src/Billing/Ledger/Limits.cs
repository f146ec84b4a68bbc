namespace Quoin.Ledger;

/// <summary>The ledger's limits, each with its reason.</summary>
public static class Limits
{
    /// <summary>Entries shown beside balances: what fits a screen; all of them are a list of their own.</summary>
    public const int EntriesInSummary = 20;

    /// <summary>Letters of a transfer's or hold's key: room for a prefixed natural key and a provider's id.</summary>
    public const int KeyLettersMax = 200;

    /// <summary>Begins the keys of transfers the ledger makes itself; no other key may begin so.</summary>
    public const string OwnKeyPrefix = "ledger:";

    /// <summary>Letters of a reference: it names other rows, it does not carry their content.</summary>
    public const int ReferenceLettersMax = 500;

    /// <summary>Names in a transfer's metadata.</summary>
    public const int MetadataNamesMax = 20;

    /// <summary>Letters of all metadata of a transfer, names and values: ids and labels, not documents.</summary>
    public const int MetadataLettersMax = 2_000;

    /// <summary>Transfers that are posted together or not at all: one flush carries them.</summary>
    public const int LinkedTransfersMax = 100;

    /// <summary>
    /// Legs of a reversal: a debit may span all open grants of a chart, a return the exhausted ones, too.
    /// </summary>
    public const int ReversalLegsMax = 1_000;

    /// <summary>Letters of a correction's reason: fits the reference of its transfer, beside what it names.</summary>
    public const int CorrectionReasonLettersMax = 400;

    /// <summary>Letters of a correction's evidence: a paragraph or an address, not a document.</summary>
    public const int EvidenceLettersMax = 2_000;

    /// <summary>Corrections of one transfer, decided or not: all of them are locked while one is decided.</summary>
    public const int CorrectionsPerTransferMax = 100;

    /// <summary>Legs of a transfer a person writes: more is an import, which has facts of its own.</summary>
    public const int LegsMax = 100;

    /// <summary>Holds one usage may release: those of all calls whose usage is rated in one step, a few ten thousand.</summary>
    public const int ReleasesMax = 100_000;

    /// <summary>Scopes of a grant, and letters of each.</summary>
    public const int ScopesMax = 50;

    /// <inheritdoc cref="ScopesMax" />
    public const int ScopeLettersMax = 100;

    /// <summary>The lowest-ranking priority of a grant; 0 is the highest.</summary>
    public const int PriorityMax = 100;

    /// <summary>Open grants of a chart: all of them are looked at with every debit.</summary>
    public const int OpenGrantsMax = 500;

    /// <summary>Exhausted grants looked at when usage is given back, the newest first.</summary>
    public const int ExhaustedGrantsSeen = 100;

    /// <summary>
    /// Charts remembered in a process: one or two thousand bytes each, so some tens of megabytes. A forgotten one costs
    /// one look into the database.
    /// </summary>
    public const int RememberedChartsMax = 20_000;

    /// <summary>
    /// So many flushes must have found books as this process left them before one decides upon them unseen: a right guess
    /// saves a round trip, a wrong one costs one. Books that two replicas take turns at seldom come that far.
    /// </summary>
    public const int FlushesUntilTrusted = 3;

    /// <summary>
    /// How long books are waited for that a posting of this process has in hand: it is done in some milliseconds, or waits
    /// for another replica itself.
    /// </summary>
    public static readonly TimeSpan BooksAwaitedLongest = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// How long a posting waits for what is on its way to the database, a millisecond or two as a rule. That may itself wait for
    /// this very posting's transaction, so not for long.
    /// </summary>
    public static readonly TimeSpan FlightAwaitedLongest = TimeSpan.FromMilliseconds(5);

    /// <summary>One amount, in micros: a thousand million units of currency. More is a typing mistake.</summary>
    public const long AmountMicrosMax = 1_000_000_000 * Kernel.Money.MicrosPerUnit;

    /// <summary>
    /// What may stand on one account, in micros, either way: half of what 64 bits hold, so that no sum of a balance and
    /// what is held can wrap.
    /// </summary>
    public const long BalanceMicrosMax = long.MaxValue / 2;

    /// <summary>One grant of credit, in micros: a million units of currency. More is a typing mistake.</summary>
    public const long GrantMicrosMax = 1_000_000 * Kernel.Money.MicrosPerUnit;

    /// <summary>Entries of a statement read by one query: a few milliseconds, half a megabyte.</summary>
    public const int StatementRowsAtOnce = 2_000;

    /// <summary>A request's JSON, but for transfers with many legs: the longest texts, escaped, with room to spare.</summary>
    public const int BodyBytesMax = 64 * 1024;

    /// <summary>A request of linked transfers: as many as may be linked, with two dozen legs each.</summary>
    public const int TransfersBodyBytesMax = 512 * 1024;

    /// <summary>When a caller should come back whom full queues turned away: they empty in about a second.</summary>
    public const int BusyRetryAfterSeconds = 1;

    /// <summary>
    /// The farthest future instant taken: a contract's life, and far from where adding to an instant overflows.
    /// </summary>
    public static readonly TimeSpan FarthestAhead = TimeSpan.FromDays(365 * 100);

    /// <summary>How long after its expiry a grant still pays for usage from before it: events come late.</summary>
    public static readonly TimeSpan ExpiryGrace = TimeSpan.FromHours(24);

    /// <summary>The longest a hold may reserve at once; who needs longer renews it.</summary>
    public static readonly TimeSpan HoldLongest = TimeSpan.FromDays(31);

    /// <summary>
    /// Lanes in which commands are gathered. An organisation's always take the same one, so their order is kept; two
    /// let one decide and write while the other waits for the disk.
    /// </summary>
    public const int Lanes = 2;

    /// <summary>Commands of one flush: some tens of milliseconds, so a hundred callers wait little for each other.</summary>
    public const int CommandsPerFlushMax = 1_000;

    /// <summary>Commands that may wait in a lane: about a second of work. Beyond it callers are told to come back.</summary>
    public const int QueuedCommandsMax = 20_000;

    /// <summary>Grants and holds one run of due work ends before it looks again.</summary>
    public const int DuePerRunMax = 1_000;

    /// <summary>
    /// Transfers of an organisation verified in one snapshot, some seconds of work: longer ones would keep the database
    /// from tidying up, and more would be lost when verification is broken off.
    /// </summary>
    public const int TransfersPerCheckpoint = 1_000_000;

    /// <summary>Transfers verification holds in memory at once, with their entries: a few megabytes.</summary>
    public const int TransfersPerChunk = 5_000;

    /// <summary>Organisations verified at the same time: each takes a connection and a processor.</summary>
    public const int VerifiersMax = 32;

    /// <summary>Findings listed for an organisation: who finds a hundred looks at the first ones. All are counted.</summary>
    public const int FindingsListedMax = 100;

    /// <summary>Bytes of a resume file below which it is not worth rewriting without what is no longer needed.</summary>
    public const long ResumeFileBytesMin = 16 * 1024 * 1024;

    /// <summary>Organisations in one anchor: some 200 bytes each.</summary>
    public const int AnchoredOrganisationsMax = 1_000_000;
}
