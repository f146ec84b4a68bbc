namespace Quoin.Platform;

/// <summary>Bounds of looking at stages.</summary>
public static class StageLimits
{
    /// <summary>Organisations asked for when their work fell due: enough to tell a late sweep from one in time.</summary>
    public const int OldestLookedFor = 20;
}
