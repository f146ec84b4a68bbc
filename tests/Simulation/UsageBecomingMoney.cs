using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Pricing;
using Quoin.Tests.Support;

namespace Quoin.Tests.Simulation;

/// <summary>
/// Seeded sequences of what customers, operators and two replicas do to one organisation, each checked against a model
/// of thirty lines. A failure names its seed; the seed repeats the sequence.
/// </summary>
public sealed class UsageBecomingMoney(TestDatabase database) : IClassFixture<TestDatabase>
{
    private const int FixedSeeds = 12;
    private const int FreshSeeds = 8;
    private const int Operations = 60;

    [Fact]
    public async Task Agrees_with_the_model_for_every_seed()
    {
        await using var first = await TestHost.Start(database, "api");
        await using var second = await TestHost.Start(database, "api");
        await first.PublishUsualPrices();
        using var operatorClient = await first.OperatorClient();
        foreach (var seed in Seeds.Of(FixedSeeds, FreshSeeds, share: 25))
        {
            try
            {
                await Run(new Random(seed), [first, second], operatorClient);
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"Seed {seed} failed: {failure.Message}", failure);
            }
        }
    }

    private static async Task Run(Random random, TestHost[] hosts, HttpClient operatorClient)
    {
        var settlement = random.Next(2) == 0 ? Settlement.Prepaid : Settlement.Postpaid;
        var org = await hosts[0].CreateOrganisation(settlement);
        HttpClient[] clients = [.. hosts.Select(host => host.Client(org.Key))];
        var model = new Model(settlement);
        for (var operation = 0; operation < Operations; operation++)
        {
            switch (random.Next(10))
            {
                case < 6:
                    await Send(random, clients[random.Next(2)], model);
                    break;
                case < 8:
                    await hosts[random.Next(2)].RateAll();
                    model.Rate();
                    await RequireSame(clients[random.Next(2)], model);
                    break;
                default:
                    await Grant(random, operatorClient, org, model, operation);
                    break;
            }
        }

        await hosts[random.Next(2)].RateAll();
        model.Rate();
        await RequireSame(clients[0], model);
    }

    private static async Task Send(Random random, HttpClient client, Model model)
    {
        var batch = Enumerable.Range(0, random.Next(1, 30)).Select(_ => UsageEvents.Completion(
            $"{random.Next(200)}",
            random.Next(1, 50),
            random.Next(1, 4),
            time: $"2026-0{random.Next(1, 4)}-15T12:{random.Next(60):00}:00Z")).ToArray();

        var verdicts = (await (await client.SendBatch(batch)).Json())["results"]!.AsArray();

        verdicts.Select(one => (string)one!["verdict"]!).ShouldBe(batch.Select(model.Send));
    }

    private static async Task Grant(Random random, HttpClient operatorClient, TestOrganisation org, Model model, int operation)
    {
        var micros = random.Next(1, 400);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/grants");
        request.Headers.Add("Quoin-Org", org.Id.ToString());
        request.Content = JsonContent.Create(new
        {
            billing_account = org.BillingAccount.ToString(),
            amount = new { currency = "USD", amount_micros = micros },
            source = "promotional",
            key = $"grant-{operation}",
            reason = "simulation",
        });
        using var answer = await operatorClient.SendAsync(request);
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
        model.Grant(micros);
    }

    private static async Task RequireSame(HttpClient client, Model model)
    {
        var balance = (await client.GetJson("/v1/balance"))["data"]!.AsArray().SingleOrDefault();
        long Micros(string name) => balance is null ? 0 : (long)balance[name]!["amount_micros"]!;

        (Micros("available"), Micros("overdraft"), Micros("receivable"), Micros("used"))
            .ShouldBe((model.Available, model.Overdraft, model.Receivable, model.Used));
    }

    /// <summary>What should happen, in the plainest way: no folds, no positions, no ledger.</summary>
    private sealed class Model(Settlement settlement)
    {
        private readonly Dictionary<string, JsonObject> stored = [];

        public long Available { get; private set; }

        public long Overdraft { get; private set; }

        public long Receivable { get; private set; }

        public long Used { get; private set; }

        public string Send(JsonObject sent)
        {
            var id = (string)sent["id"]!;
            if (stored.TryAdd(id, sent))
            {
                return "accepted";
            }

            return JsonNode.DeepEquals(stored[id], sent) ? "duplicate" : "conflict";
        }

        public void Rate()
        {
            var total = stored.Values.GroupBy(one => ((string)one["time"]!)[..7]).Sum(month =>
                Rounded(month.Sum(one => (long)one["data"]!["input_tokens"]!) * 2.50m)
                + Rounded(month.Sum(one => (long)one["data"]!["output_tokens"]!) * 10m));
            Spend(total - Used);
            Used = total;
        }

        public void Grant(long micros)
        {
            var repaid = Math.Min(micros, Overdraft);
            Overdraft -= repaid;
            Available += micros - repaid;
        }

        private void Spend(long micros)
        {
            var covered = Math.Min(micros, Available);
            Available -= covered;
            if (settlement == Settlement.Postpaid)
            {
                Receivable += micros - covered;
            }
            else
            {
                Overdraft += micros - covered;
            }
        }

        private static long Rounded(decimal micros) => (long)Math.Floor(micros + 0.5m);
    }
}
