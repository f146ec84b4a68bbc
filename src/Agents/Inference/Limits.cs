namespace Quoin.Inference;

/// <summary>The bounds of the gateway, each with its reason.</summary>
public static partial class Limits
{
    /// <summary>The largest request: what vendors take, a few images of some megabytes each.</summary>
    public const long BodyBytesMax = 32 * 1024 * 1024;

    /// <summary>The largest plain answer that is read: an hour of output is far below.</summary>
    public const int AnswerBytesMax = 64 * 1024 * 1024;

    /// <summary>The largest event of a stream: a whole answer, as the last event of OpenAI's responses repeats it.</summary>
    public const int EventBytesMax = 16 * 1024 * 1024;

    /// <summary>How deep a request may nest: schemas of tools nest in tools, and depth costs stack.</summary>
    public const int RequestDepthMax = 128;

    /// <summary>A picture has more bytes than this; shorter text that begins like one is text.</summary>
    public const int PictureBytesLeast = 64;

    /// <summary>
    /// Tokens of one picture at most: OpenAI's small models count 2,833 and 5,667 for each of up to six tiles, more than any
    /// other vendor.
    /// </summary>
    public const long PictureTokensMost = 37_000;

    /// <summary>Tokens that vendors add around what is sent: templates, and what tools are explained with.</summary>
    public const long InputTokensAdded = 1_000;

    /// <summary>Answers of one text at most: as OpenAI has it.</summary>
    public const long AnswersMax = 128;

    /// <summary>Texts of one request at most, of completions and embeddings: as OpenAI has it.</summary>
    public const long TextsMax = 2_048;

    /// <summary>Less output than this is not worth a call: a budget that pays for less refuses.</summary>
    public const long OutputTokensLeast = 256;

    /// <summary>What operators send to configure providers and models.</summary>
    public const long ConfigurationBytesMax = 64 * 1024;

    /// <summary>How old what is known of models and providers may be: a change holds everywhere within a second.</summary>
    public static readonly TimeSpan RoutesFreshFor = TimeSpan.FromSeconds(1);

    /// <summary>Deployments there may be: they are remembered whole.</summary>
    public const int DeploymentsMax = 10_000;

    /// <summary>How often a provider is asked for one call at most, before the client has got a byte.</summary>
    public const int AttemptsMax = 3;

    /// <summary>Before the same provider is asked again; doubled each time, with chance added.</summary>
    public static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(200);

    /// <summary>A provider that wants to be left alone for longer is not waited for.</summary>
    public static readonly TimeSpan RetryAfterMost = TimeSpan.FromSeconds(2);

    /// <summary>Until a provider's machine answers at all.</summary>
    public static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Connections are made anew after this, so that a changed address is found.</summary>
    public static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    /// <summary>First byte, where the operator does not say: models that reason think for minutes before they speak.</summary>
    public const int FirstByteSeconds = 300;

    /// <summary>Between two pieces, where the operator does not say: streams send signs of life.</summary>
    public const int IdleSeconds = 120;

    /// <summary>The whole call, where the operator does not say.</summary>
    public const int TotalSeconds = 1_800;

    /// <summary>The longest timeout an operator may set.</summary>
    public const int TimeoutSecondsMax = 86_400;

    /// <summary>Letters of names, models and sessions.</summary>
    public const int NameLettersMax = 200;

    /// <summary>Letters of a provider's key: tokens of clouds have some thousands.</summary>
    public const int CredentialLettersMax = 8_000;

    /// <summary>Deployments of one model: more are never tried within one call's attempts, but may wait disabled.</summary>
    public const int DeploymentsOfModelMax = 20;

    /// <summary>Tokens a model can take or give, as far as anyone dreams of.</summary>
    public const long TokensMax = 100_000_000;

    /// <summary>What a provider says about a mistake is passed on up to this.</summary>
    public const int ErrorBytesMax = 64 * 1024;

    /// <summary>How often reservations of running calls are renewed: three times within their lease of a minute.</summary>
    public static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(20);

    /// <summary>
    /// How long a call's host is believed to live: a minute of silence. What was reserved by a host that died waits so long
    /// before it is looked into.
    /// </summary>
    public static readonly TimeSpan HeldFor = TimeSpan.FromSeconds(60);

