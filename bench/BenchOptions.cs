using System.Globalization;

namespace Quoin.Bench;

/// <summary>What to measure and for how long.</summary>
/// <param name="Name">The bench.</param>
/// <param name="Rounds">Interleaved rounds; figures are medians over them.</param>
/// <param name="Seconds">Seconds of each measurement.</param>
/// <param name="MemoryMinutes">Minutes over which memory is watched; zero leaves it out.</param>
/// <param name="Entries">Entries a ledger grows to, or rated lines; zero leaves growing out.</param>
/// <param name="Organisations">Measures rating over so many organisations only; zero over each number it knows.</param>
/// <param name="WarmUpSeconds">Seconds a host of the rating and gateway benches runs under load before it is measured.</param>
/// <param name="Parts">Of the ledger's and the gateway's rounds, measures only these; empty measures all.</param>
internal sealed record BenchOptions(
    string Name,
    int Rounds,
    int Seconds,
    int MemoryMinutes,
    long Entries,
    int Organisations,
    int WarmUpSeconds,
    IReadOnlyList<string> Parts)
{
    /// <summary>Whether a part of a round is asked for.</summary>
    public bool Wants(string part) => Parts.Count == 0 || Parts.Contains(part, StringComparer.Ordinal);

    public static BenchOptions Read(string[] arguments)
    {
        int Value(string name, int otherwise)
        {
            var index = Array.IndexOf(arguments, name);
            return index >= 0 && index + 1 < arguments.Length
                ? int.Parse(arguments[index + 1], CultureInfo.InvariantCulture)
                : otherwise;
        }

        string[] Words(string name)
        {
            var index = Array.IndexOf(arguments, name);
            return index >= 0 && index + 1 < arguments.Length ? arguments[index + 1].Split(',') : [];
        }

        var name = arguments.FirstOrDefault() ?? string.Empty;
        return new BenchOptions(
            name,
            Value("--rounds", name is "ledger" or "gateway" ? 5 : 3),
            Value("--seconds", name is "ledger" or "gateway" ? 5 : 10),
            Value("--memory-minutes", 10),
            Value("--entries", 10_000_000),
            Value("--organisations", 0),
            Value("--warm-up", 15),
            Words("--parts"));
    }
}

/// <summary>Figures as they are printed: for people above, for machines on <c>figure NAME VALUE</c> lines.</summary>
internal static class Figures
{
    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    public static double Percentile(IEnumerable<double> values, double share)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? double.NaN : sorted[(int)Math.Min(sorted.Length - 1, Math.Ceiling(sorted.Length * share) - 1)];
    }

    public static void Print(string name, double value) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"figure {name} {value:0.###}"));
}
