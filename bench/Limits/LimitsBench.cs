using System.Diagnostics;
using System.Globalization;

namespace Quoin.Bench.Limiting;

/// <summary>
/// Limits in process: advice from memory on one core, and promises from 64 callers over two replicas on one database,
/// over many organisations and over one. Each round proves that nothing was promised twice and nothing over the limit.
/// </summary>
internal sealed class LimitsBench(BenchOptions options)
{
    private const int Callers = 64;
    private const int Organisations = 100;
    private const int WarmUpSeconds = 2;

    public async Task Run(CancellationToken cancellationToken)
    {
        await using var cluster = await BenchCluster.Start(cancellationToken);
        var rounds = new List<Round>();
        for (var number = 1; number <= options.Rounds; number++)
        {
            var round = await RunRound(cluster, cancellationToken);
            rounds.Add(round);
            Console.WriteLine($"round {number}: {round}");
        }

        void Figure(string name, Func<Round, double> value) => Figures.Print(name, Figures.Median(rounds.Select(value)));
        Figure("check.per_second_core", round => round.Checks.PerSecond);
        Figure("check.p99_us", round => round.Checks.P99Microseconds);
        Figure("check.max_us", round => round.Checks.MaxMicroseconds);
        Figure("check.bytes", round => round.Checks.Bytes);
        Figure("check_and_record.per_second", round => round.Many.PerSecond);
        Figure("check_and_record.p99_ms", round => round.Many.P99);
        Figure("check_and_record.hot_per_second", round => round.Hot.PerSecond);
        Figure("check_and_record.hot_p99_ms", round => round.Hot.P99);
        Figure("check_and_record.held_and_released_per_second", round => round.Pairs.PerSecond);
        Figure("check_and_record.units_over", round => round.Over);
    }

    private async Task<Round> RunRound(BenchCluster cluster, CancellationToken cancellationToken)
    {
        var database = await cluster.CreateDatabase();
        await using var load = await LimitsLoad.Open(database, Organisations, cancellationToken);
        load.Check(WarmUpSeconds);
        var checks = load.Check(options.Seconds);
        await load.Record(Callers, Organisations, WarmUpSeconds, cancellationToken);
        var many = await load.Record(Callers, Organisations, options.Seconds, cancellationToken);
        var hot = await load.Record(Callers, 1, options.Seconds, cancellationToken);
        var pairs = await load.HoldAndRelease(Callers, options.Seconds, cancellationToken);
        var over = await load.TakeTheLast(Callers, cancellationToken);
        await load.RequireSound(cancellationToken);
        await load.DisposeAsync();
        await cluster.Drop(database);
        return new Round(checks, many, hot, pairs, over);
    }

    private sealed record Round(CheckRates Checks, PromiseRates Many, PromiseRates Hot, PromiseRates Pairs, double Over)
    {
        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture,
            $"check {Checks.PerSecond:0}/s, p99 {Checks.P99Microseconds:0.00} µs, {Checks.Bytes:0.##} bytes; "
            + $"record {Many.PerSecond:0}/s (p99 {Many.P99:0.0} ms), hot {Hot.PerSecond:0}/s (p99 {Hot.P99:0.0} ms), "
            + $"hold and release {Pairs.PerSecond:0}/s, {Over} over");
    }
}

/// <summary>How fast advice was given on one core.</summary>
/// <param name="PerSecond">Checks a second.</param>
/// <param name="P99Microseconds">The 99th percentile of a check's time.</param>
/// <param name="MaxMicroseconds">The longest.</param>
/// <param name="Bytes">Allocated by a check, on average.</param>
internal sealed record CheckRates(double PerSecond, double P99Microseconds, double MaxMicroseconds, double Bytes);

/// <summary>How fast promises were made.</summary>
/// <param name="PerSecond">Promises a second, all callers together.</param>
/// <param name="P99">Milliseconds of one, the 99th percentile.</param>
internal sealed record PromiseRates(double PerSecond, double P99);

/// <summary>Counts times in steps of a hundredth of a microsecond, so that measuring costs little.</summary>
internal sealed class TimeCounts
{
    private const int StepsPerMicrosecond = 100;
    private const int MicrosecondsMax = 2_000;

    private readonly long[] counts = new long[(MicrosecondsMax * StepsPerMicrosecond) + 1];
    private long longest;

    public long Count { get; private set; }

    public double MaxMicroseconds => longest * 1e6 / Stopwatch.Frequency;

    public void Add(long ticks)
    {
        var step = ticks * (1_000_000L * StepsPerMicrosecond) / Stopwatch.Frequency;
        counts[Math.Min(step, counts.Length - 1)]++;
        longest = Math.Max(longest, ticks);
        Count++;
    }

    public double Percentile(double share)
    {
        var rank = (long)Math.Ceiling(Count * share);
        long seen = 0;
        for (var step = 0; step < counts.Length; step++)
        {
            seen += counts[step];
            if (seen >= rank)
            {
                return (double)step / StepsPerMicrosecond;
            }
        }

        return MicrosecondsMax;
    }
}
