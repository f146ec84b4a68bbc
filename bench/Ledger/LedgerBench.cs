using System.Diagnostics;
using System.Globalization;
using Quoin.Bench.Ingest;

namespace Quoin.Bench.Ledger;

/// <summary>
/// The ledger against PostgreSQL's TPC-B, against the bare rows, and against itself one transaction a transfer, in
/// interleaved rounds on one cluster; then as it grows. Full books: keys, chain, entries with running balances, grants.
/// </summary>
internal sealed class LedgerBench(BenchOptions options)
{
    private const int Callers = 64;
    private const int HoldsPerSecond = 2_000;

    // What is measured is a host that has run for a while.
    private const int WarmUpSeconds = 5;

    public async Task Run(CancellationToken cancellationToken)
    {
        await using var cluster = await BenchCluster.Start(cancellationToken);
        var tpcDatabase = await cluster.CreateDatabase();
        var tpc = new TpcB(tpcDatabase);
        if (options.Wants("tpcb"))
        {
            await tpc.Prepare(cancellationToken);
        }

        var rounds = new List<Round>();
        for (var number = 1; number <= options.Rounds; number++)
        {
            var round = await RunRound(cluster, tpc, cancellationToken);
            rounds.Add(round);
            Print($"round {number}: {round}");
        }

        await cluster.Drop(tpcDatabase);
        Print(rounds);
        if (options.Entries > 0)
        {
            await Grow(cluster, cancellationToken);
        }
    }

    private async Task<Round> RunRound(BenchCluster cluster, TpcB tpc, CancellationToken cancellationToken)
    {
        var seconds = options.Seconds;
        var round = new Round
        {
            TpcB = options.Wants("tpcb") ? await tpc.PerSecond(seconds, cancellationToken) : double.NaN,
        };
        var database = await cluster.CreateDatabase();
        if (options.Wants("bare"))
        {
            await BareRows.Create(database, cancellationToken);
            await BareRows.PerSecond(database, 100, 100, 1, cancellationToken);
            round.Bare100 = await BareRows.PerSecond(database, 100, 100, seconds, cancellationToken);
            round.Bare1000 = await BareRows.PerSecond(database, 1_000, 100, seconds, cancellationToken);
        }

        await MeasureFew(cluster, database, round, cancellationToken);
        await MeasureMany(cluster, database, round, cancellationToken);
        await cluster.Drop(database);
        return round;
    }

    private async Task MeasureFew(
        BenchCluster cluster, string database, Round round, CancellationToken cancellationToken)
    {
        await using var load = await LedgerLoad.Open(database, 100, cancellationToken);
        if (options.Wants("batched"))
        {
            await cluster.Settle();
            await load.Batched(100, WarmUpSeconds, cancellationToken);
            round.Batched100 = await WithTimes("batched 100", () => load.Batched(100, options.Seconds, cancellationToken));
            round.Batched1000 = await load.Batched(1_000, options.Seconds, cancellationToken);
        }

        if (options.Wants("hot"))
        {
            await cluster.Settle();
            await load.Hot(Callers, WarmUpSeconds, cancellationToken);
            round.Hot = await WithTimes("hot", () => load.Hot(Callers, options.Seconds, cancellationToken));
        }
    }

    private async Task MeasureMany(
        BenchCluster cluster, string database, Round round, CancellationToken cancellationToken)
    {
        var seconds = options.Seconds;
        await using var load = await LedgerLoad.Open(database, 1_000, cancellationToken);
        if (options.Wants("wide"))
        {
            await cluster.Settle();
            await load.Batched(100, 1, cancellationToken);
            round.Wide100 = await WithTimes("over 1,000 organisations", () => load.Batched(100, seconds, cancellationToken));
            round.Wide1000 = await load.Batched(1_000, seconds, cancellationToken);
        }

        if (options.Wants("singles"))
        {
            await cluster.Settle();
            await load.Singles(Callers, WarmUpSeconds, cancellationToken);
            round.Singles = await WithTimes("64 callers", () => load.Singles(Callers, seconds, cancellationToken));
        }

        if (options.Wants("one-by-one"))
        {
            round.OneByOne = (await load.OneByOne(8, seconds, cancellationToken)).PerSecond;
        }

        if (options.Wants("holds"))
        {
            round.HoldPairs = await load.HoldsAndReleases(Callers, seconds, cancellationToken);
            await cluster.Settle();
            await load.HoldsAt(HoldsPerSecond, 1, cancellationToken);
            var holds = await load.HoldsAt(HoldsPerSecond, seconds, cancellationToken);
            (round.HoldP50, round.HoldP99) = (Figures.Percentile(holds, 0.50), Figures.Percentile(holds, 0.99));
        }

        await load.RequireSound(cancellationToken);
    }

    // What a transfer costs hardly moves when something else runs on the machine, as rates do.
    private static async Task<double> WithTimes(string part, Func<Task<double>> load)
    {
        var (clock, before) = (Stopwatch.StartNew(), CpuTimes.Now(Environment.ProcessId));
        var rate = await load();
        var transfers = rate * clock.Elapsed.TotalSeconds;
        var times = CpuTimes.Now(Environment.ProcessId);
        Print(string.Create(
            CultureInfo.InvariantCulture,
            $"{part}: {rate:0}/s, cpu µs/transfer: program {1e6 * (times.Host - before.Host) / transfers:0.0}, "
            + $"postgres {1e6 * times.PostgresSince(before) / transfers:0.0}"));
        return rate;
    }

