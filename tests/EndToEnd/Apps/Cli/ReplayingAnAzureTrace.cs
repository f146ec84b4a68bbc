using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;
using Quoin.Cli;
using Quoin.Kernel;
using Quoin.Tests.Support;

namespace Quoin.Tests.EndToEnd.Apps.Cli;

public sealed partial class ReplayingAnAzureTrace(TwoReplicas replicas) : IClassFixture<TwoReplicas>, IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("quoin-test-").FullName;

    [Theory]
    [InlineData(400, 1, "gpt-4o")]
    [InlineData(7_000, 5_000, "gpt-4o")]
    [InlineData(7_000, 5_000, "gpt-4o-mini")]
    public async Task Comes_to_the_exact_total_whatever_the_batches_order_and_repeats(int rows, int batch, string model)
    {
        var file = Trace(rows);
        var (org, key) = await replicas.NewOrganisation();

        var replay = await replicas.Quoin(
            key, "replay", "azure-llm", file, "--model", model, "--batch", $"{batch}", "--connections", "8",
            "--shuffle", "5", "--twice", "--wait");

        replay.ExitCode.ShouldBe(0, replay.Output);
        replay.Output.ShouldContain(string.Create(
            CultureInfo.InvariantCulture, $"{rows:n0} accepted, {rows:n0} duplicate, 0 in conflict, 0 rejected"));
        (await Used(org)).ShouldBe(ExpectedByDecimals(rows, model));
        (await Used(org)).ShouldBe(await ExpectedBySql(file, model));
        (await SumOfEntries(org)).ShouldBe(0);
    }

    [Fact]
    public async Task Counts_once_when_two_replay_the_same_at_the_same_time()
    {
        const int rows = 2_000;
        var file = Trace(rows);
        var (org, key) = await replicas.NewOrganisation();

        var replays = await Task.WhenAll(
            replicas.Quoin(key, "replay", "azure-llm", file, "--batch", "50", "--shuffle", "1", "--wait"),
            replicas.Quoin(key, "replay", "azure-llm", file, "--batch", "70", "--shuffle", "2", "--wait"));

        replays.ShouldAllBe(replay => replay.ExitCode == 0);
        replays.Sum(replay => Accepted(replay.Output)).ShouldBe(rows);
        (await Used(org)).ShouldBe(ExpectedByDecimals(rows, "gpt-4o"));
    }

    [Fact]
    public async Task Goes_on_where_it_was_stopped()
    {
        const int rows = 500;
        var file = Trace(rows);
        var (org, key) = await replicas.NewOrganisation();

        await using (var stopped = QuoinProcess.Start(
            ["replay", "azure-llm", file, "--speed", "10", "--url", replicas.Urls[0]], new() { ["QUOIN_KEY"] = key }))
        {
            while (await EventCount(org) < 20)
            {
                await Task.Delay(50);
            }

            (await stopped.Stop()).ShouldBe(ExitCodes.Stopped, stopped.Output);
            stopped.Output.ShouldMatch("run the same command with --skip [1-9]");
        }

        (await EventCount(org)).ShouldBeLessThan(rows);
        var resumed = await replicas.Quoin(key, "replay", "azure-llm", file, "--wait");

        resumed.ExitCode.ShouldBe(0, resumed.Output);
        (await EventCount(org)).ShouldBe(rows);
        (await Used(org)).ShouldBe(ExpectedByDecimals(rows, "gpt-4o"));
    }

    [Fact]
    public async Task Names_malformed_rows_and_sends_nothing_unless_told_to()
    {
        var file = Trace(10);
        await File.AppendAllTextAsync(file, "\nnonsense,1,2");
        var (org, key) = await replicas.NewOrganisation();

        var refused = await replicas.Quoin(key, "replay", "azure-llm", file);

        refused.ExitCode.ShouldBe(ExitCodes.Failed, refused.Output);
        refused.Output.ShouldContain("line 12: TIMESTAMP 'nonsense' is no time");
        (await EventCount(org)).ShouldBe(0);

        var told = await replicas.Quoin(key, "replay", "azure-llm", file, "--skip-malformed");

        told.ExitCode.ShouldBe(ExitCodes.SomeNotAccepted, told.Output);
        (await EventCount(org)).ShouldBe(10);
    }

    [Fact]
    public async Task Finds_rows_in_conflict_when_the_model_is_another()
    {
        var file = Trace(10);
        var (org, key) = await replicas.NewOrganisation();
        await replicas.Quoin(key, "replay", "azure-llm", file);

        var other = await replicas.Quoin(key, "replay", "azure-llm", file, "--model", "gpt-4o-mini");

        other.ExitCode.ShouldBe(ExitCodes.SomeNotAccepted, other.Output);
        other.Output.ShouldContain("0 accepted, 0 duplicate, 10 in conflict, 0 rejected");
        (await EventCount(org)).ShouldBe(10);
    }

    [Fact]
    public async Task Acts_in_the_organisation_an_operator_names()
    {
        var file = Trace(10);
        var (org, _) = await replicas.NewOrganisation();
        var key = await replicas.NewOperatorKey();

        var replay = await replicas.Quoin(key, "replay", "azure-llm", file, "--org", org.ToString(), "--wait");

        replay.ExitCode.ShouldBe(0, replay.Output);
        (await Used(org)).ShouldBe(ExpectedByDecimals(10, "gpt-4o"));
    }

    [Fact]
    public async Task Says_when_the_key_is_wrong()
    {
        var replay = await replicas.Quoin("qn_test_nonsense", "replay", "azure-llm", Trace(10));

        replay.ExitCode.ShouldBe(ExitCodes.Failed, replay.Output);
        replay.Output.ShouldContain("invalid_key");
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private string Trace(int rows)
    {
        var path = Path.Combine(folder, $"trace-{rows}.csv");
        using var file = new StreamWriter(path);
        TraceMaker.Write(file, TraceMaker.Rows(rows, seed: 11));
        return path;
    }

    // The ledger's truth: what was earned, in micros.
    private async Task<long> Used(OrgId org) => await Scalar(
        "select coalesce(sum(balance_micros), 0)::bigint from ledger.accounts where org_id = $1 and kind = 'revenue'", org);

    private async Task<long> SumOfEntries(OrgId org) =>
        await Scalar("select coalesce(sum(amount_micros), 0)::bigint from ledger.entries where org_id = $1", org);

    private async Task<long> EventCount(OrgId org) =>
        await Scalar("select count(*) from metering.events where org_id = $1", org);

    private async Task<long> Scalar(string sql, OrgId org)
    {
        await using var command = replicas.Database.Owner.CreateCommand(sql);
        command.Parameters.Add(new() { Value = org.Value });
        return (long)(await command.ExecuteScalarAsync())!;
    }

    // Each meter rounded once over the whole period, in C#.
    private static long ExpectedByDecimals(int rows, string model)
    {
        var trace = TraceMaker.Rows(rows, seed: 11).ToArray();
        var (input, output) = TwoReplicas.Prices[model];
        static long Micros(decimal amount) => (long)Math.Round(amount, MidpointRounding.AwayFromZero);
        return Micros(trace.Sum(row => row.InputTokens) * input) + Micros(trace.Sum(row => row.OutputTokens) * output);
    }

    // The same by PostgreSQL alone, straight from the file: nothing of Quoin's reading or arithmetic.
    private async Task<long> ExpectedBySql(string file, string model)
    {
        await using var connection = await replicas.Database.Owner.OpenConnectionAsync();
        await using (var create = new NpgsqlCommand("create temp table trace (at timestamptz, input bigint, output bigint)", connection))
        {
            await create.ExecuteNonQueryAsync();
        }

        await using (var copy = await connection.BeginTextImportAsync("copy trace from stdin (format csv, header)"))
        {
            await copy.WriteAsync(await File.ReadAllTextAsync(file));
        }

        var (inputPrice, outputPrice) = TwoReplicas.Prices[model];
        await using var sum = new NpgsqlCommand(
            "select (round(sum(input) * $1::numeric) + round(sum(output) * $2::numeric))::bigint from trace", connection);
        sum.Parameters.Add(new() { Value = inputPrice });
        sum.Parameters.Add(new() { Value = outputPrice });
        return (long)(await sum.ExecuteScalarAsync())!;
    }

    private static long Accepted(string output) => long.Parse(
        AcceptedPattern().Match(output).Groups["count"].Value, NumberStyles.AllowThousands, CultureInfo.InvariantCulture);

    [GeneratedRegex("(?<count>[0-9,]+) accepted", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex AcceptedPattern();
}
