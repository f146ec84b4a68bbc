using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Tests.Support;

namespace Quoin.Tests.EndToEnd.Foundation.Accounts;

public sealed class KeepingTenantsApart(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Fact]
    public async Task Another_tenants_ids_answer_as_if_they_did_not_exist_and_nothing_of_theirs_changes()
    {
        await using var host = await TestHost.Start(database);
        var callers = new EveryCaller(host, database);
        await callers.Create();
        var acme = await Things.Of(host, callers.Acme);
        var owner = callers.LetIn.Single(caller => caller.Name == "owner");
        using var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false })
        {
            BaseAddress = host.Address,
        };
        var before = await acme.Show(client, owner);

        foreach (var (method, path) in acme.Paths)
        {
            using var request = callers.OtherOwner.Request(method, path);
            request.Content = method == HttpMethod.Get ? null : new StringContent("{}", Encoding.UTF8, "application/json");
            using var answer = await client.SendAsync(request);

            answer.StatusCode.ShouldBeOneOf(
                [HttpStatusCode.NotFound, HttpStatusCode.Forbidden, HttpStatusCode.BadRequest, HttpStatusCode.UnprocessableEntity],
                $"{method} {path}");
            if (method == HttpMethod.Get)
            {
                answer.StatusCode.ShouldBe(HttpStatusCode.NotFound, path);
            }
        }

        (await acme.Show(client, owner)).ShouldBe(before);
    }

    /// <summary>What an organisation has, one of each kind, and every address under which it stands.</summary>
    private sealed record Things(string Key, string Grant, string Hold, string Transfer, string Account, string Event, string Webhook)
    {
        private IEnumerable<string> Readable =>
        [
            $"/v1/grants/{Grant}", $"/v1/holds/{Hold}", $"/v1/ledger/transfers/{Transfer}", $"/v1/events/{Event}",
            $"/v1/webhook-endpoints/{Webhook}", $"/v1/ledger/accounts/{Account}/statement", $"/v1/grants/{Grant}/entries",
        ];

        public IEnumerable<(HttpMethod Method, string Path)> Paths =>
        [
            .. Readable.Select(path => (HttpMethod.Get, path)),
            (HttpMethod.Delete, $"/v1/keys/{Key}"),
            (HttpMethod.Post, $"/v1/keys/{Key}/rotate"),
            (HttpMethod.Post, $"/v1/grants/{Grant}/void"),
            (HttpMethod.Post, $"/v1/holds/{Hold}/release"),
            (HttpMethod.Post, $"/v1/holds/{Hold}/capture"),
            (HttpMethod.Post, $"/v1/holds/{Hold}/renew"),
            (HttpMethod.Post, $"/v1/events/{Event}/void"),
            (HttpMethod.Delete, $"/v1/webhook-endpoints/{Webhook}"),
            (HttpMethod.Patch, $"/v1/webhook-endpoints/{Webhook}"),
            (HttpMethod.Post, $"/v1/webhook-endpoints/{Webhook}/rotate-secret"),
            (HttpMethod.Post, $"/v1/webhook-endpoints/{Webhook}/test"),
        ];

        /// <summary>All of it, as its own people see it.</summary>
        public async Task<string> Show(HttpClient client, TestCaller owner)
        {
            var shown = new StringBuilder();
            foreach (var path in Readable.Append("/v1/keys"))
            {
                using var request = owner.Request(HttpMethod.Get, path);
                using var answer = await client.SendAsync(request);
                answer.StatusCode.ShouldBe(HttpStatusCode.OK, path);
                shown.AppendLine(await answer.Content.ReadAsStringAsync());
            }

            return shown.ToString();
        }

        public static async Task<Things> Of(TestHost host, TestOrganisation org)
        {
            var now = TimeProvider.System.GetUtcNow();
            var usd = new Money(1_000_000, Currency.Usd);
            var ledger = host.Get<Quoin.Ledger.Ledger>();
            var granted = await ledger.Run(
                new CreateGrant(org.Id, org.BillingAccount, "test", usd, GrantSource.Purchased, now, "test"), CancellationToken.None);
            var held = await ledger.Run(
                new CreateHold(
                    org.Id, org.BillingAccount, "test", new Money(1_000, Currency.Usd), PaymentTerms.Prepaid, now, now.AddHours(1), "test"),
                CancellationToken.None);
            using var client = host.Client(org.Key);
            (await client.SendEvent(UsageEvents.Completion("one"))).EnsureSuccessStatusCode();
            using var wanted = new StringContent(
                """{"url":"https://hooks.example.com/quoin","topics":["balance.low"]}""", Encoding.UTF8, "application/json");
            var hook = await client.PostAsync("/v1/webhook-endpoints", wanted);
            hook.StatusCode.ShouldBe(HttpStatusCode.Created, await hook.Content.ReadAsStringAsync());
            return new Things(
                await First(client, "/v1/keys", host, org),
                ((GrantOutcome.Granted)granted!).Id.ToString(),
                ((HoldOutcome.Held)held!).Id.ToString(),
                await First(client, "/v1/ledger/transfers", host, org),
                await First(client, "/v1/ledger/accounts", host, org),
                await First(client, "/v1/events", host, org),
                await First(client, "/v1/webhook-endpoints", host, org));
        }

        private static async Task<string> First(HttpClient client, string path, TestHost host, TestOrganisation org)
        {
            if (path == "/v1/keys")
            {
                return (await host.Get<Keys>().Newest(org.Id, CancellationToken.None))[^1].Id.ToString();
            }

            var answer = JsonNode.Parse(await client.GetStringAsync(path))!;
            var first = answer["data"]!.AsArray()[0]!;
            return (string)(first["event"] ?? first["id"])!;
        }
    }
}
