namespace Quoin.Platform;

/// <summary>Bounds of organisations' clocks.</summary>
public static class ClockLimits
{
    /// <summary>How long a replica believes what it read of a clock: what a lost hint costs at most.</summary>
    public static readonly TimeSpan BelievedFor = TimeSpan.FromSeconds(1);

    /// <summary>Clocks remembered at once, some 100 bytes each; beyond, all are forgotten and read again.</summary>
    public const int RememberedMax = 20_000;

    /// <summary>How far one move may go, either way: all due work in between is run before it ends.</summary>
    public static readonly TimeSpan MoveLongest = TimeSpan.FromDays(3_660);
}
