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
