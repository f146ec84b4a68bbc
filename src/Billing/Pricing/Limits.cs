namespace Quoin.Pricing;

/// <summary>Pricing's limits, each with its reason.</summary>
public static class Limits
{
    /// <summary>Prices published in one request: a whole catalogue of models fits, a runaway script does not.</summary>
    public const int PricesPerPublishMax = 2_000;

    /// <summary>
    /// Dearest unit price, in units of currency: with the largest quantity an event may carry it still rates to
    /// 64 bits of micros or is set aside, never wraps.
    /// </summary>
    public const decimal UnitPriceMax = 1_000_000_000m;

    /// <summary>Digits after the point of a unit price.</summary>
    public const int UnitPriceScaleMax = 12;

    /// <summary>Letters of a book's name, and of a meter's.</summary>
    public const int NameLettersMax = 100;

    /// <summary>Letters of a dimension's name or value; Metering takes no longer values.</summary>
    public const int DimensionLettersMax = 200;

    /// <summary>A request's JSON: the largest catalogue, a few dimensions each, with room to spare.</summary>
    public const int BodyBytesMax = 4 * 1024 * 1024;

    /// <summary>Prices of one draft: a public catalogue of models, several meters each.</summary>
    public const int PricesPerDraftMax = 20_000;

    /// <summary>Quantities of one preview.</summary>
    public const int PreviewQuantitiesMax = 1_000;

    /// <summary>
    /// How far ahead a new version of a component must begin: events may be dated this far into the future, and usage
    /// that is already rated must not fall under a price published after it.
    /// </summary>
    public static readonly TimeSpan PublishAhead = TimeSpan.FromMinutes(5);

    /// <summary>Cells of one price: a matrix of models and regions fits; each costs a comparison a new kind of usage.</summary>
    public const int CellsMax = 500;

    /// <summary>Letters of a cell's key; it is stored with every position and line.</summary>
    public const int CellKeyLettersMax = 200;

    /// <summary>Tiers of one price; each is a step of the arithmetic.</summary>
    public const int TiersMax = 100;

    /// <summary>Dimensions a price groups by; each multiplies the positions that are kept.</summary>
    public const int GroupByMax = 8;

    /// <summary>Largest quantity a price may speak of: an allowance, a tier's end, a package. A million million million.</summary>
    public const decimal QuantityMax = 1_000_000_000_000_000_000m;

    /// <summary>Largest markup: a hundred times the cost is a typing error.</summary>
    public const decimal MarkupMax = 99m;

    /// <summary>Largest margin: the price is a hundred times the cost.</summary>
    public const decimal MarginMax = 0.99m;

    /// <summary>
    /// Kinds of usage (book, meter, dimensions) whose prices are remembered: some hundred bytes each; beyond it all
    /// are forgotten and learnt again.
    /// </summary>
    public const int RememberedKindsMax = 200_000;

    /// <summary>
    /// How long plans and assignments are believed: what is bought is there within a second, and a busy account costs
    /// one look-up a second.
    /// </summary>
    public static readonly TimeSpan PlansBelievedFor = TimeSpan.FromSeconds(1);

    /// <summary>Accounts whose plans are remembered; beyond it all are forgotten and read again.</summary>
    public const int AccountsRememberedMax = 200_000;

    /// <summary>Entitlements of a plan, and grants of one.</summary>
    public const int EntitlementsMax = 200;

    /// <summary>Grants a plan includes; each is a transfer every period.</summary>
    public const int GrantsMax = 20;

    /// <summary>Scopes of an included grant; the ledger takes no more.</summary>
    public const int GrantScopesMax = 50;

    /// <summary>Meters one quota sums up.</summary>
    public const int MetersPerQuotaMax = 20;

    /// <summary>Names one entitlement allows.</summary>
    public const int NamesPerEntitlementMax = 1_000;

    /// <summary>Days of a trial: a year.</summary>
    public const int TrialDaysMax = 366;

    /// <summary>Letters of a description or a note.</summary>
    public const int NoteLettersMax = 1_000;

    /// <summary>Largest fee or commitment: a billion units of currency a month.</summary>
    public const long FeeMicrosMax = 1_000_000_000_000_000;

    /// <summary>Largest factor on usage beyond a commitment.</summary>
    public const decimal OverageFactorMax = 100m;

    /// <summary>Accounts one request moves to another plan; each is a transaction.</summary>
    public const int MigratedPerRequestMax = 200;

    /// <summary>Assignments one account may ever have: its history is read as a whole.</summary>
    public const int AssignmentsPerAccountMax = 1_000;

    /// <summary>
    /// How long ago what follows a subscription may begin: a period of it, and some days in which nobody listened.
    /// </summary>
    public static readonly TimeSpan ReachBackMax = TimeSpan.FromDays(40);
}
