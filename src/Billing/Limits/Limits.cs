namespace Quoin.Limiting;

/// <summary>The bounds of limits, each with its reason.</summary>
public static class Limits
{
    /// <summary>Letters of a limit's code: a name with points.</summary>
    public const int CodeLettersMax = 100;

    /// <summary>Letters of a request's key: room for a prefixed natural key and a provider's id.</summary>
    public const int KeyLettersMax = 200;

    /// <summary>Letters of a reason, for the audit log.</summary>
    public const int ReasonLettersMax = 500;

    /// <summary>The largest amount of one request: a thousand of them still sum exactly.</summary>
    public const decimal AmountMax = 1_000_000_000_000m;

    /// <summary>Digits after the point of an amount: those of a metered quantity.</summary>
    public const int AmountScaleMax = 6;

    /// <summary>Overrides of an organisation: more than any plan has limits.</summary>
    public const int OverridesMax = 200;

    /// <summary>A request's JSON: the largest set of overrides, with room to spare.</summary>
    public const int BodyBytesMax = 64 * 1024;

    /// <summary>How old an answer of advice may be: counts of the whole window matter, not of the last second.</summary>
    public static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(1);

    /// <summary>When an answer that is asked for is read again in the background, so that nobody waits for it.</summary>
    public static readonly TimeSpan RefreshAfter = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// How long advice may take when it is not remembered: a gate in front of a call waits no longer before its fail
    /// policy decides.
    /// </summary>
    public static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Organisations remembered in a process, some kilobytes each: tens of megabytes. Beyond, all are forgotten and those
    /// in use are read again.
    /// </summary>
    public const int OrganisationsRememberedMax = 20_000;

    /// <summary>Groups of organisations whose promises are written at the same time; each keeps its order.</summary>
    public const int Lanes = 2;

    /// <summary>Promises in one flush: some milliseconds under lock.</summary>
    public const int WorksPerFlushMax = 500;

    /// <summary>Promises that may wait: some seconds of work, not minutes.</summary>
    public const int WorksQueuedMax = 20_000;

    /// <summary>
    /// Expired reservations given back by one flush; those beyond still count, so that nothing is promised twice, and
    /// the next flush gives them back.
    /// </summary>
    public const int ExpiredPerFlushMax = 1_000;

    /// <summary>How often a flush starts over when another replica was faster with a key or a counter.</summary>
    public const int FlushAttemptsMax = 5;

    /// <summary>The shortest and the longest time a reservation may be held unasked; holders renew.</summary>
    public static readonly TimeSpan HeldShortest = TimeSpan.FromSeconds(1);

    /// <inheritdoc cref="HeldShortest" />
    public static readonly TimeSpan HeldLongest = TimeSpan.FromDays(7);

    /// <summary>How long a reservation of metered usage is held where the caller does not say: a long call.</summary>
    public static readonly TimeSpan HeldUsually = TimeSpan.FromMinutes(15);

    /// <summary>How long a key is known after its use, and at least until its window ends.</summary>
    public static readonly TimeSpan KeysKeptFor = TimeSpan.FromDays(32);

    /// <summary>How often expired reservations are given back unasked, and how many at once.</summary>
    public static readonly TimeSpan SweepEvery = TimeSpan.FromSeconds(30);

    /// <inheritdoc cref="SweepEvery" />
    public const int SweptAtOnce = 500;

    /// <summary>How often old keys are forgotten, and how many by one statement.</summary>
    public static readonly TimeSpan PurgeEvery = TimeSpan.FromHours(1);

    /// <inheritdoc cref="PurgeEvery" />
    public const int PurgedAtOnce = 5_000;

    /// <summary>The length of the first trial (reference of the product: 30 days).</summary>
    public static readonly TimeSpan TrialLength = TimeSpan.FromDays(30);

    /// <summary>When an organisation hears of a limit, in percent of it, ascending.</summary>
    public static readonly IReadOnlyList<int> ThresholdsPercent = [80, 100];

    /// <summary>Told thresholds remembered in a process, some hundred bytes each.</summary>
    public const int ToldRememberedMax = 50_000;

    /// <summary>How often metered limits and balances are compared with their thresholds.</summary>
    public static readonly TimeSpan WatchEvery = TimeSpan.FromSeconds(60);

    /// <summary>Parts the organisations are divided into among replicas while they are watched.</summary>
    public const int WatchShards = 8;

    /// <summary>Organisations looked at by one query of the watch.</summary>
    public const int WatchedAtOnce = 200;

    /// <summary>Grants of one organisation looked at for their expiry: as many as a chart may have open.</summary>
    public const int GrantsSeen = 500;

    /// <summary>The shortest and the longest window of a budget that repeats: a second, and about ten years.</summary>
    public static readonly TimeSpan BudgetWindowShortest = TimeSpan.FromSeconds(1);

    /// <inheritdoc cref="BudgetWindowShortest" />
    public static readonly TimeSpan BudgetWindowLongest = TimeSpan.FromDays(3_660);

    /// <summary>
    /// Budgets of one scope: a few windows in a few currencies. Each reservation locks all of its scopes'; who makes many at
    /// once may go a little beyond.
    /// </summary>
    public const int BudgetsPerScopeMax = 10;

    /// <summary>Scopes of one reservation: those there are kinds of, with room to spare.</summary>
    public const int ScopesMax = 16;

