using System.Globalization;
using Quoin.Bench.Ingest;

namespace Quoin.Bench.Gateway;

/// <summary>
/// What a gateway adds to a call of a model: the same calls to the provider itself, through Quoin with all of its accounting,
/// and through npm's @portkey-ai/gateway, which does none.
/// </summary>
internal sealed class GatewayBench(BenchOptions options)
{
    private const string Portkey = "portkey";
    private const int Many = 50;
    private const int HeldStreams = 1_000;

    private readonly Dictionary<string, List<double>> measured = [];

    public async Task Run(CancellationToken cancellationToken)
    {
        await using var cluster = await BenchCluster.Start(cancellationToken);
        await using var upstream = await BenchProcess.StartUpstream(cancellationToken);
        await using var portkey = await BenchProcess.StartPortkey(cancellationToken);
        await using var host = await GatewayHost.Start(cluster, upstream.Address, cancellationToken);
        GatewayTarget[] targets =
        [
            new("direct", upstream.Address, ""),
            host.Target,
            new(
                Portkey,
                portkey.Address,
                "Authorization: Bearer sk-bench\r\nx-portkey-provider: openai\r\n"
                + $"x-portkey-custom-host: {new Uri(upstream.Address, "/v1").AbsoluteUri}\r\n"),
        ];
        await WarmUp(targets, cancellationToken);
        for (var round = 1; round <= options.Rounds; round++)
        {
            // Each is first in its turn.
            var order = targets[(round % targets.Length)..].Concat(targets[..(round % targets.Length)]).ToArray();
            Console.WriteLine($"round {round}: {string.Join(", ", order.Select(target => target.Name))}");
            await host.CatchUp(cancellationToken);
            await Single(order, host, cancellationToken);
            await host.CatchUp(cancellationToken);
            await Fifty(order, host, cancellationToken);
            await host.CatchUp(cancellationToken);
            await Streams(order, cancellationToken);
            await host.CatchUp(cancellationToken);
            await Held(upstream, host, cancellationToken);
        }

        await host.RequireEveryCallSettled(cancellationToken);
        Print();
    }

    private async Task WarmUp(GatewayTarget[] targets, CancellationToken cancellationToken)
    {
        foreach (var target in targets)
        {
            await target.Plain(Many, options.WarmUpSeconds / 2.0, cancellationToken);
            await target.Plain(1, options.WarmUpSeconds / 4.0, cancellationToken);
            if (target.Name != Portkey)
            {
                await target.Streams(options.WarmUpSeconds / 4.0, cancellationToken);
            }
        }
    }

    private async Task Single(GatewayTarget[] targets, GatewayHost host, CancellationToken cancellationToken)
    {
        if (!options.Wants("single"))
        {
            return;
        }

        foreach (var target in targets)
        {
            var cpu = host.Cpu();
            var times = await target.Plain(1, options.Seconds, cancellationToken);
            var (p50, p99) = (Figures.Percentile(times, 0.50), Figures.Percentile(times, 0.99));
            Note($"{target.Name}_p50_ms", p50);
            Note($"{target.Name}_p99_ms", p99);
            var said = $"  1 connection, {target.Name}: {times.Count} calls, p50 {p50:0.000} ms, p99 {p99:0.000} ms";
            Say(said, target, host, cpu, times.Count);
        }

        foreach (var percentile in new[] { "p50", "p99" })
        {
            foreach (var gateway in new[] { "quoin", Portkey })
            {
                Note($"{gateway}_added_{percentile}_ms", Last($"{gateway}_{percentile}_ms") - Last($"direct_{percentile}_ms"));
            }
        }

        Note("added_p50_over_portkey", Last("quoin_added_p50_ms") / Last("portkey_added_p50_ms"));
    }

    private async Task Fifty(GatewayTarget[] targets, GatewayHost host, CancellationToken cancellationToken)
    {
        if (!options.Wants("fifty"))
        {
            return;
        }

        foreach (var target in targets)
        {
            var cpu = host.Cpu();
            var times = await target.Plain(Many, options.Seconds, cancellationToken);
            var (rate, p99) = (times.Count / (double)options.Seconds, Figures.Percentile(times, 0.99));
            Note($"{target.Name}_rps50", rate);
            Note($"{target.Name}_p99_50_ms", p99);
            Say($"  {Many} connections, {target.Name}: {rate:0} calls/s, p99 {p99:0.0} ms", target, host, cpu, times.Count);
            if (target == host.Target)
            {
                Note("behind_after_50_seconds", await host.CatchUp(cancellationToken));
            }
        }

        Note("rps50_over_portkey", Last("quoin_rps50") / Last("portkey_rps50"));
    }

    private async Task Streams(GatewayTarget[] targets, CancellationToken cancellationToken)
    {
        if (!options.Wants("streams"))
        {
            return;
        }

        // Version 1.15.2 of the other answers every stream of OpenAI's protocol with status 500 under Node.js 20:
        // it changes headers that it may not.
        foreach (var target in targets.Where(target => target.Name != Portkey))
        {
            var times = await target.Streams(options.Seconds, cancellationToken);
            Note($"{target.Name}_ttft_ms", Figures.Percentile(times, 0.50));
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  streams, {target.Name}: {times.Count}, first event p50 {Last($"{target.Name}_ttft_ms"):0.000} ms"));
        }

        Note("ttft_added_ms", Last("quoin_ttft_ms") - Last("direct_ttft_ms"));
    }

    private async Task Held(BenchProcess upstream, GatewayHost host, CancellationToken cancellationToken)
    {
        if (!options.Wants("held"))
        {
            return;
        }

        var open = await host.Target.Hold(HeldStreams, cancellationToken);
        var most = 0.0;
        for (var second = 0; second < options.Seconds; second++)
        {
            most = Math.Max(most, host.ResidentMegabytes());
            await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
        }

        await upstream.Say(Upstream.Release);
        await host.Target.Finish(open, cancellationToken);
        Note("rss_mb_1000_streams", most);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {open.Count} streams open: {most:0} MB"));
    }

    private void Print()
    {
        string[] named =
        [
            "rps50_over_portkey", "added_p50_over_portkey", "quoin_added_p50_ms", "quoin_added_p99_ms", "ttft_added_ms",
            "rss_mb_1000_streams",
        ];
        foreach (var name in measured.Keys.Except(named).Order(StringComparer.Ordinal).Concat(named.Where(measured.ContainsKey)))
        {
            Figures.Print($"gateway.{name.Replace("quoin_added", "added", StringComparison.Ordinal)}", Figures.Median(measured[name]));
        }
    }

    private static void Say(string line, GatewayTarget target, GatewayHost host, CpuTimes since, int calls) =>
        Console.WriteLine(line + (target == host.Target ? ", " + host.Cpu().PerEventSince(since, calls) : ""));

    private void Note(string name, double value)
    {
        if (!measured.TryGetValue(name, out var values))
        {
            measured.Add(name, values = []);
        }

        values.Add(value);
    }

    private double Last(string name) => measured[name][^1];
}
