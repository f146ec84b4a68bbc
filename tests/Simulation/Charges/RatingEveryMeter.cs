using System.Net.Http.Json;
using System.Text.Json;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Metering;
using Quoin.Platform;
using Quoin.Pricing;
using Quoin.Tests.Support;
using Xunit.Abstractions;

namespace Quoin.Tests.Simulation.Charges;

/// <summary>
/// Seeded usage of every meter at prices of every model, in any order, cut into any batches, late, repeated, taken back
/// and corrected, rated by two replicas now and then: the lines and the books hold what one rating of the whole comes
/// to, to the micro. A failure names its seed.
/// </summary>
public sealed class RatingEveryMeter(TestDatabase database, ITestOutputHelper log) : IClassFixture<TestDatabase>
{
    private const int FixedSeeds = 8;
    private const int FreshSeeds = 4;
    private const int Operations = 45;
    private static readonly DateTimeOffset Start = new(2026, 3, 31, 20, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Comes_to_one_rating_of_the_whole_for_every_seed()
    {
        await using var first = await TestHost.Start(database, "api");
        await using var second = await TestHost.Start(database, "api");
        using var operatorClient = await first.OperatorClient();
        await DefineMeters(operatorClient);

        // Prices that change are published ahead: at a time when the simulated night is still to come.
        await using (var earlier = await TestHost.Start(database, "api", new SettableClock()))
        {
            await earlier.PublishPrices(Tariffs.All());
        }

        foreach (var seed in Seeds.Of(FixedSeeds, FreshSeeds, share: 25))
        {
            log.WriteLine($"seed {seed}");
            try
            {
                await new Run(new Random(seed), [first, second], operatorClient, database).Go();
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"Seed {seed} failed: {failure.Message}", failure);
            }
        }
    }

    private static async Task DefineMeters(HttpClient operatorClient)
    {
        object[] dimensions =
        [
            new { name = "tariff", path = "tariff" },
            new { name = "region", path = "region", @default = "none" },
            new { name = "team", path = "team" },
        ];
        var meters = Tariffs.Meters.Select(meter => new
        {
            key = meter.Key,
            aggregation = JsonNamingPolicy.SnakeCaseLower.ConvertName(meter.Aggregation.ToString()),
            unit = "thing",
            definition = meter.Aggregation switch
            {
                Aggregation.Count => new { event_type = "rate.job", dimensions },
                Aggregation.UniqueCount => new { event_type = "rate.job", value_path = "user", dimensions },
                Aggregation.TimeWeighted => new { event_type = "rate.vm", value_path = "gpus", resource_path = "vm", dimensions },
                _ => (object)new { event_type = "rate.job", value_path = "amount", dimensions },
            },
        });
        var answer = await operatorClient.PostAsJsonAsync("/v1/meters", new { meters });
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
    }

    /// <summary>One customer's night.</summary>
    private sealed class Run(Random random, TestHost[] hosts, HttpClient operatorClient, TestDatabase database)
    {
        private readonly Dictionary<string, RatedEvent> live = [];
        private readonly List<RatedEvent> sent = [];
        private TestOrganisation org = null!;
        private HttpClient[] clients = [];
        private DateTimeOffset now = Start.AddHours(1);
        private Settlement settlement;
        private long granted;

        public async Task Go()
        {
            settlement = random.Next(2) == 0 ? Settlement.Prepaid : Settlement.Postpaid;
            org = await hosts[0].CreateOrganisation(settlement);
            clients = [.. hosts.Select(host => host.Client(org.Key))];
            await Move(now);
            await Agree();
            for (var operation = 0; operation < Operations; operation++)
            {
                await Operate();
            }

            await Move(now + TimeSpan.FromSeconds(1));
            await hosts[random.Next(2)].RateAll();
            var plans = await hosts[0].Get<Plans>().Of(new BillingAccountKey(org.Id, org.BillingAccount), CancellationToken.None);
            var prices = (await hosts[0].Get<PriceBooks>().Current(CancellationToken.None)).Versions;
            var model = new RatedModel(prices, plans, live.Values, now);
            await RequireSameMoney(model.Micros(), prices);
            await RequireSameUsage(model);
        }

        // A replica hears of another's move of the clock a moment later; so one takes what has a time, one what has none.
        private async Task Operate()
        {
            switch (random.Next(20))
            {
                case < 9:
                    await Send();
                    break;
                case < 11 when live.Count > 0:
                    await Void(Any());
                    break;
                case < 13 when live.Count > 0:
                    await Correct(Any());
                    break;
                case < 16:
                    await Move(now + TimeSpan.FromSeconds(random.Next(1, 2_400)));
                    break;
                default:
                    await hosts[random.Next(2)].RateAll();
                    break;
            }
        }

        private async Task Agree()
        {
            if (random.Next(2) == 0)
            {
                var contract = new NewAssignment(new BillingAccountKey(org.Id, org.BillingAccount), AssignmentKind.Contract, null)
                {
                    DiscountBps = random.Next(1, 5_000),
                };
                (await hosts[0].Get<Plans>().Assign(contract, "test", CancellationToken.None)).ShouldBeOfType<AssignOutcome.Done>();
            }

            if (random.Next(3) > 0)
            {
                granted = random.Next(1, 60_000_000);
                using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/grants");
                request.Headers.Add("Quoin-Org", org.Id.ToString());
                request.Content = JsonContent.Create(new
                {
                    billing_account = org.BillingAccount.ToString(),
                    amount = new { currency = "USD", amount_micros = granted },
                    source = "promotional",
                    key = "welcome",
                    reason = "simulation",
                });
                using var answer = await operatorClient.SendAsync(request);
                answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
            }
        }

