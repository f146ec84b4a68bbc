using System.Globalization;
using Quoin.Bench;
using Quoin.Bench.Ingest;

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
    case "ingest":
        await new IngestBench(options).Run(stop.Token);
        return 0;
    default:
        Console.Error.WriteLine("""
            usage: bench NAME [--rounds N] [--seconds N] [--memory-minutes N]
              ingest   events through HTTP against bare COPY; single events; event to balance; memory over time
            """);
        return 2;
}
