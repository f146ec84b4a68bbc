using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;
using Quoin.Tests.Support;
using Xunit.Abstractions;

namespace Quoin.Tests.EndToEnd.Billing;

/// <summary>
/// Real processes, killed with SIGKILL while usage streams in: ten times the host, PostgreSQL, or both. Whatever was
/// acknowledged is there, once, and the money is right.
/// </summary>
public sealed class KillingEverythingDuringAReplay(ITestOutputHelper log)
{
    private const int Kills = 10;
    private const int Batches = 200;
    private const int BatchEvents = 50;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task Keeps_every_acknowledged_event_once_and_the_total_exact()
    {
        var seed = Environment.TickCount;
        log.WriteLine($"seed {seed}");
        using var patience = new CancellationTokenSource(Patience);
        using var folder = await TestFolder.Create();
        var trace = Trace(seed);
        var run = new Run(await QuoinProcess.ServeFolder(folder.Data), folder, new Random(seed));
        await run.PrepareCustomer();

        var killing = run.KillNowAndThen(patience.Token);
        var acknowledged = await run.Replay(trace, patience.Token);
        await killing;
        run.KillsDone.ShouldBe(Kills);
        await run.UntilUsed(Expected(trace), patience.Token);

        await run.Host.DisposeAsync();
        await RequireExactBooks(folder, acknowledged);
    }

