using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;
using Quoin.Kernel;
using Quoin.Metering;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Simulation.Usage;

/// <summary>
/// Seeded sequences of events in any order, cut into any batches, late, repeated, taken back and corrected, while the clock
/// goes on: for every aggregation the buckets, the deltas handed to rating and the totals of any range are those of a
/// model that sees all events at once. A failure names its seed.
/// </summary>
public sealed class FoldingUsage(TestDatabase database) : IClassFixture<TestDatabase>
{
    private const int FixedSeeds = 16;
    private const int FreshSeeds = 8;
    private const int Operations = 50;
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly string[] Meters = ["sum", "count", "max", "min", "last", "users", "rounded", "gpu_seconds"];

    [Fact]
    public async Task Agrees_with_the_model_for_every_seed()
    {
        await using var first = await TestHost.Start(database, "api");
        await using var second = await TestHost.Start(database, "api");
        using var operatorClient = await first.OperatorClient();
        await DefineMeters(operatorClient);
        foreach (var seed in Seeds.Of(FixedSeeds, FreshSeeds, share: 25))
        {
            try
            {
                await Run(new Random(seed), [first, second]);
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"Seed {seed} failed: {failure.Message}", failure);
            }
        }
    }

    private async Task Run(Random random, TestHost[] hosts)
    {
        var org = await hosts[0].CreateOrganisation();
        HttpClient[] clients = [.. hosts.Select(host => host.Client(org.Key))];
        var now = Start.AddHours(1);
        var live = new Dictionary<string, ModelEvent>();
        var sent = new List<ModelEvent>();
        await Move(hosts[0], org.Id, now);
        for (var operation = 0; operation < Operations; operation++)
        {
            // A replica hears of another's move of the clock a moment later; so one takes what has a time, one what has none.
            switch (random.Next(20))
            {
                case < 10:
                    await Send(random, clients[0], now, sent, live);
                    break;
                case < 13 when live.Count > 0:
                    await Void(clients[1], Any(random, live), live);
                    break;
                case < 16 when live.Count > 0:
                    await Correct(random, clients[0], Any(random, live), now, live);
                    break;
                default:
                    now += TimeSpan.FromSeconds(random.Next(1, 2_400));
                    await Move(hosts[0], org.Id, now);
                    break;
            }
        }

        now += TimeSpan.FromSeconds(1);
        await Move(hosts[0], org.Id, now);
        var model = UsageModel.Of(live.Values, now);
        (await Buckets(org.Id, "usage_buckets")).ShouldBe(Text(model));
        (await Buckets(org.Id, "unrated_folds")).ShouldBe(Text(model.Where(pair => IsAdditive(pair.Key.Meter))));
        await RequireTotals(random, hosts[0], org, now, live.Values);
    }

    private static bool IsAdditive(string meter) => meter is "sim.sum" or "sim.count" or "sim.rounded" or "sim.gpu_seconds";

    private static async Task Move(TestHost host, OrgId org, DateTimeOffset to) =>
        (await host.Get<DueWork>().MoveClock(org, to, CancellationToken.None)).ShouldBeOfType<ClockOutcome.Moved>();

    private static KeyValuePair<string, ModelEvent> Any(Random random, Dictionary<string, ModelEvent> live) =>
        live.OrderBy(pair => pair.Key, StringComparer.Ordinal).ElementAt(random.Next(live.Count));

    private static async Task Send(
        Random random, HttpClient client, DateTimeOffset now, List<ModelEvent> sent, Dictionary<string, ModelEvent> live)
    {
        var batch = new List<ModelEvent>();
        for (var count = random.Next(1, 12); count > 0; count--)
        {
            batch.Add(sent.Count > 0 && random.Next(4) == 0
                ? sent[random.Next(sent.Count)]
                : Make(random, now, "/sim", $"{random.Next()}"));
        }

        var answer = await client.SendBatch(batch.Select(one => new JsonObject
        {
            ["specversion"] = "1.0",
            ["id"] = one.Id,
            ["source"] = one.Source,
            ["type"] = one.IsJob ? "sim.job" : "sim.vm",
            ["time"] = Rfc3339.Format(one.Time),
            ["data"] = JsonSerializer.SerializeToNode(one.Data),
        }));
        var results = (await answer.Json())["results"]!.AsArray();
        foreach (var (one, result) in batch.Zip(results))
        {
            var isNew = !sent.Contains(one);
            ((string)result!["verdict"]!).ShouldBe(isNew ? "accepted" : "duplicate", result.ToJsonString());
            if (isNew)
            {
                sent.Add(one);
                live.Add((string)result["event"]!, one);
            }
        }
    }

    // Few values and whole minutes, so that events meet: at one instant, with one value, in one quarter hour.
    private static ModelEvent Make(Random random, DateTimeOffset now, string source, string id)
    {
        var isJob = random.Next(3) > 0;
        var span = (int)(now - Start).TotalMinutes;
        var time = Start.AddMinutes(random.Next(span)).AddMilliseconds(random.Next(3) == 0 ? random.Next(60_000) : 0);
        return isJob
            ? new ModelEvent(
                source, id, true, time, random.Next(0, 12_000) / 1000m, $"user-{random.Next(5)}", random.Next(3) switch
                {
                    0 => null,
                    1 => "eu",
                    _ => "us",
                })
            : new ModelEvent(
                source, id, false, time, random.Next(3), $"vm-{random.Next(3)}", random.Next(2) == 0 ? "a100" : "h100");
    }

    private static async Task Void(
        HttpClient client, KeyValuePair<string, ModelEvent> which, Dictionary<string, ModelEvent> live)
    {
        for (var time = 0; time < 2; time++)
        {
            var answer = await client.PostAsJsonAsync($"/v1/events/{which.Key}/void", new { reason = "wrong" });
            answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
        }

        live.Remove(which.Key);
    }

    private static async Task Correct(
        Random random,
        HttpClient client,
        KeyValuePair<string, ModelEvent> which,
        DateTimeOffset now,
        Dictionary<string, ModelEvent> live)
    {
        ModelEvent right;
        do
        {
            right = Make(random, now, which.Value.Source, which.Key);
        }
        while (right.IsJob != which.Value.IsJob);

        var body = new { reason = "wrong", data = right.Data, time = Rfc3339.Format(right.Time) };
        var answer = await client.PostAsJsonAsync($"/v1/events/{which.Key}/correct", body);
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
        var replacedBy = (string)(await answer.Json())["replaced_by"]!;
        var again = await client.PostAsJsonAsync($"/v1/events/{which.Key}/correct", body);
        ((string)(await again.Json())["replaced_by"]!).ShouldBe(replacedBy);
        live.Remove(which.Key);
        live.Add(replacedBy, right);
    }

    private async Task RequireTotals(
        Random random, TestHost host, TestOrganisation org, DateTimeOffset now, IReadOnlyCollection<ModelEvent> live)
    {
        var metering = host.Get<Quoin.Metering.Metering>();
        var meters = (await metering.Meters(CancellationToken.None)).ToDictionary(meter => meter.Key);
        var asked = new List<(string Meter, string? Region, TotalQuery Query)>();
        foreach (var meter in Meters)
        {
            for (var count = 0; count < 4; count++)
            {
                var from = Start.AddMinutes(15 * random.Next(0, 8));
                var range = new Period(from, from.AddMinutes(15 * random.Next(0, 12)));
                var region = meter == "gpu_seconds" || random.Next(2) == 0 ? null : "eu";
                var match = region is null ? Dimensions.None : Dimensions.Of("region", region);
                asked.Add((meter, region, new TotalQuery(org.Id, org.BillingAccount, meters[$"sim.{meter}"].Id, match, range)));
            }
        }

        await using var connection = await database.App.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var totals = await metering.Totals(transaction, [.. asked.Select(one => one.Query)], CancellationToken.None);
        foreach (var (one, total) in asked.Zip(totals))
        {
            // A bucket from which all was taken back is there and holds nothing.
            (total ?? 0).ShouldBe(
                UsageModel.Total(live, now, one.Meter, one.Region, one.Query.Range) ?? 0, $"{one.Meter} {one.Query}");
        }
    }

    private static string Text(IEnumerable<KeyValuePair<ModelBucket, ModelUsage>> model) => string.Join('\n', model
        .Select(pair => Line(
            pair.Key.Meter, pair.Key.Dimensions, pair.Key.Start, pair.Value.Quantity, pair.Value.Events))
        .Order(StringComparer.Ordinal));

    private static string Line(string meter, string dimensions, DateTimeOffset start, decimal quantity, long events) =>
        string.Create(CultureInfo.InvariantCulture, $"{meter} {dimensions} {start:HH:mm} {quantity:0.#########} {events}");

    private async Task<string> Buckets(OrgId org, string table)
    {
        await using var command = database.Owner.Sql(
            $"""
            select key, dimensions, bucket_start, sum(quantity), sum(event_count)::bigint
            from metering.{table}
            join metering.meters using (meter_id)
            where org_id = $1
                and ('{table}' = 'usage_buckets' or aggregation in ('sum', 'count', 'time_weighted'))
            group by key, dimensions, bucket_start
            having sum(quantity) <> 0 or sum(event_count) <> 0
            """,
            org.Value);
        await using var reader = await command.ExecuteReaderAsync();
        var lines = new List<string>();
        while (await reader.ReadAsync())
        {
            lines.Add(Line(
                reader.GetString(0),
                reader.GetString(1),
                reader.GetFieldValue<DateTimeOffset>(2),
                reader.GetDecimal(3),
                reader.GetInt64(4)));
        }

        return string.Join('\n', lines.Order(StringComparer.Ordinal));
    }

    private static async Task DefineMeters(HttpClient operatorClient)
    {
        object[] region = [new { name = "region", path = "place.region", @default = "none" }];
        var amount = new { event_type = "sim.job", value_path = "amount", dimensions = region };
        object[] meters =
        [
            Named("sum", "sum", amount),
            Named("count", "count", new { event_type = "sim.job", dimensions = region }),
            Named("max", "max", amount),
            Named("min", "min", amount),
            Named("last", "last", amount),
            Named("users", "unique_count", new { event_type = "sim.job", value_path = "user", dimensions = region }),
            Named("rounded", "sum", new
            {
                event_type = "sim.job",
                value_path = "amount",
                dimensions = region,
                transforms = new { multiply = "1.5", divide = "4", increment = "0.5", minimum = "1" },
                bands = new { paths = new[] { "amount" }, ranges = new object[] { new { up_to = "5" }, new { name = "big" } } },
            }),
            Named("gpu_seconds", "time_weighted", new
            {
                event_type = "sim.vm",
                value_path = "gpus",
                resource_path = "vm",
                dimensions = new object[] { new { name = "model", path = "model" } },
            }),
        ];
        var answer = await operatorClient.PostAsJsonAsync("/v1/meters", new { meters });
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
    }

    private static object Named(string name, string aggregation, object definition) =>
        new { key = $"sim.{name}", aggregation, unit = "thing", definition };
}
