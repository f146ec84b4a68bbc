namespace Quoin.Platform;

/// <summary>Bounds of wake-up hints.</summary>
public static class WakeUpLimits
{
    /// <summary>
    /// The shortest time between two hints to other replicas: each is a commit that takes PostgreSQL's one notification
    /// lock, and fifty a second are soon enough for every pump.
    /// </summary>
    public static readonly TimeSpan SendEvery = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// Different channels waiting to be sent; hints beyond are dropped, since everyone also looks by himself.
    /// </summary>
    public const int ChannelsMax = 256;

    /// <summary>Characters of a channel's name; PostgreSQL takes payloads up to 8,000 bytes.</summary>
    public const int ChannelCharactersMax = 100;

    /// <summary>The wait after the first failure to connect.</summary>
    public static readonly TimeSpan ReconnectFirst = TimeSpan.FromMilliseconds(200);

    /// <summary>The longest wait between attempts to connect.</summary>
    public static readonly TimeSpan ReconnectLongest = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How often a silent listening connection is asked whether it still lives: a dead peer sends nothing.
    /// </summary>
    public static readonly TimeSpan ProbeEvery = TimeSpan.FromSeconds(30);
}
