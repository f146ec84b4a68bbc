using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Quoin.Accounts;
using Quoin.Bench.Ingest;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Limiting;
using Quoin.Pricing;
using Quoin.Server.Hosting;
using Quoin.Tests.Support;

namespace Quoin.Bench.Gateway;

/// <summary>
/// The real program, in every role, on a durable database: one organisation that pays beforehand and has a hard budget, and
/// a virtual key of its with a hard budget of its own.
/// </summary>
internal sealed class GatewayHost : IAsyncDisposable
{
    private const long BudgetMicros = 1_000_000_000_000;
    private static readonly TimeSpan ToldLongest = TimeSpan.FromMinutes(2);

    private readonly NpgsqlDataSource looking;
    private readonly QuoinProcess process;

    private GatewayHost(NpgsqlDataSource looking, QuoinProcess process, string key)
    {
        (this.looking, this.process) = (looking, process);
        Target = new GatewayTarget("quoin", process.Address, $"Authorization: Bearer {key}\r\n");
    }

    /// <summary>Calls through it.</summary>
    public GatewayTarget Target { get; }

    /// <summary>Processor time so far.</summary>
    public CpuTimes Cpu() => CpuTimes.Now(process.ProcessId);

    /// <summary>Its resident memory, in MB.</summary>
    public double ResidentMegabytes()
    {
        var line = File.ReadLines($"/proc/{process.ProcessId}/status").First(line => line.StartsWith("VmRSS", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }

    public static async Task<GatewayHost> Start(BenchCluster cluster, Uri provider, CancellationToken cancellationToken)
    {
        var database = await cluster.CreateDatabase();
        var (org, desk) = await Prepare(database, cluster.Folder, cancellationToken);
        var started = await QuoinProcess.ServeDatabase(database, "--data", cluster.Folder);
        started.Client.DefaultRequestHeaders.Add("Authorization", $"Bearer {desk}");
        started.Client.DefaultRequestHeaders.Add("Quoin-Org", org.ToString());
        await Done(await started.Client.PutAsJsonAsync(
            "/v1/inference/providers/loopback",
            new { kind = "openai_compatible", base_url = new Uri(provider, "/v1").AbsoluteUri, credential = "sk-bench", reason = "bench" },
            cancellationToken));
        foreach (var model in new[] { Upstream.Model, Upstream.HeldModel })
        {
            var deployment = new { provider = "loopback", model, input_tokens_max = 100_000, output_tokens_max = 1_000 };
            await Done(await started.Client.PutAsJsonAsync(
                "/v1/inference/models", new { model, deployments = new[] { deployment }, reason = "bench" }, cancellationToken));
        }

        var budget = new { amount = new { currency = "USD", amount_micros = BudgetMicros }, window = "month", posture = "hard" };
        var made = await Done(await started.Client.PostAsJsonAsync(
            "/v1/inference/keys", new { label = "bench", budget }, cancellationToken));
        return new GatewayHost(NpgsqlDataSource.Create(database), started, (string)made["secret"]!);
    }

    private const string SettledSql = """
        select
            (select count(*) from inference.requests),
            (select count(*) from inference.requests
                where status <> 'succeeded' or review is not null or is_estimated or coalesce(quoted_micros, 0) = 0),
            (select count(*) from limits.spend_reservations where state in ('held', 'in_review')),
            (select count(*) from inference.untold),
            (select count(*) from metering.events),
            (select count(*) from limits.spend_draws) + (select count(*) from ledger.holds where state = 'open')
        """;

    /// <summary>
    /// Insists that every call that was answered is in the journal with what it cost, that nothing is reserved or held any
    /// more, and that Metering was told of each once.
    /// </summary>
    public async Task RequireEveryCallSettled(CancellationToken cancellationToken)
    {
        await CatchUp(cancellationToken);
        await using var command = looking.CreateCommand(SettledSql);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var (calls, odd, reserved) = (reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2));
        var (untold, told, held) = (reader.GetInt64(3), reader.GetInt64(4), reader.GetInt64(5));
        var said = string.Create(
            CultureInfo.InvariantCulture,
            $"{Target.Answered} calls answered: {calls} in the journal ({odd} odd), {reserved} still reserved, "
            + $"{held} still held, {told} told ({untold} not)");
        Console.WriteLine(
            calls == Target.Answered && odd == 0 && reserved == 0 && held == 0 && untold == 0 && told == calls
                ? said
                : throw new InvalidOperationException($"{said}. The host wrote:\n{process.Output}"));
    }

    private const string BehindSql = """
        select exists (select 1 from inference.untold)
            or exists (select 1 from limits.spend_draws)
            or exists (select 1 from ledger.holds where state = 'open')
        """;

    /// <summary>
    /// Waits until all that was called is told, rated and posted, so that what is measured next is not what was called before.
    /// </summary>
    /// <returns>How many seconds that took.</returns>
    public async Task<double> CatchUp(CancellationToken cancellationToken)
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            await using var command = looking.CreateCommand(BehindSql);
            if (await command.ExecuteScalarAsync(cancellationToken) is false)
            {
                return waited.Elapsed.TotalSeconds;
            }

            if (waited.Elapsed > ToldLongest)
            {
                throw new InvalidOperationException(
                    $"The host does not catch up:\n{await Left(cancellationToken)}\nIt wrote:\n{process.Output}");
            }

            await Task.Delay(50, cancellationToken);
        }
    }

    private const string LeftSql = """
        select string_agg(line, E'\n')
        from (
            select 'untold ' || u::text as line from inference.untold u
            union all
            select 'drawn ' || d::text from limits.spend_draws d
            union all
            select 'reserved ' || r::text from limits.spend_reservations r where r.state in ('held', 'in_review')
            union all
            select 'held ' || h::text from ledger.holds h where h.state = 'open') as left_over
        """;

    private async Task<string?> Left(CancellationToken cancellationToken)
    {
        await using var command = looking.CreateCommand(LeftSql);
        return await command.ExecuteScalarAsync(cancellationToken) as string;
    }

    public async ValueTask DisposeAsync()
    {
        await process.DisposeAsync();
        await looking.DisposeAsync();
    }

    private static async Task<(OrgId Org, string DeskKey)> Prepare(
        string database, string folder, CancellationToken cancellationToken)
    {
        var settings = new HostSettings { DataFolder = folder, Database = database };
        await using var app = QuoinHost.Build(settings, database);
        var services = app.Services;
        var created = await services.GetRequiredService<Accounts.Organisations>().Create(
            new NewOrganisation("Bench", OrganisationMode.Live), "bench", cancellationToken);
        var organisation = ((CreateOrganisationOutcome.Created)created).Organisation;
        await services.GetRequiredService<Quoin.Ledger.Ledger>().Run(
            new CreateGrant(
                organisation.Id,
                organisation.DefaultBillingAccount.Id,
                "bench",
                new Money(BudgetMicros, Currency.Usd),
                GrantSource.Purchased,
                TimeProvider.System.GetUtcNow(),
                "bench"),
            cancellationToken);
        await services.GetRequiredService<Budgets>().Create(
            organisation.Id,
            new NewBudget(
                SpendScope.Of(organisation.Id), new Money(BudgetMicros, Currency.Usd), BudgetWindow.Month, SpendPosture.Hard),
            "bench",
            cancellationToken);
        var books = services.GetRequiredService<PriceBooks>();
        var book = (CreateBookOutcome.Created)await books.Create("bench", Currency.Usd, true, "bench", cancellationToken);
        await books.Publish(
            book.Book.Id,
            [
                new NewPrice("llm.input_tokens", Dimensions.None, 2.50m, 1_000_000, null),
                new NewPrice("llm.output_tokens", Dimensions.None, 10m, 1_000_000, null),
            ],
            "bench",
            cancellationToken);
        var key = await services.GetRequiredService<Keys>().CreateForOperator(
            new NewOperatorKey("bench", [OperatorRole.Admin]), "bench", cancellationToken);
        return (organisation.Id, ((CreateKeyOutcome.Created)key).Key.Secret);
    }

    private static async Task<JsonNode> Done(HttpResponseMessage answer)
    {
        using var own = answer;
        var text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode
            ? JsonNode.Parse(text)!
            : throw new InvalidOperationException($"{answer.RequestMessage?.RequestUri} answered {text}");
    }
}
