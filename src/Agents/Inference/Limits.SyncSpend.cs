namespace Quoin.Inference;

/// <content>The bounds of reading other gateways' calls.</content>
public static partial class Limits
{
    /// <summary>Gateways whose calls one organisation has read: a few places, each of which is asked every minute.</summary>
    public const int SpendSourcesMax = 20;

    /// <summary>Into how many parts reading is divided among replicas.</summary>
    public const int SpendShards = 8;

    /// <summary>Calls on a page: what LiteLLM answers at most.</summary>
    public const int SpendPageRows = 100;

    /// <summary>The longest stretch read in one go: pages shift while calls are added, and short stretches have few pages.</summary>
    public static readonly TimeSpan SpendWindowLongest = TimeSpan.FromHours(1);

    /// <summary>A stretch with more pages than fit is halved until it is no longer than this.</summary>
    public static readonly TimeSpan SpendWindowShortest = TimeSpan.FromSeconds(10);

    /// <summary>Pages of one stretch: each skips those before it there.</summary>
    public const int SpendPagesMax = 200;

    /// <summary>
    /// How often a gateway is asked whether there is something new, and for what was written down within
    /// <see cref="SpendTrailShort"/>.
    /// </summary>
    public static readonly TimeSpan SpendReadEvery = TimeSpan.FromMinutes(1);

    /// <summary>When calls are looked for again: LiteLLM lists them by when they began, and writes them down in batches after.</summary>
    public static readonly TimeSpan SpendTrailShort = TimeSpan.FromMinutes(3);

    /// <summary>When they are looked for a third time: some take minutes. What comes only then is counted as late.</summary>
    public static readonly TimeSpan SpendTrailMiddle = TimeSpan.FromMinutes(30);

    /// <summary>How often the third time comes.</summary>
    public static readonly TimeSpan SpendReadMiddleEvery = TimeSpan.FromMinutes(5);

    /// <summary>When they are looked for a last time: a gateway keeps what it could not write down while its database was away.</summary>
    public static readonly TimeSpan SpendTrailLong = TimeSpan.FromHours(36);

    /// <summary>How often the last time comes.</summary>
    public static readonly TimeSpan SpendReadLongEvery = TimeSpan.FromHours(1);

    /// <summary>How long one answer may take.</summary>
    public static readonly TimeSpan SpendAnswerTimeout = TimeSpan.FromSeconds(30);

    /// <summary>The largest answer: a hundred calls, with prompts where somebody has those kept.</summary>
    public const int SpendAnswerBytesMax = 16 * 1024 * 1024;

    /// <summary>After a failure; doubled each time.</summary>
    public static readonly TimeSpan SpendRetryFirst = TimeSpan.FromMinutes(1);

    /// <summary>The longest pause after failures.</summary>
    public static readonly TimeSpan SpendRetryLongest = TimeSpan.FromHours(1);

    /// <summary>How far back a new source may begin: usage that is older is taken no more.</summary>
    public static readonly TimeSpan SpendSinceLongest = TimeSpan.FromDays(30);
}
