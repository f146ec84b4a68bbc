namespace Quoin.Charging;

/// <summary>Charging's limits, each with its reason.</summary>
public static class Limits
{
    /// <summary>
    /// Folds rated in one transaction. A step takes what waits, so it has tens of milliseconds' worth at a steady stream; only
    /// a backlog fills it, and then more usage of one kind becomes one line and one transfer. A second or so, so that a
    /// killed replica repeats little.
    /// </summary>
    public const int FoldsPerStepMax = 16_000;

    /// <summary>
    /// How often a step is begun because another transaction moved a position: once is common after a lease changed
    /// hands, more is chance; beyond, the pump pauses first.
    /// </summary>
    public const int AttemptsMax = 4;

    /// <summary>Positions a replica remembers as it wrote them; some hundred bytes each.</summary>
    public const int RememberedPositionsMax = 200_000;

    /// <summary>
    /// How long after a period's end it is closed: usage that comes a little late still counts before minimums and
    /// commitments do. What comes later is late, and counts as well.
    /// </summary>
    public static readonly TimeSpan CloseAfter = TimeSpan.FromHours(24);

    /// <summary>Set-aside folds that come back in one transaction, beside new ones.</summary>
    public const int ReturnedPerStepMax = 1_000;

    /// <summary>
    /// What one rating key may come to in one period: a thousand million units of currency. More is a wrong price or a
    /// wrong quantity; it is set aside for a person, long before 64 bits of micros end.
    /// </summary>
    public const long RatedMicrosMax = 1_000_000_000 * Kernel.Money.MicrosPerUnit;

    /// <summary>Lines read at once while a file of them is written.</summary>
    public const int LinesPerReadMax = 1_000;

    /// <summary>Rows of one spend answer.</summary>
    public const int SpendPointsMax = 10_000;

    /// <summary>Groups of unpriced usage shown at once.</summary>
    public const int UnpricedShownMax = 500;

    /// <summary>How long after news of set-aside usage more of the same is told: daily, not with every step.</summary>
    public static readonly TimeSpan TellAgainAfter = TimeSpan.FromDays(1);

    /// <summary>Letters of the reason a person gives; a sentence or two.</summary>
    public const int ReasonLettersMax = 500;

    /// <summary>Organisations remembered because their usage made a step throw; beyond, they cost a step each time.</summary>
    public const int SuspectsMax = 1_000;

    /// <summary>How long they are remembered: long enough to spare others, short enough to forget one that is well.</summary>
    public static readonly TimeSpan SuspectFor = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Pieces of usage a reconciliation holds at once, some hundred bytes each: a longer stretch of time is cut in two.
    /// </summary>
    public const int UsageHeldMax = 250_000;

    /// <summary>Seconds a statement may take that reads all lines of an organisation's period again.</summary>
    public const int ReplaySecondsMax = 600;

    /// <summary>Transfers a reconciliation compares in one step.</summary>
    public const int TransfersComparedAtOnce = 1_000;

    /// <summary>Findings one step of a reconciliation writes down: where more is wrong, these say enough.</summary>
    public const int FindingsPerStepMax = 1_000;

    /// <summary>Entries of a line's transfer that are shown: grants that paid, and the accounts.</summary>
    public const int LegsShownMax = 200;

    /// <summary>Days a shared explanation may be open.</summary>
    public const int ShareDaysMax = 90;

    /// <summary>Shares of a line that are listed.</summary>
    public const int SharesShownMax = 100;

    /// <summary>Days of usage one shadow rating takes: a billing period.</summary>
    public const int ShadowDaysMax = 31;

    /// <summary>Organisations one shadow rating takes: minutes of work, not hours.</summary>
    public const int ShadowOrganisationsMax = 500;

    /// <summary>Candidate prices of one shadow rating.</summary>
    public const int ShadowPricesMax = 500;

    /// <summary>Winners, and losers, a shadow rating names.</summary>
    public const int ShadowShownMax = 10;

    /// <summary>Folds of one request that are followed: a name used again and again has more.</summary>
    public const int TrailFoldsMax = 20;

    /// <summary>Events of a request that are shown.</summary>
    public const int TrailEventsMax = 20;

    /// <summary>Pieces of usage of one fold that are followed.</summary>
    public const int TrailPiecesMax = 50;

    /// <summary>Letters of a correlation id; a request's name has no more.</summary>
    public const int CorrelationLettersMax = 128;

    /// <summary>Days one reconciliation may span: a year and a leap day.</summary>
    public const int ReconciledDaysMax = 366;

    /// <summary>The hour, UTC, from which the night's reconciliation may begin.</summary>
    public const int NightlyHour = 2;

    /// <summary>Days the night's reconciliation covers: yesterday, and the day before for what came late.</summary>
    public const int NightlyDays = 2;

    /// <summary>How often a replica looks whether the night's reconciliation is due.</summary>
    public static readonly TimeSpan NightlyLook = TimeSpan.FromMinutes(15);

    /// <summary>
    /// A pause after a step that found work: at a steady stream it lets folds gather, and keeps event to balance far
    /// below a quarter second.
    /// </summary>
    public static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(20);
}
