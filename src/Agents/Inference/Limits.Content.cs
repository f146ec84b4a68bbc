namespace Quoin.Inference;

public static partial class Limits
{
    /// <summary>How long content may be kept: ten years, the longest that books must be.</summary>
    public const int DaysKeptMax = 3_650;

    /// <summary>How long an answer may be given again: a month, after which models have changed.</summary>
    public const int CachedSecondsMax = 30 * 24 * 3600;

    /// <summary>Bytes kept of a request, and of an answer: long conversations of agents; what is longer is cut.</summary>
    public const int ContentBytesMax = 1024 * 1024;

    /// <summary>Bytes of an answer that may be given again: no row should be larger than a page of text and its vectors.</summary>
    public const int CachedAnswerBytesMax = 256 * 1024;

    /// <summary>Answers an organisation may have in the cache; the oldest go.</summary>
    public const int CachedAnswersMax = 10_000;

    /// <summary>Patterns in a list: each goes through every text.</summary>
    public const int PatternsMax = 50;

    /// <summary>Keys with a guard of their own that are named at once: more than a person reads through.</summary>
    public const int GuardedKeysMax = 100;

    /// <summary>Letters of a pattern.</summary>
    public const int PatternLettersMax = 200;

    /// <summary>How long one pattern may look at one request; it is refused then, for nobody knows what is in it.</summary>
    public static readonly TimeSpan PatternLongest = TimeSpan.FromSeconds(1);

    /// <summary>How long all patterns together may look at one request: none that is as long as models take needs it.</summary>
    public static readonly TimeSpan GuardLongest = TimeSpan.FromSeconds(3);

    /// <summary>Compiled patterns that are remembered: those of twenty full policies; beyond, all are compiled anew.</summary>
    public const int PatternsRememberedMax = 2_000;

    /// <summary>Letters of a number that is looked through: shorter ones are sizes and settings.</summary>
    public const int NumberDigitsLeast = 6;

    /// <summary>How often content is removed whose time is over.</summary>
    public static readonly TimeSpan ContentPurgedEvery = TimeSpan.FromMinutes(10);

    /// <summary>Rows removed in one statement: some ten megabytes at most times.</summary>
    public const int ContentPurgedAtOnce = 500;

    /// <summary>Statements of one round; the next goes on.</summary>
    public const int ContentPurgesMax = 200;

    /// <summary>The longest range of savings: a year.</summary>
    public static readonly TimeSpan SavingsLongest = TimeSpan.FromDays(366);
}
