using System.Diagnostics;
using System.Globalization;

namespace Quoin.Bench.Rating;

/// <summary>
/// How fast usage becomes money while more of it keeps coming: the rate at which the pump drains with ingest on, over
/// the rate of ingest with the pump off, on copies of one database, in interleaved rounds.
/// </summary>
internal sealed class RatingBench(BenchOptions options)
{
    // What each is promised to reach; event to balance is timed at this share of the ingest rate.
    private static readonly (int Organisations, double Share)[] Sizes = [(1, 0.6), (100, 0.5), (10_000, 0.2)];

    public async Task Run(CancellationToken cancellationToken)
    {
        await using var cluster = await BenchCluster.Start(cancellationToken);
        foreach (var (organisations, share) in Sizes.Where(size =>
            options.Organisations is 0 || options.Organisations == size.Organisations))
        {
            var origin = await RatingDatabase.Create(cluster, organisations, cancellationToken);
            var rounds = new List<Round>();
            for (var number = 1; number <= options.Rounds; number++)
            {
                rounds.Add(await RunRound(cluster, origin, share, cancellationToken));
            }

            var name = string.Create(CultureInfo.InvariantCulture, $"rating.over_ingest_{organisations}");
            Figures.Print(name, Figures.Median(rounds.Select(round => round.Drained / round.Ingest)));
            Figures.Print($"{name}_per_second", Figures.Median(rounds.Select(round => round.Drained)));
            Figures.Print($"{name}_p99_ms", Figures.Median(rounds.Select(round => round.LagP99)));
        }

        if (options.Entries > 0)
        {
            await Grown(cluster, cancellationToken);
        }
    }

    private async Task<Round> RunRound(
        BenchCluster cluster, RatingDatabase origin, double share, CancellationToken cancellationToken)
    {
        var database = await cluster.CreateDatabase(origin.ConnectionString);
        double ingest;
        await using (var off = await RatingHost.Start(cluster, origin, database, "api"))
        {
            await off.Send(options.WarmUpSeconds, null, cancellationToken);
            Print("measuring");
            var (before, sent) = (off.Cpu(), off.Sent);
            var clock = Stopwatch.StartNew();
            await off.Send(options.Seconds, null, cancellationToken);
            ingest = (off.Sent - sent) / clock.Elapsed.TotalSeconds;
            Print(string.Create(
                CultureInfo.InvariantCulture, $"pump off: {ingest:0}/s, {off.Cpu().PerEventSince(before, off.Sent - sent)}"));
        }

        database = await cluster.CreateDatabase(origin.ConnectionString);
        await using var on = await RatingHost.Start(cluster, origin, database, "api,worker");
        var drained = await Drained(on, cancellationToken);
        await on.UntilBalanced(cancellationToken);
        Print("measuring");
        var sending = on.Send(options.Seconds, share * ingest, cancellationToken);
        var lags = await on.Probe(options.Seconds, cancellationToken);
        await sending;
        await on.UntilBalanced(cancellationToken);
        var p99 = Figures.Percentile(lags, 0.99);
        Print(string.Create(
            CultureInfo.InvariantCulture,
            $"{origin.Organisations.Count} organisations: {drained / ingest:0.000} of ingest; event to balance at "
            + $"{share * ingest:0}/s: p50 {Figures.Percentile(lags, 0.5):0} ms, p99 {p99:0} ms of {lags.Count}"));
        return new Round(ingest, drained, p99);
    }

    // All of the load's events that reached the books in the window, however many more were taken in meanwhile.
    private async Task<double> Drained(RatingHost host, CancellationToken cancellationToken)
    {
        await host.Send(options.WarmUpSeconds, null, cancellationToken);
        Print("measuring");
        var (before, sent, rated) = (host.Cpu(), host.Sent, await host.Rated(cancellationToken));
        var clock = Stopwatch.StartNew();
        await host.Send(options.Seconds, null, cancellationToken);
        var (taken, reached) = (host.Sent - sent, await host.Rated(cancellationToken) - rated);
        var (seconds, cpu) = (clock.Elapsed.TotalSeconds, host.Cpu().PerEventSince(before, reached));
        Print(string.Create(
            CultureInfo.InvariantCulture,
            $"pump on: {taken / seconds:0}/s taken, {reached / seconds:0}/s rated, {cpu}"));
        var rest = host.Sent - await host.Rated(cancellationToken);
        clock.Restart();
        await host.UntilBalanced(cancellationToken);
        var lines = await host.Count("select count(*) from charging.rated_lines", cancellationToken);
        var transfers = await host.Count("select count(*) from ledger.transfers", cancellationToken);
        Print(string.Create(
            CultureInfo.InvariantCulture,
            $"rest: {rest} in {clock.Elapsed.TotalSeconds:0.0} s; {lines} lines, {transfers} transfers of {host.Sent} events"));
        return reached / seconds;
    }

    private async Task Grown(BenchCluster cluster, CancellationToken cancellationToken)
    {
        const int organisations = 100;
        var few = options.Entries / 100;
        var origin = await RatingDatabase.Create(cluster, organisations, cancellationToken);
        var many = await cluster.CreateDatabase(origin.ConnectionString);
        await RatingHistory.Grow(many, options.Entries, cancellationToken);
        var ratios = new List<double>();
        for (var number = 1; number <= options.Rounds; number++)
        {
            var small = await cluster.CreateDatabase(origin.ConnectionString);
            await RatingHistory.Grow(small, few, cancellationToken);
            double young;
            await using (var host = await RatingHost.Start(cluster, origin, small, "api,worker"))
            {
                young = await Drained(host, cancellationToken);
            }

            // The grown one grows on from round to round: copying it would cost more than it could show.
            await using var old = await RatingHost.Start(cluster, origin, many, "api,worker", keepsDatabase: true);
            ratios.Add(await Drained(old, cancellationToken) / young);
            Print(string.Create(CultureInfo.InvariantCulture, $"with {options.Entries} over with {few}: {ratios[^1]:0.000}"));
        }

        Figures.Print("rating.at_1e7_over_1e5", Figures.Median(ratios));
    }

    private static void Print(string line) => Console.WriteLine(line);

    private sealed record Round(double Ingest, double Drained, double LagP99);
}