        private async Task Move(DateTimeOffset to)
        {
            now = to;
            (await hosts[0].Get<DueWork>().MoveClock(org.Id, to, CancellationToken.None)).ShouldBeOfType<ClockOutcome.Moved>();
        }

        private KeyValuePair<string, RatedEvent> Any() =>
            live.OrderBy(pair => pair.Key, StringComparer.Ordinal).ElementAt(random.Next(live.Count));

        private async Task Send()
        {
            var batch = Enumerable.Range(0, random.Next(1, 14)).Select(_ => sent.Count > 0 && random.Next(4) == 0
                ? sent[random.Next(sent.Count)]
                : RatedEvent.Make(random, Start, now, "/sim", $"{random.Next()}")).ToArray();
            var answer = await clients[0].SendBatch(batch.Select(one => one.Event()));
            foreach (var (one, result) in batch.Zip((await answer.Json())["results"]!.AsArray()))
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

        private async Task Void(KeyValuePair<string, RatedEvent> which)
        {
            for (var time = 0; time < 2; time++)
            {
                var answer = await clients[1].PostAsJsonAsync($"/v1/events/{which.Key}/void", new { reason = "wrong" });
                answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
            }

            live.Remove(which.Key);
        }

        private async Task Correct(KeyValuePair<string, RatedEvent> which)
        {
            RatedEvent right;
            do
            {
                right = RatedEvent.Make(random, Start, now, which.Value.Said.Source, which.Key);
            }
            while (right.Said.IsJob != which.Value.Said.IsJob);

            var answer = await clients[0].PostAsJsonAsync(
                $"/v1/events/{which.Key}/correct",
                new { reason = "wrong", data = right.Data(), time = Rfc3339.Format(right.Said.Time) });
            answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
            live.Remove(which.Key);
            live.Add((string)(await answer.Json())["replaced_by"]!, right);
        }

        private async Task RequireSameMoney(Dictionary<RatedKey, long> expected, IReadOnlyCollection<PriceVersion> prices)
        {
            (await clients[0].GetJson("/v1/unpriced-usage"))["data"]!.AsArray().ShouldBeEmpty();
            var lines = await Lines(prices);
            string.Join('\n', lines.Select(pair => $"{pair.Key}: {pair.Value}").Order(StringComparer.Ordinal))
                .ShouldBe(string.Join('\n', expected.Select(pair => $"{pair.Key}: {pair.Value}").Order(StringComparer.Ordinal)));

            var used = expected.Values.Sum();
            var balance = (await clients[0].GetJson("/v1/balance"))["data"]!.AsArray().SingleOrDefault();
            long Micros(string name) => balance is null ? 0 : (long)balance[name]!["amount_micros"]!;
            var owed = Math.Max(used - granted, 0);
            (Micros("used"), Micros("available"), Micros("receivable"), Micros("overdraft")).ShouldBe(
                settlement == Settlement.Postpaid
                    ? (used, Math.Max(granted - used, 0), owed, 0)
                    : (used, Math.Max(granted - used, 0), 0, owed));
        }

        private async Task<Dictionary<RatedKey, long>> Lines(IReadOnlyCollection<PriceVersion> prices)
        {
            await using var command = database.Owner.Sql(
                """
                select version_id, period_start, dimensions, sum(amount_micros)::bigint
                from charging.rated_lines
                where org_id = $1
                group by version_id, period_start, dimensions
                """,
                org.Id.Value);
            await using var reader = await command.ExecuteReaderAsync();
            var lines = new Dictionary<RatedKey, long>();
            while (await reader.ReadAsync())
            {
                var price = prices.First(one => one.Id.Value == reader.GetGuid(0));
                var usage = Dimensions.FromText(reader.GetString(2)).ToDictionary();
                var key = new RatedKey(
                    price.Meter,
                    usage["tariff"],
                    reader.GetFieldValue<DateTimeOffset>(1),
                    price.GroupBy.Count > 0 ? usage["team"] : string.Empty);
                lines[key] = lines.GetValueOrDefault(key) + reader.GetInt64(3);
            }

            return lines.Where(pair => pair.Value != 0).ToDictionary();
        }

        // What is cut anywhere, into windows of any width, and told apart by anything, sums to the whole.
        private async Task RequireSameUsage(RatedModel model)
        {
            var metering = hosts[random.Next(2)].Get<Quoin.Metering.Metering>();
            var meters = (await metering.Meters(CancellationToken.None)).ToDictionary(meter => meter.Key);
            var whole = new Period(Start, QuarterHour.Of(now).AddMinutes(15));
            foreach (var (key, aggregation) in Tariffs.Meters.Where(meter => RatedModel.IsAdditive(meter.Aggregation)))
            {
                var sum = 0m;
                var from = whole.Start;
                while (from < whole.End)
                {
                    var cut = from.AddMinutes(15 * random.Next(1, 12));
                    var part = new Period(from, cut < whole.End ? cut : whole.End);
                    UsageWindow[] windows = [UsageWindow.QuarterHour, UsageWindow.Hour, UsageWindow.Day, UsageWindow.Period];
                    string[] names = random.Next(2) == 0 ? [] : ["region", "team"];
                    var query = new UsageQuery(part, windows[random.Next(windows.Length)], names, null, [meters[key].Id]);
                    var points = await metering.Usage(org.Id, query, 10_000, CancellationToken.None);
                    points.Sum(point => point.Quantity).ShouldBe(model.Quantity(aggregation, part), $"{key} {part}");
                    sum += points.Sum(point => point.Quantity);
                    from = part.End;
                }

                sum.ShouldBe(model.Quantity(aggregation, whole), key);
            }
        }
    }
}
