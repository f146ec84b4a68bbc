using System.Diagnostics;
using Npgsql;
using Quoin.Ledger;
using Quoin.Platform;

namespace Quoin.Bench.Ledger;

/// <summary>
/// Verification of a grown ledger against reading the same rows and doing nothing with them: two large organisations,
/// then a thousand. Interleaved rounds on one cluster.
/// </summary>
internal sealed class VerifyBench(BenchOptions options)
{
    private const string TransfersSql = """
        copy (
            select transfer_id, chain_count, billing_account_id, occurred_at, recorded_at, reverses_transfer_id, body_hash, kind,
                key, reference, metadata, chain_hash
            from ledger.transfers
        ) to stdout (format binary)
        """;

    private const string EntriesSql = """
        copy (
            select transfer_id, ordinal, account_id, currency, amount_micros, balance_after_micros
            from ledger.entries
        ) to stdout (format binary)
        """;

    public async Task Run(CancellationToken cancellationToken)
    {
        await using var cluster = await BenchCluster.Start(cancellationToken);
        foreach (var (organisations, name) in new[] { (2, "large"), (1_000, "thousand") })
        {
            var connectionString = await cluster.CreateDatabase();
            await using (var load = await LedgerLoad.Open(connectionString, organisations, cancellationToken))
            {
                await load.FillTo(Math.Min(options.Entries, 2_000_000), cancellationToken);
            }

            await Measure(connectionString, name, cancellationToken);
            await cluster.Drop(connectionString);
        }
    }

    private async Task Measure(string connectionString, string name, CancellationToken cancellationToken)
    {
        await using var source = DataSources.App(connectionString);
        var rates = new Dictionary<string, List<double>>();
        for (var round = 0; round < options.Rounds; round++)
        {
            foreach (var parallel in new[] { 1, 2 })
            {
                var (transfers, seconds) = await Verify(source, parallel, cancellationToken);
                Add(rates, $"verify.{name}_parallel{parallel}_per_s", transfers / seconds);
                Add(rates, $"verify.{name}_parallel{parallel}_over_reading", await Read(source, cancellationToken) / seconds);
            }
        }

        foreach (var (figure, values) in rates)
        {
            Figures.Print(figure, Figures.Median(values));
        }
    }

    private static void Add(Dictionary<string, List<double>> rates, string figure, double value)
    {
        rates.TryAdd(figure, []);
        rates[figure].Add(value);
    }

    private static async Task<(long Transfers, double Seconds)> Verify(
        NpgsqlDataSource source, int parallel, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var outcome = await new LedgerVerification(source).Run(
            new VerificationOptions { Parallel = parallel }, null, cancellationToken);
        var report = ((VerificationOutcome.Verified)outcome).Report;
        return report.IsSound
            ? (report.Transfers, clock.Elapsed.TotalSeconds)
            : throw new InvalidOperationException($"The books are not sound: {report.Findings[0]}");
    }

    // The seconds it takes one connection to read the rows of both tables as they lie on the disk, and drop them.
    private static async Task<double> Read(NpgsqlDataSource source, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        var buffer = new byte[1 << 16];
        foreach (var sql in new[] { TransfersSql, EntriesSql })
        {
            await using var stream = await connection.BeginRawBinaryCopyAsync(sql, cancellationToken);
            while (await stream.ReadAsync(buffer, cancellationToken) > 0)
            {
            }
        }

        return clock.Elapsed.TotalSeconds;
    }
}
