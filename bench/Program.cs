using System.Globalization;
using Quoin.Bench;
using Quoin.Bench.Auth;
using Quoin.Bench.Gateway;
using Quoin.Bench.Ingest;
using Quoin.Bench.Ledger;
using Quoin.Bench.Limiting;
using Quoin.Bench.Rating;
using Quoin.Bench.Webhooks;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stop.Cancel();
};
var options = BenchOptions.Read(args);
switch (options.Name)
{
    case "auth":
        await new AuthBench(options).Run(stop.Token);
        return 0;
    case "gateway":
        await new GatewayBench(options).Run(stop.Token);
        return 0;
    case Upstream.Command:
        return await Upstream.Run();
    case "ingest":
        await new IngestBench(options).Run(stop.Token);
        return 0;
    case "ledger":
        await new LedgerBench(options).Run(stop.Token);
        return 0;
    case "verify":
        await new VerifyBench(options).Run(stop.Token);
        return 0;
    case "limits":
        await new LimitsBench(options).Run(stop.Token);
        return 0;
    case "spend":
        await new SpendBench(options).Run(stop.Token);
        return 0;
    case "rating":
        await new RatingBench(options).Run(stop.Token);
        return 0;
    case "webhooks":
        await new WebhooksBench(options).Run(stop.Token);
        return 0;
    default:
        Console.Error.WriteLine("""
            usage: bench NAME [--rounds N] [--seconds N] [--warm-up N] [--memory-minutes N] [--entries N]
                         [--organisations N] [--parts a,b]
              auth     what a key costs a request
              gateway  calls of a model direct, through Quoin, and through another gateway
              ingest   events through HTTP against bare COPY; single events; event to balance; memory over time
              ledger   transfers and holds against TPC-B, bare rows, and one transaction each; as the ledger grows
              limits   advice on one core; promises from 64 callers over two replicas
              rating   folded usage into lines and the books, beside ingest; as lines, positions and events grow
              spend    money reserved on budgets and in the ledger: one caller, and fifty; beside a bare row
              webhooks the provider's news taken in over HTTP, beside bare rows; a backlog of 100,000 gone through
              verify   proving a grown ledger, against reading its rows
            """);
        return 2;
}
