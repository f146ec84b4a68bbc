using Quoin.Platform;

namespace Quoin.ConsolePages.WatchStages;

/// <summary>How stages are spoken of, and when one is behind.</summary>
public static class StageWords
{
    private static readonly Dictionary<string, string> Known = new(StringComparer.Ordinal)
    {
        [Metering.Metering.UnratedChannel] = "Rates folded usage and posts it",
        [DueWork.Channel] = "Runs what falls due by organisations' clocks",
        ["platform.measure-jobs"] = "Counts jobs for the metrics",
    };

    /// <summary>What a stage does; empty where its name says all.</summary>
    public static string Of(string stage) => Known.GetValueOrDefault(stage, string.Empty);

    /// <summary>How long something has waited, at a glance: <c>0.4 s</c>, <c>12 s</c>, <c>3 min</c>.</summary>
    public static string Age(DateTimeOffset? oldest, DateTimeOffset now) => oldest is not { } since ? "–" : (now - since) switch
    {
        { Ticks: <= 0 } => "0 s",
        { TotalSeconds: < 10 } age => $"{age.TotalSeconds:0.0} s",
        { TotalMinutes: < 2 } age => $"{age.TotalSeconds:0} s",
        { TotalHours: < 2 } age => $"{age.TotalMinutes:0} min",
        { TotalDays: < 2 } age => $"{age.TotalHours:0} h",
        var age => $"{age.TotalDays:0} days",
    };

    /// <summary>Whether something has waited longer than it does where everything runs.</summary>
    public static bool IsBehind(DateTimeOffset? oldest, DateTimeOffset now) => now - oldest > Limits.StageBehind;
}
