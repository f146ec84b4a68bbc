namespace Quoin.Payments;

/// <summary>Bounds of payments.</summary>
public static class Limits
{
    /// <summary>Bytes of a request's body: names, paths and twenty lines need a fraction.</summary>
    public const int BodyBytesMax = 64 * 1024;

    /// <summary>Characters of a client's key: what the rows and their index take.</summary>
    public const int ClientKeyCharactersMax = 191;

    /// <summary>Characters of a path to come back to: what browsers and providers take.</summary>
    public const int PathCharactersMax = 2_048;

    /// <summary>Characters of a plan's name.</summary>
    public const int PlanCharactersMax = 120;

    /// <summary>Characters of an item's name, as providers show it.</summary>
    public const int ItemNameCharactersMax = 160;

    /// <summary>Minor units of one item: what providers take for most currencies.</summary>
    public const long ItemAmountMinorMax = 99_999_999;

    /// <summary>How many of one item.</summary>
    public const int ItemQuantityMax = 10_000;

    /// <summary>Lines of a payment link: the most providers take.</summary>
    public const int LinkItemsMax = 20;

    /// <summary>Items of the catalogue that are listed: a shop window, not a warehouse.</summary>
    public const int CatalogueItemsMax = 1_000;

    /// <summary>Characters of an operator's reason.</summary>
    public const int ReasonCharactersMax = 500;

    /// <summary>Requests gone through by one turn of recovery; the next turn comes soon.</summary>
    public const int RecoveredAtOnceMax = 200;

    /// <summary>Requests forgotten by one statement: a short lock, some megabytes of log.</summary>
    public const int ForgottenAtOnce = 1_000;

    /// <summary>Statements of one turn of forgetting; the next turn comes in an hour.</summary>
    public const int ForgottenBatchesMax = 10;

    /// <summary>How often old requests are looked for.</summary>
    public static readonly TimeSpan ForgetEvery = TimeSpan.FromHours(1);

    /// <summary>
    /// Recoveries, each a lease after the other, before a checkout that the provider answers with a failure and does not list
    /// counts as never made: whatever was under way when the first was sent has long ended.
    /// </summary>
    public const int RecoveriesBeforeAbsence = 3;

    /// <summary>How far a provider's clock may be from ours when what it made is looked for.</summary>
    public static readonly TimeSpan ClocksApartMax = TimeSpan.FromMinutes(5);

    /// <summary>Attempts to close a checkout nobody should pay at, before a person must look.</summary>
    public const int ExpireAttemptsMax = 8;

    /// <summary>The pause after the first of them.</summary>
    public static readonly TimeSpan ExpireRetryFirst = TimeSpan.FromSeconds(60);

    /// <summary>Invoices and payments shown with a subscription.</summary>
    public const int InvoicesShownMax = 25;

    /// <summary>The least credit bought at once: below, the provider's fee is most of it.</summary>
    public const long TopUpMicrosMin = 5_000_000;

    /// <summary>The most credit bought at once: above, an operator grants it by hand.</summary>
    public const long TopUpMicrosMax = 100_000_000_000;

    /// <summary>Attempts to learn what came of a refund: with the pauses most of a day, in which the provider knows its key.</summary>
    public const int RefundAttemptsMax = 90;

    /// <summary>The pause after the first of them.</summary>
    public static readonly TimeSpan RefundRetryFirst = TimeSpan.FromSeconds(10);

    /// <summary>Disputes told of by one turn; the next turn comes soon.</summary>
    public const int DisputesAtOnceMax = 200;

    /// <summary>Bytes of one file of evidence: the most providers take of all together.</summary>
    public const int EvidenceFileBytesMax = 4_500_000;

    /// <summary>Files of one dispute: the kinds of evidence a provider has a place for.</summary>
    public const int EvidenceFilesMax = 5;

    /// <summary>Characters of what is said against a dispute: what providers take.</summary>
    public const int EvidenceCharactersMax = 20_000;

    /// <summary>Characters of a provider's words that are kept: what rows take.</summary>
    public const int RefusalCharactersMax = 1_000;

    /// <summary>Bytes of a request that carries a file, written in Base64.</summary>
    public const int EvidenceBodyBytesMax = 6_200_000;

    /// <summary>Purchases looked at for what may be asked back: older ones are past the time to ask.</summary>
    public const int RefundOffersMax = 25;

    /// <summary>Refunds they are compared with; the decision itself looks at all of a payment.</summary>
    public const int RefundsComparedMax = 200;

    /// <summary>Payment links shown at once.</summary>
    public const int LinksShownMax = 50;

    /// <summary>
    /// Differences shown, and fees and payouts put into the books by one turn, which the next turn goes on with; open
    /// disputes read at once.
    /// </summary>
    public const int ClearingRowsMax = 500;

    /// <summary>
    /// Refunds, and disputes, one reading asks the provider about because no news of them came: each is a call, and there
    /// are few or none.
    /// </summary>
    public const int UntoldAskedMax = 50;

    /// <summary>Steps of a trail that are shown: years of a subscription's months, and more than anybody reads.</summary>
    public const int TrailStepsMax = 200;

    /// <summary>How often what belongs to a trail is looked for by what was found: a request, its page, its payment, the books.</summary>
    public const int TrailRoundsMax = 5;

    /// <summary>Names looked for at once: a few for each step.</summary>
    public const int TrailLinksMax = 1_000;
}
