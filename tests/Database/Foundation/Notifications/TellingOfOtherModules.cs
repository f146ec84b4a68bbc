using System.Net.Http.Json;
using Npgsql;
using Quoin.Kernel;
using Quoin.Notifications;
using Quoin.Platform;
using Quoin.Pricing;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Notifications;

/// <summary>What the whole program tells: other modules' news, as Server wires them.</summary>
public sealed class TellingOfOtherModules(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Fact]
    public async Task Brings_news_of_limits_to_webhooks()
    {
        await using var receiver = await Receiver.Start();
        await using var host = await TestHost.Start(
            database, notifications: new NotificationOptions { AllowsPrivateNetworks = true });
        var org = await host.CreateOrganisation();
        await host.Get<Webhooks>().Create(
            org.Id, new NewWebhookEndpoint(receiver.Url()), "test", IdempotentRequest.None, default);

        await Publish(host, org.Id, "limit/seats/0/80", new Quoin.Limiting.LimitReached(
            "seats", 80, 8, 10, QuotaEnforcement.Hard, null, null, DateTimeOffset.UnixEpoch));
        await Publish(host, org.Id, "grant/1", new Quoin.Limiting.GrantExpiring(
            org.BillingAccount, "acc_1", new Money(5, Currency.Usd), DateTimeOffset.UnixEpoch));
        await Publish(host, org.Id, "balance/1", new Quoin.Limiting.BalanceLow(
            org.BillingAccount, new Money(5, Currency.Usd), new Money(10, Currency.Usd), DateTimeOffset.UnixEpoch));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (receiver.Requests.Count < 3)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), patience.Token);
        }

        receiver.Requests.Select(request => (string)request.Json["type"]!).Order()
            .ShouldBe(["balance.low", "grant.expiring", "limit.reached"]);
        var limit = receiver.Requests.Single(request => (string)request.Json["type"]! == "limit.reached").Json["data"]!;
        ((string)limit["limit"]!, (int)limit["percent"]!, (string)limit["enforcement"]!).ShouldBe(("seats", 80, "hard"));
    }

    [Fact]
    public async Task Mails_whoever_asked_for_it_at_80_and_at_100_percent_of_a_limit()
    {
        await using var server = new MailServer();
        await using var host = await TestHost.Start(database, notifications: server.Options);
        var org = await host.CreateOrganisation();
        using var client = host.Client(org.Key);
        (await client.PutAsJsonAsync("/v1/notification-settings", new
        {
            recipients = new[]
            {
                new { address = "limits@acme.example", topics = new[] { "limit.reached" } },
                new { address = "money@acme.example", topics = new[] { "balance.low" } },
            },
        })).EnsureSuccessStatusCode();

        // The plan of an organisation without one allows a thousand runs.
        foreach (var (key, amount) in new[] { ("a", 799), ("b", 1), ("c", 100), ("d", 100), ("e", 100) })
        {
            (await client.PostAsJsonAsync("/v1/limits/record", new { code = "agent.runs", key, amount })).EnsureSuccessStatusCode();
        }

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (server.Mails.Count < 2)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), patience.Token);
        }

        server.Mails.ShouldAllBe(mail => mail.To.Contains("limits@acme.example", StringComparison.Ordinal));
        server.Mails.Select(mail => mail.Text.Split('\n').Single(line => line.StartsWith("Subject:", StringComparison.Ordinal)).Trim())
            .Order()
            .ShouldBe(["Subject: [Test] Acme: 100 % of agent.runs is used", "Subject: [Test] Acme: 80 % of agent.runs is used"]);
    }

    private static async Task Publish<TNews>(TestHost host, OrgId org, string key, TNews news)
        where TNews : IOutboxEvent
    {
        await using var connection = await host.Get<NpgsqlDataSource>().OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await host.Get<Outbox>().Publish(transaction, org, key, news, null, default);
        await transaction.CommitAsync();
        host.Get<Jobs>().Hint();
    }
}
