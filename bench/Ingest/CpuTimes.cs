using System.Diagnostics;
using System.Globalization;

namespace Quoin.Bench.Ingest;

/// <summary>
/// Processor time by part, in seconds: unlike rates it hardly moves when something else runs on the machine, so it tells
/// where an event's time goes.
/// </summary>
/// <param name="Host">The host's.</param>
/// <param name="Backends">Each backend's, by its folder in /proc: the time of those that ended since does not count.</param>
/// <param name="Generator">This program's.</param>
internal readonly record struct CpuTimes(double Host, IReadOnlyDictionary<string, double> Backends, double Generator)
{
    private const double TicksPerSecond = 100;

    public static CpuTimes Now(int host)
    {
        using var generator = Process.GetCurrentProcess();
        return new CpuTimes(SecondsOf($"/proc/{host}/stat"), BackendSeconds(), generator.TotalProcessorTime.TotalSeconds);
    }

    /// <summary>Microseconds an event since an earlier reading.</summary>
    public string PerEventSince(CpuTimes earlier, double events) => string.Create(
        CultureInfo.InvariantCulture,
        $"cpu µs/event: host {1e6 * (Host - earlier.Host) / events:0.0}, "
        + $"postgres {1e6 * PostgresSince(earlier) / events:0.0}, "
        + $"generator {1e6 * (Generator - earlier.Generator) / events:0.0}");

    /// <summary>Seconds of all backends since an earlier reading.</summary>
    public double PostgresSince(CpuTimes earlier) =>
        Backends.Sum(backend => backend.Value - earlier.Backends.GetValueOrDefault(backend.Key));

    private static Dictionary<string, double> BackendSeconds() => Directory.EnumerateDirectories("/proc")
        .Where(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out _) && IsPostgres(folder))
        .ToDictionary(folder => folder, folder => SecondsOf(Path.Combine(folder, "stat")));

    private static bool IsPostgres(string folder)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, "cmdline")) is var line
                && line.StartsWith("postgres:", StringComparison.Ordinal)
                && line.Contains(" bench_", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    // proc(5): after the name in brackets, utime and stime are the 12th and 13th fields.
    private static double SecondsOf(string stat)
    {
        try
        {
            var text = File.ReadAllText(stat);
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return (double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture))
                / TicksPerSecond;
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
