using System.Globalization;

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
    private const int WarmUpSeconds = 3;

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

        await MeasureFew(database, round, cancellationToken);
        await MeasureMany(database, round, cancellationToken);
        await cluster.Drop(database);
        return round;
    }

    private async Task MeasureFew(string database, Round round, CancellationToken cancellationToken)
    {
        await using var load = await LedgerLoad.Open(database, 100, cancellationToken);
        if (options.Wants("batched"))
        {
            await load.Batched(100, WarmUpSeconds, cancellationToken);
            round.Batched100 = await load.Batched(100, options.Seconds, cancellationToken);
            round.Batched1000 = await load.Batched(1_000, options.Seconds, cancellationToken);
        }

        if (options.Wants("hot"))
        {
            await load.Hot(Callers, WarmUpSeconds, cancellationToken);
            round.Hot = await load.Hot(Callers, options.Seconds, cancellationToken);
        }
    }

    private async Task MeasureMany(string database, Round round, CancellationToken cancellationToken)
    {
        var seconds = options.Seconds;
        await using var load = await LedgerLoad.Open(database, 1_000, cancellationToken);
        if (options.Wants("wide"))
        {
            await load.Batched(100, 1, cancellationToken);
            round.Wide100 = await load.Batched(100, seconds, cancellationToken);
            round.Wide1000 = await load.Batched(1_000, seconds, cancellationToken);
        }

        if (options.Wants("singles"))
        {
            await load.Singles(Callers, WarmUpSeconds, cancellationToken);
            round.Singles = await load.Singles(Callers, seconds, cancellationToken);
        }

        if (options.Wants("one-by-one"))
        {
            round.OneByOne = (await load.OneByOne(8, seconds, cancellationToken)).PerSecond;
        }

        if (options.Wants("holds"))
        {
            round.HoldPairs = await load.HoldsAndReleases(Callers, seconds, cancellationToken);
            await load.HoldsAt(HoldsPerSecond, 1, cancellationToken);
            var holds = await load.HoldsAt(HoldsPerSecond, seconds, cancellationToken);
            (round.HoldP50, round.HoldP99) = (Figures.Percentile(holds, 0.50), Figures.Percentile(holds, 0.99));
        }

        await load.RequireSound(cancellationToken);
    }

    private async Task Grow(BenchCluster cluster, CancellationToken cancellationToken)
    {
        var database = await cluster.CreateDatabase();
        await using var load = await LedgerLoad.Open(database, 100, cancellationToken);
        await load.Batched(100, WarmUpSeconds, cancellationToken);
        var rates = new List<double>();
        for (var entries = 100_000L; entries <= options.Entries; entries *= 10)
        {
            await load.FillTo(entries, cancellationToken);
            var slices = new List<double>();
            for (var slice = 0; slice < options.Rounds; slice++)
            {
                slices.Add(await load.Batched(100, Math.Max(2, options.Seconds / 2), cancellationToken));
            }

            rates.Add(Figures.Median(slices));
            Print(string.Create(CultureInfo.InvariantCulture, $"at {entries} entries: {rates[^1]:0} transfers/s"));
        }

        Figures.Print("ledger.at_1e6_over_1e5", rates.Count > 1 ? rates[1] / rates[0] : double.NaN);
        Figures.Print("ledger.at_1e7_over_1e5", rates.Count > 2 ? rates[2] / rates[0] : double.NaN);
        await cluster.Drop(database);
    }

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