    /// <summary>Letters of a scope's kind and of its id: prefixed ids, and names from outside.</summary>
    public const int ScopeKindLettersMax = 40;

    /// <inheritdoc cref="ScopeKindLettersMax" />
    public const int ScopeIdLettersMax = 200;

    /// <summary>The largest budget: a billion units of currency, so that sums with decimals stay exact.</summary>
    public const long BudgetMicrosMax = 1_000_000_000_000_000;

    /// <summary>Thresholds of one budget, and the highest: told where a soft one is long passed.</summary>
    public const int ThresholdsMax = 10;

    /// <inheritdoc cref="ThresholdsMax" />
    public const int ThresholdPercentMax = 1_000;

    /// <summary>Decimals of a micro a quoted cost may have: sums of it fit a decimal beside the largest budget.</summary>
    public const int QuotedScaleMax = 12;

    /// <summary>Letters of what a reservation's holder tells of itself: ids and counts, no content.</summary>
    public const int SpendDetailsLettersMax = 8_000;

    /// <summary>Letters of what a reservation is for: as many as the ledger keeps of a hold.</summary>
    public const int SpendReferenceLettersMax = 200;

    /// <summary>What the ledger's keys of holds made here begin with, apart from those that others make.</summary>
    public const string HoldKeyPrefix = "spend:";

    /// <summary>What they begin with where one hold is there for all that a flush settled of an allowance.</summary>
    public const string SettledHoldKeyPrefix = "settled:";

    /// <summary>The longest a holder is believed to live without a word: it renews every few seconds or minutes.</summary>
    public static readonly TimeSpan SpendHeldLongest = TimeSpan.FromDays(1);

    /// <summary>
    /// How long a hold outlives its last renewal, by the organisation's clock, and how long somebody may look into what a
    /// dead holder left: a weekend.
    /// </summary>
    public static readonly TimeSpan HoldsKeptFor = TimeSpan.FromHours(72);

    /// <summary>How long a reservation is known after its end, so that repeating a change is told so.</summary>
    public static readonly TimeSpan SpendKeptFor = TimeSpan.FromHours(1);

    /// <summary>How often ended reservations are forgotten: a table of an hour's requests stays small.</summary>
    public static readonly TimeSpan SpendPurgeEvery = TimeSpan.FromMinutes(5);

    /// <summary>How often lapsed reservations are looked for, and how many are handed over at once.</summary>
    public static readonly TimeSpan LapseEvery = TimeSpan.FromSeconds(5);

    /// <inheritdoc cref="LapseEvery" />
    public const int LapsedAtOnce = 200;

    /// <summary>Reservations and settlements in one flush: some milliseconds under the locks of budgets and books.</summary>
    public const int SpendsPerFlushMax = 300;

    /// <summary>
    /// From so many requests a second alike on one replica money is reserved ahead for them. Below it each has a
    /// reservation of its own.
    /// </summary>
    public const int AllowanceFrom = 50;

    /// <summary>
    /// An allowance takes at most this part of what each budget and the balance have left: 1/16. So near a limit, where a
    /// few requests' worth would be missed, nothing is reserved ahead.
    /// </summary>
    public const int AllowanceShare = 16;

    /// <summary>For how many requests it must do, at least, and is asked for, at first.</summary>
    public const int AllowanceLeastRequests = 8;

    /// <inheritdoc cref="AllowanceLeastRequests" />
    public const int AllowanceFirstRequests = 64;

    /// <summary>How long is drawn on an allowance, which is how long a change of a budget may wait for other replicas.</summary>
    public static readonly TimeSpan AllowanceDrawnFor = TimeSpan.FromSeconds(1);

    /// <summary>After how long without a draw it is given back, and how often that is looked for.</summary>
    public static readonly TimeSpan AllowanceIdleLongest = TimeSpan.FromMilliseconds(250);

    /// <inheritdoc cref="AllowanceIdleLongest" />
    public static readonly TimeSpan AllowancesWatchedEvery = TimeSpan.FromMilliseconds(100);

    /// <summary>The pause between two allowances of one line.</summary>
    public static readonly TimeSpan AllowanceOpenedEvery = TimeSpan.FromMilliseconds(100);

    /// <summary>The pause after one was refused, as there is little left.</summary>
    public static readonly TimeSpan AllowanceRefusedFor = TimeSpan.FromSeconds(1);

    /// <summary>Lines of requests that are counted on one replica, and after how long without one a line is forgotten.</summary>
    public const int SpendLinesMax = 10_000;

    /// <inheritdoc cref="SpendLinesMax" />
    public static readonly TimeSpan SpendLineIdleLongest = TimeSpan.FromSeconds(5);

    /// <summary>What the keys of allowances begin with, apart from all that others reserve.</summary>
    public const string AllowanceKeyPrefix = "allowance:";

    /// <summary>Draws that are taken over from one allowance at once, when its holder died.</summary>
    public const int DrawsAtOnce = 1_000;

    /// <summary>
    /// How long what nobody waits for waits for company before it is written. Who dies meanwhile leaves what was reserved, and
    /// somebody looks into it.
    /// </summary>
    public static readonly TimeSpan SettlementPatience = TimeSpan.FromMilliseconds(10);

    /// <summary>Scopes of an organisation whose budgets are remembered: sessions come and go.</summary>
    public const int ScopesRememberedMax = 2_000;

    /// <summary>Settlements in one transaction.</summary>
    public const int SettlementsMax = 5_000;
}
