using System.Globalization;

namespace Quoin.Tests.Simulation;

/// <summary>
/// Which seeds a run takes: some that never change, some that are fresh each time, and those that failed once.
/// <c>./dev simulate --seed S</c> replays one, <c>--seeds N</c> runs N fresh ones.
/// </summary>
internal static class Seeds
{
    /// <summary>Whether one seed is replayed: then all of what led to a failure is shown.</summary>
    public static bool IsReplay => Setting("QUOIN_TEST_SEED") is not null;

    /// <summary>Where failures are gathered by a run that is to go through all its seeds; null stops at the first.</summary>
    public static string? FailureFile => Environment.GetEnvironmentVariable("QUOIN_TEST_FAILURE_FILE");

    /// <summary>The seeds of this run, in the order they are run.</summary>
    /// <param name="fixedCount">How many that never change.</param>
    /// <param name="freshCount">How many fresh ones, where the run does not say.</param>
    /// <param name="share">One in how many of the fresh seeds a run asks for: those of a slow simulation cost more.</param>
    /// <param name="failed">Seeds that failed once: they come first.</param>
    public static IReadOnlyList<int> Of(int fixedCount, int freshCount, int share, params IEnumerable<int> failed)
    {
        if (Setting("QUOIN_TEST_SEED") is { } one)
        {
            return [one];
        }

        var start = Environment.TickCount & 0x3FFF_FFFF;
        var fresh = Enumerable.Range(start, Setting("QUOIN_TEST_SEEDS") / share ?? freshCount);
        return [.. failed.Concat(Enumerable.Range(1, fixedCount)).Concat(fresh).Distinct()];
    }

    /// <summary>The seeds of a file: one a line, with the reason after it; what begins with # is a remark.</summary>
    public static IReadOnlyList<int> In(string file) =>
    [
        .. File.ReadLines(Path.Combine(AppContext.BaseDirectory, file))
            .Select(line => line.Split(' ', '#')[0])
            .Where(word => word.Length > 0)
            .Select(word => int.Parse(word, CultureInfo.InvariantCulture)),
    ];

    private static int? Setting(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : null;
}
