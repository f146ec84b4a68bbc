namespace Quoin.ConsolePages;

/// <summary>The console's limits, each with its reason.</summary>
public static class Limits
{
    /// <summary>A form of a person's own page: two passwords, or the longest SSH key.</summary>
    public const int AccountFormBytesMax = 16_384;

    /// <summary>Rows of a list page: a few screens, read in one go.</summary>
    public const int RowsPerPage = 50;

    /// <summary>Rows of each list of newest things on the overview.</summary>
    public const int RowsLatest = 8;

    /// <summary>Events shown under a rated line before the reader turns to the next page.</summary>
    public const int EventsPerLine = 25;

    /// <summary>Entries of one transfer: a debit may take from every open grant of a chart, and its rest from elsewhere.</summary>
    public const int EntriesPerTransfer = Quoin.Ledger.Limits.OpenGrantsMax + 10;

    /// <summary>Open grants shown in the order they are spent: all of two full charts, in one go.</summary>
    public const int OpenGrants = 2 * Quoin.Ledger.Limits.OpenGrantsMax;

    /// <summary>Open holds looked through for those that reserve some of a grant.</summary>
    public const int HoldsOfGrant = 500;

    /// <summary>Corrections of a transfer shown on its page: as many as one may have.</summary>
    public const int CorrectionsOfTransfer = Quoin.Ledger.Limits.CorrectionsPerTransferMax;

    /// <summary>A form's body: a few lines of text.</summary>
    public const long FormBytesMax = 16 * 1024;

    /// <summary>Entries a grant's line is drawn from: far more steps than can be told apart, read in tens of milliseconds.</summary>
    public const int EntriesDrawn = 10_000;

    /// <summary>Organisations offered at once; a search finds the others.</summary>
    public const int OrganisationsOffered = 20;

    /// <summary>Letters of a search: longer than any organisation's name.</summary>
    public const int SearchLettersMax = 200;

    /// <summary>Models with a colour of their own; the eye tells no more apart. The rest is shown as one.</summary>
    public const int ModelsCharted = 7;

    /// <summary>Rows of the table of models.</summary>
    public const int ModelsListed = 50;

    /// <summary>Columns of a chart: at 390 pixels each still has one and a half.</summary>
    public const int ColumnsMax = 192;

    /// <summary>Days of a range of the reader's own: in days it fits <see cref="ColumnsMax"/>.</summary>
    public const int DaysMax = 184;

    /// <summary>A chart's narrowest and widest drawing, in CSS pixels; what a browser says beyond is not believed.</summary>
    public const int ChartWidthMin = 240;

    /// <summary>See <see cref="ChartWidthMin"/>.</summary>
    public const int ChartWidthMax = 2_000;

    /// <summary>A chart's width where the browser has not said one yet.</summary>
    public const int ChartWidthDefault = 548;

    /// <summary>Years of a range of the reader's own: in months it fits <see cref="ColumnsMax"/> twice, and reads few buckets.</summary>
    public const int UsageYearsMax = 3;

    /// <summary>Rows of a table that stands open by itself: the days of a month.</summary>
    public const int StepsUnfolded = 31;

    /// <summary>Dimensions told apart in one chart: names of three parts are as much as a row holds.</summary>
    public const int UsageGroupings = 3;

    /// <summary>Dimensions one question names.</summary>
    public const int UsageDimensions = Metering.Limits.UsageDimensionsMax;

    /// <summary>Rows of the table of groups; a file holds them all.</summary>
    public const int GroupsListed = 100;

    /// <summary>Cells of a price in one form: more are not written by hand.</summary>
    public const int CellsEdited = 12;

    /// <summary>Quantities one preview rates.</summary>
    public const int QuantitiesPreviewed = 12;

    /// <summary>A price's form: its cells, each with a hundred tiers.</summary>
    public const long PriceFormBytesMax = 256 * 1024;

    /// <summary>Pages of stages this replica keeps up to date at once: a few operators'; each reads every queue's depth.</summary>
    public const int StageWatchersMax = 8;

    /// <summary>How often an open page of stages is read again.</summary>
    public static readonly TimeSpan StagesEvery = TimeSpan.FromSeconds(2);

    /// <summary>What has waited this long is behind: all that runs is looked at within seconds.</summary>
    public static readonly TimeSpan StageBehind = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Pages this replica keeps waiting for news at once: each is one open request and a few small reads a second. One
    /// too many is told to come back.
    /// </summary>
    public const int LiveWaitersMax = 256;

    /// <summary>Reads for waiting pages at once: they never take the connections that the API needs.</summary>
    public const int LiveReadsMax = 4;

    /// <summary>When a page that found no room comes back, in seconds.</summary>
    public const int LiveComeBackSeconds = 5;

    /// <summary>How long a page's question for news stays open: far below what proxies cut off.</summary>
    public static readonly TimeSpan LiveHold = TimeSpan.FromSeconds(8);

    /// <summary>How long to wait without a hint before looking again: what makes no hint is seen this late.</summary>
    public static readonly TimeSpan LiveLook = TimeSpan.FromSeconds(2);

    /// <summary>From a hint at new usage to the look: rating and posting take less.</summary>
    public static readonly TimeSpan LiveSettle = TimeSpan.FromMilliseconds(150);

    /// <summary>Charts sum over the whole range, so they follow a stream more slowly than balances do.</summary>
    public static readonly TimeSpan ChartsEvery = TimeSpan.FromSeconds(3);

    /// <summary>Charts move on with the time, too.</summary>
    public static readonly TimeSpan ChartsAtLeastEvery = TimeSpan.FromSeconds(60);

    /// <summary>Keys whose labels stand in the list of calls: the newest; older ones are known by their ids.</summary>
    public const int KeysLabelled = 500;

    /// <summary>Budgets on their page: more than a person looks through.</summary>
    public const int BudgetsListed = 200;

    /// <summary>A request of the playground: some pages of text.</summary>
    public const long PlaygroundBytesMax = 256 * 1024;

    /// <summary>A form with patterns: as many and as long as a guard may have, each letter as a form writes it.</summary>
    public const long GuardFormBytesMax = 128 * 1024;

    /// <summary>Letters of each text of the playground.</summary>
    public const int PlaygroundLettersMax = 50_000;

    /// <summary>A purchase's key in a form: an id of ours, and no more than the requests take.</summary>
    public const int PurchaseKeyLettersMax = 191;

    /// <summary>How often a page looks whether a payment is known: two minutes' worth, long past the usual seconds.</summary>
    public const int LooksForPayment = 60;

    /// <summary>How long a page waits before it looks again: news of a payment takes about as long.</summary>
    public static readonly TimeSpan LookForPaymentEvery = TimeSpan.FromSeconds(2);

    /// <summary>A form that carries a file of evidence, and its few words.</summary>
    public const long EvidenceFormBytesMax = Quoin.Payments.Limits.EvidenceFileBytesMax + (64 * 1024);
}
