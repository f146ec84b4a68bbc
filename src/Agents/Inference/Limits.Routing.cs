namespace Quoin.Inference;

/// <summary>The bounds of choosing who answers.</summary>
public static partial class Limits
{
    /// <summary>Failures in a row after which a deployment rests: fewer are bad luck, more make customers wait.</summary>
    public const int FailuresInARowMax = 5;

    /// <summary>Calls of the last minute below which their share of failures says nothing.</summary>
    public const int CallsForShareLeast = 20;

    /// <summary>The share of failures among the last minute's calls at which a deployment rests.</summary>
    public const double FailureShareMax = 0.5;

    /// <summary>How long a deployment rests the first time; doubled each time it has not recovered.</summary>
    public static readonly TimeSpan RestFirst = TimeSpan.FromSeconds(5);

    /// <summary>How long it rests at most, whatever its provider asks for: it may be well again before that.</summary>
    public static readonly TimeSpan RestLongest = TimeSpan.FromSeconds(60);

    /// <summary>After so long a trial that has not ended keeps nobody else from trying.</summary>
    public static readonly TimeSpan TrialLongest = TimeSpan.FromSeconds(30);

    /// <summary>What health tells is of so many minutes.</summary>
    public const int HealthMinutes = 5;

    /// <summary>Deployments whose health is remembered, those of customers' own credentials with them; some 8 kB each.</summary>
    public const int WatchesMax = 4_000;

    /// <summary>The heaviest deployment: finer shares than a thousandth nobody can see.</summary>
    public const int WeightMax = 1_000;

    /// <summary>The last tier of a model's deployments.</summary>
    public const int TierMax = 100;

    /// <summary>Tags of a deployment, a rule or a call, and regions of a rule: lists a person can still look through.</summary>
    public const int RoutingNamesMax = 20;

    /// <summary>Letters of a tag or a region.</summary>
    public const int RoutingLettersMax = 64;

    /// <summary>Dollars of one call that a provider may tell: no call is as dear, so what is beyond is no cost.</summary>
    public const decimal ToldCostMax = 10_000m;

    /// <summary>
    /// Requests that one call for embeddings becomes at a vendor who takes few texts at once, one after the other: as many as
    /// are answered within some seconds.
    /// </summary>
    public const int EmbeddingRequestsMax = 32;

    /// <summary>Copies of calls that wait to be sent to a shadow; what comes beyond is not copied.</summary>
    public const int ShadowsQueuedMax = 256;

    /// <summary>Bytes of all copies that wait: two of the largest requests.</summary>
    public const long ShadowBytesQueuedMax = 2 * BodyBytesMax;

    /// <summary>Copies that are sent at the same time: enough to keep up with ordinary shares, too few to be felt.</summary>
    public const int ShadowsAtOnceMax = 4;

    /// <summary>How long copies are remembered: as far back as anything is summed up.</summary>
    public static readonly TimeSpan ShadowsKeptFor = TimeSpan.FromDays(90);

    /// <summary>How often copies are forgotten.</summary>
    public static readonly TimeSpan ShadowsPurgedEvery = TimeSpan.FromHours(6);
}