    /// <summary>How long a policy is believed: the promise that a change holds everywhere within a second.</summary>
    public static readonly TimeSpan PolicyFreshFor = TimeSpan.FromSeconds(1);

    /// <summary>Policies remembered at once, some 200 bytes each; beyond, all are forgotten and read again.</summary>
    public const int PoliciesRememberedMax = 20_000;

    /// <summary>Prices of tokens remembered, by account and model, some 300 bytes each; beyond, all are worked out again.</summary>
    public const int RatesRememberedMax = 20_000;

    /// <summary>Letters of what clients and providers name: sessions, users, calls. A longer one is known by its hash.</summary>
    public const int OutsideLettersMax = 200;

    /// <summary>
    /// How long who asks for a call waits while it is written down: an answer does not, so its client may ask before.
    /// </summary>
    public static readonly TimeSpan SettlementAwaited = TimeSpan.FromSeconds(2);

    /// <summary>How often settling is tried, with growing pauses: some minutes, after which the reservation has lapsed.</summary>
    public const int SettlementTriesMax = 12;

    /// <summary>The first pause before settling is tried again.</summary>
    public static readonly TimeSpan SettlementRetryFirst = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest one.</summary>
    public static readonly TimeSpan SettlementRetryLongest = TimeSpan.FromSeconds(30);

    /// <summary>Into how many parts telling is divided among replicas.</summary>
    public const int TellShards = 8;

    /// <summary>Calls told in one transaction: as many as come in some seconds of a busy replica, some hundred milliseconds.</summary>
    public const int ToldAtOnceMax = 4_000;

    /// <summary>
    /// A pause after calls were told, so that more gather: telling, rating and posting cost much for each turn and little for
    /// each call.
    /// </summary>
    public static readonly TimeSpan TellRest = TimeSpan.FromMilliseconds(250);

    /// <summary>Letters of a reason: a paragraph, not a file.</summary>
    public const int ReasonLettersMax = 1_000;

    /// <summary>Tokens of one sort that a review may attach to one call: far beyond any model's window.</summary>
    public const long AttachedTokensMax = 1_000_000_000;

    /// <summary>Bytes of a review, a key's policy or a policy of models: a reason and a few names.</summary>
    public const long MoneyBodyBytesMax = 32 * 1024;

    /// <summary>Models a key's policy may name, and tags: lists a person can still look through.</summary>
    public const int PolicyNamesMax = 100;

    /// <summary>Calls a minute that a key may be held to: beyond it nothing is gained by a limit.</summary>
    public const int RequestsPerMinuteMax = 1_000_000;

    /// <summary>Tokens a minute that a key may be held to.</summary>
    public const long TokensPerMinuteMax = 1_000_000_000;

    /// <summary>Calls at the same time that a key may be held to.</summary>
    public const int ParallelMax = 10_000;

    /// <summary>How often minutes of tokens that count no more are forgotten.</summary>
    public static readonly TimeSpan MinutesPurgedEvery = TimeSpan.FromMinutes(5);

    /// <summary>The longest range of the history: a quarter of a year, as of any statement.</summary>
    public static readonly TimeSpan HistoryLongest = TimeSpan.FromDays(90);

    /// <summary>No range of the history begins or ends before this.</summary>
    public static readonly DateTimeOffset HistoryEarliest = DateTimeOffset.UnixEpoch;

    /// <summary>Nor at this or after it: a thousand years before the calendar ends.</summary>
    public static readonly DateTimeOffset HistoryLatest = new(9000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The range where nobody says: a month.</summary>
    public static readonly TimeSpan HistoryUsually = TimeSpan.FromDays(30);

    /// <summary>Calls on a page of the history.</summary>
    public const int HistoryRowsMax = 100;

    /// <summary>Points of a series: as many as a chart shows.</summary>
    public const int SummaryPointsMax = 240;

    /// <summary>Groups that a summary tells apart; the others are one.</summary>
    public const int SummaryGroupsMax = 50;

    /// <summary>Pages of five hundred calls in one export: a million calls, some 150 MB.</summary>
    public const int ExportPagesMax = 2_000;

    /// <summary>Rules for unpriced models that are shown at once: more than a person reads through.</summary>
    public const int UnpricedRulesMax = 500;

    /// <summary>Rows of a table of margins: the worst of a page or two. Totals count those that are left out, too.</summary>
    public const int MarginRowsMax = 500;
}