    private static JsonObject[][] Trace(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, Batches).Select(batch => Enumerable.Range(0, BatchEvents).Select(index =>
            UsageEvents.Completion(
                $"row-{(batch * BatchEvents) + index}",
                random.Next(1, 8_000),
                random.Next(1, 1_000),
                time: $"2026-01-{1 + (batch % 28):00}T12:{index:00}:00Z")).ToArray())];
    }

    private static long Expected(JsonObject[][] trace)
    {
        var data = trace.SelectMany(batch => batch).Select(one => one["data"]!).ToArray();
        var input = data.Sum(one => (long)one["input_tokens"]!) * 2.50m / 1_000_000;
        var output = data.Sum(one => (long)one["output_tokens"]!) * 10m / 1_000_000;
        return Rounding.HalfUpToMicros(input)!.Value + Rounding.HalfUpToMicros(output)!.Value;
    }

    private static async Task RequireExactBooks(TestFolder folder, HashSet<string> acknowledged)
    {
        var started = await EmbeddedPostgres.Start(
            new EmbeddedSettings(folder.Data), NullLogger.Instance, TimeProvider.System, CancellationToken.None);
        await using var postgres = ((EmbeddedOutcome.Running)started).Postgres;
        await using var source = NpgsqlDataSource.Create(postgres.ConnectionString);
        await using var command = source.CreateCommand("""
            select
                (select sum(amount_micros) from ledger.entries) = 0
                    and (select sum(balance_micros) from ledger.accounts) = 0
                    and (select sum(amount_micros) from charging.rated_lines)
                        = (select sum(balance_micros) from ledger.accounts where kind = 'revenue')
                    and (select sum(quantity) from charging.rated_lines) = (select sum(quantity) from metering.usage_buckets)
                    and not exists (select from metering.unrated_folds),
                array(select event_id from metering.events)
            """);
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        reader.GetBoolean(0).ShouldBeTrue();
        var stored = reader.GetFieldValue<string[]>(1);
        stored.Length.ShouldBe(Batches * BatchEvents);
        stored.ToHashSet().IsSupersetOf(acknowledged).ShouldBeTrue();
        stored.Distinct().Count().ShouldBe(stored.Length);
    }

    private sealed class Run(QuoinProcess host, TestFolder folder, Random random)
    {
        private string key = string.Empty;
        private int acknowledgedBatches;

        public QuoinProcess Host { get; private set; } = host;

        public int KillsDone { get; private set; }

        public async Task PrepareCustomer()
        {
            var (_, output) = await QuoinProcess.Run(
                ["admin", "keys", "create", "--label", "test"], new() { ["QUOIN_DATA"] = folder.Data });
            var operatorKey = output.Split(['\n', ' ']).Single(word => word.StartsWith("qn_op_", StringComparison.Ordinal)).Trim();
            var org = await Post(operatorKey, null, "/v1/organisations", new { name = "Acme", mode = "test", settlement = "postpaid" });
            var book = await Post(operatorKey, null, "/v1/price-books", new { name = "Test", currency = "USD" });
            await Post(operatorKey, null, $"/v1/price-books/{book["id"]}/prices", new
            {
                prices = new[]
                {
                    new { meter = "llm.input_tokens", unit_price = "2.50", per_quantity = 1_000_000 },
                    new { meter = "llm.output_tokens", unit_price = "10", per_quantity = 1_000_000 },
                },
            });
            key = (string)(await Post(operatorKey, (string)org["id"]!, "/v1/keys", new { label = "test" }))["secret"]!;
        }

        /// <summary>Sends every batch until it is acknowledged.</summary>
        public async Task<HashSet<string>> Replay(JsonObject[][] trace, CancellationToken cancellationToken)
        {
            var acknowledged = new HashSet<string>();
            foreach (var batch in trace)
            {
                while (!await TrySend(batch, cancellationToken))
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(50), cancellationToken);
                }

                acknowledged.UnionWith(batch.Select(one => (string)one["id"]!));
                Interlocked.Increment(ref acknowledgedBatches);
            }

            return acknowledged;
        }

        /// <summary>Kills ten times, each after a random number of batches, and brings the host back.</summary>
        public async Task KillNowAndThen(CancellationToken cancellationToken)
        {
            for (; KillsDone < Kills; KillsDone++)
            {
                var until = ((KillsDone + 1) * (Batches / (Kills + 1))) + random.Next(-5, 6);
                while (Volatile.Read(ref acknowledgedBatches) < until)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(random.Next(1, 5)), cancellationToken);
                }

                var (killsHost, killsPostgres) = (KillsDone % 3 != 1, KillsDone % 3 != 0);
                if (killsPostgres)
                {
                    folder.KillPostgres();
                }

                if (killsHost)
                {
                    Host.Kill();
                    Host = await QuoinProcess.ServeFolder(folder.Data);
                }
            }
        }

        public async Task UntilUsed(long micros, CancellationToken cancellationToken)
        {
            long used = -1;
            while (used != micros)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), cancellationToken);
                using var request = Request(HttpMethod.Get, key, null, "/v1/balance");
                using var answer = await Host.Client.SendAsync(request, cancellationToken);

                // Before the first event is rated there is no account to show.
                used = answer.IsSuccessStatusCode && (await answer.Json())["data"]!.AsArray() is [{ } balance, ..]
                    ? (long)balance["used"]!["amount_micros"]!
                    : -1;
                used.ShouldBeLessThanOrEqualTo(micros);
            }
        }

        private async Task<bool> TrySend(JsonObject[] batch, CancellationToken cancellationToken)
        {
            try
            {
                using var request = Request(HttpMethod.Post, key, null, "/v1/events");
                request.Content = new StringContent(
                    "[" + string.Join(',', batch.Select(one => one.ToJsonString())) + "]",
                    new MediaTypeHeaderValue(UsageEvents.Batch));
                using var answer = await Host.Client.SendAsync(request, cancellationToken);
                if (answer.StatusCode != HttpStatusCode.Accepted)
                {
                    // The database is away: a clear, retryable answer, never an acknowledgement.
                    answer.StatusCode.ShouldBe(
                        HttpStatusCode.ServiceUnavailable,
                        await answer.Content.ReadAsStringAsync(cancellationToken));
                    return false;
                }

                var verdicts = await answer.Json();
                return (int)verdicts["accepted"]! + (int)verdicts["duplicate"]! == batch.Length
                    ? true
                    : throw new InvalidOperationException(verdicts.ToJsonString());
            }
            catch (Exception gone) when (gone is HttpRequestException or IOException or ObjectDisposedException)
            {
                return false;
            }
        }

        private async Task<JsonNode> Post(string bearer, string? org, string path, object body)
        {
            using var request = Request(HttpMethod.Post, bearer, org, path);
            request.Content = JsonContent.Create(body);
            using var answer = await Host.Client.SendAsync(request);
            answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
            return await answer.Json();
        }

        private static HttpRequestMessage Request(HttpMethod method, string bearer, string? org, string path)
        {
            var request = new HttpRequestMessage(method, path);
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
            if (org is not null)
            {
                request.Headers.Add("Quoin-Org", org);
            }

            return request;
        }
    }
}