    private static async Task<CallRates> WithTimes(string part, Func<Task<CallRates>> load)
    {
        var rates = new CallRates(0, 0, 0);
        await WithTimes(part, async () => (rates = await load()).PerSecond);
        return rates;
    }

    // Two moments say little about two sizes: beside each slice of the large ledger stands one of a new small one.
    private async Task Grow(BenchCluster cluster, CancellationToken cancellationToken)
    {
        var database = await cluster.CreateDatabase();
        await using var load = await LedgerLoad.Open(database, 100, cancellationToken);
        await load.Batched(100, WarmUpSeconds, cancellationToken);
        for (var entries = 1_000_000L; entries <= options.Entries; entries *= 10)
        {
            await load.FillTo(entries, cancellationToken);
            var ratios = new List<double>();
            for (var slice = 0; slice < options.Rounds; slice++)
            {
                var small = await AtSmallSize(cluster, cancellationToken);
                var large = await Slice($"at {entries:0e+0} entries", load, cancellationToken);
                ratios.Add(large / small);
            }

            Figures.Print($"ledger.at_{(entries == 1_000_000 ? "1e6" : "1e7")}_over_1e5", Figures.Median(ratios));
        }

        await cluster.Drop(database);
    }

    private async Task<double> AtSmallSize(BenchCluster cluster, CancellationToken cancellationToken)
    {
        var database = await cluster.CreateDatabase();
        double rate;
        await using (var load = await LedgerLoad.Open(database, 100, cancellationToken))
        {
            await load.FillTo(100_000, cancellationToken);
            rate = await Slice("at 1e+5 entries", load, cancellationToken);
        }

        await cluster.Remove(database);
        return rate;
    }

    private Task<double> Slice(string part, LedgerLoad load, CancellationToken cancellationToken) => WithTimes(
        part, () => load.Batched(100, Math.Max(2, options.Seconds / 2), cancellationToken));

    private static void Print(List<Round> rounds)
    {
        void Figure(string name, Func<Round, double> value) => Figures.Print($"ledger.{name}", Figures.Median(rounds.Select(value)));
        Figure("tpcb_per_second", round => round.TpcB);
        Figure("batched100_per_second", round => round.Batched100);
        Figure("batched1000_per_second", round => round.Batched1000);
        Figure("wide100_per_second", round => round.Wide100);
        Figure("wide1000_per_second", round => round.Wide1000);
        Figure("hot_per_second", round => round.Hot.PerSecond);
        Figure("single64_per_second", round => round.Singles.PerSecond);
        Figure("one_by_one_per_second", round => round.OneByOne);
        Figure("hold_pairs_per_second", round => round.HoldPairs.PerSecond);
        Figure("batched100_over_tpcb", round => round.Batched100 / round.TpcB);
        Figure("batched1000_over_tpcb", round => round.Batched1000 / round.TpcB);
        Figure("cold1000_over_tpcb", round => round.Wide100 / round.TpcB);
        Figure("cold1000_batched1000_over_tpcb", round => round.Wide1000 / round.TpcB);
        Figure("hot_over_tpcb", round => round.Hot.PerSecond / round.TpcB);
        Figure("batched_over_bare", round => round.Batched100 / round.Bare100);
        Figure("batched1000_over_bare", round => round.Batched1000 / round.Bare1000);
        Figure("single64_over_tpcb", round => round.Singles.PerSecond / round.TpcB);
        Figure("single64_over_one_by_one", round => round.Singles.PerSecond / round.OneByOne);
        Figure("hold_pairs_over_tpcb", round => round.HoldPairs.PerSecond / round.TpcB);
        Figure("single64_p50_ms", round => round.Singles.P50);
        Figure("single64_p99_ms", round => round.Singles.P99);
        Figure("hold_p50_ms", round => round.HoldP50);
        Figure("hold_p99_ms", round => round.HoldP99);
    }

    private static void Print(string line) => Console.WriteLine(line);

    private sealed record Round
    {
        public double TpcB { get; init; }

        public double Bare100 { get; set; }

        public double Bare1000 { get; set; }

        public double Batched100 { get; set; }

        public double Batched1000 { get; set; }

        public double Wide100 { get; set; }

        public double Wide1000 { get; set; }

        public CallRates Hot { get; set; } = new(0, 0, 0);

        public CallRates Singles { get; set; } = new(0, 0, 0);

        public CallRates HoldPairs { get; set; } = new(0, 0, 0);

        public double OneByOne { get; set; }

        public double HoldP50 { get; set; }

        public double HoldP99 { get; set; }

        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture,
            $"tpc-b {TpcB:0}/s, bare {Bare100:0}/{Bare1000:0}, batched {Batched100:0}/{Batched1000:0}, "
            + $"over 1,000 organisations {Wide100:0}/{Wide1000:0}, hot {Hot.PerSecond:0} (p99 {Hot.P99:0.0} ms), "
            + $"64 callers {Singles.PerSecond:0} (p50 {Singles.P50:0.0}, p99 {Singles.P99:0.0} ms), one by one {OneByOne:0}, "
            + $"hold and release {HoldPairs.PerSecond:0}, hold p50 {HoldP50:0.0}, p99 {HoldP99:0.0} ms");
    }
}
