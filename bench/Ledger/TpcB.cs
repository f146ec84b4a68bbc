using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Quoin.Platform;

namespace Quoin.Bench.Ledger;

/// <summary>
/// PostgreSQL's own <c>pgbench</c> with its built-in TPC-B script: three updates, a select and an insert a transaction,
/// row at a time, eight clients, prepared statements. What one can have without a ledger.
/// </summary>
internal sealed class TpcB(string connectionString)
{
    private const int Scale = 20;

    public async Task Prepare(CancellationToken cancellationToken) =>
        await Run(["-i", "-q", "-s", $"{Scale}"], cancellationToken);

    /// <summary>Transactions a second.</summary>
    public async Task<double> PerSecond(int seconds, CancellationToken cancellationToken)
    {
        var output = await Run(["-c", "8", "-j", "2", "-M", "prepared", "-n", "-T", $"{seconds}"], cancellationToken);
        var line = output.Split('\n').Single(one => one.StartsWith("tps = ", StringComparison.Ordinal));
        return double.Parse(line.Split(' ')[2], CultureInfo.InvariantCulture);
    }

    private async Task<string> Run(string[] arguments, CancellationToken cancellationToken)
    {
        var target = new NpgsqlConnectionStringBuilder(connectionString);
        var pgbench = PostgresBinaries.FindAll().Select(one => one.Program("pgbench")).FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException("No PostgreSQL here has pgbench.");
        var start = new ProcessStartInfo(pgbench)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in arguments.Append(target.Database!))
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["PGHOST"] = target.Host;
        start.Environment["PGPORT"] = target.Port.ToString(CultureInfo.InvariantCulture);
        start.Environment["PGUSER"] = target.Username;
        start.Environment["PGPASSWORD"] = target.Password;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"pgbench failed: {await errors}");
    }
}
