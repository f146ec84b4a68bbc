using Quoin.Kernel;
using Quoin.Notifications;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Notifications;

public sealed class HearingNews(TestDatabase database) : IClassFixture<TestDatabase>
{
    private readonly SettableClock clock = new();

    [Fact]
    public async Task Tells_an_organisation_what_another_module_published_once()
    {
        await using var receiver = await Receiver.Start();
        await using var replica = new NotificationsReplica(database, clock, configure: services =>
            services.AddNotification<Fell, BalanceLow>(
                NotificationTopics.BalanceLow,
                news => news.Event.IsWorthTelling
                    ? new Notification<BalanceLow>(news.Key, clock.GetUtcNow(), NotificationTopics.BalanceLow.Example)
                    : null));
        await replica.Services.Prepare();
        var org = await replica.NewOrganisation();
        await replica.Endpoint(org, receiver.Url());

        foreach (var (key, isWorthTelling) in new[] { ("a", true), ("a", true), ("b", false) })
        {
            await replica.Services.InTransaction(transaction => replica.Services.Get<Outbox>()
                .Publish(transaction, org, key, new Fell(isWorthTelling), null, default));
        }

        await replica.Services.Get<JobRunner>().RunDue(default);
        await replica.Deliver();

        receiver.Requests.ShouldHaveSingleItem();
    }

    private sealed record Fell(bool IsWorthTelling) : IOutboxEvent
    {
        public static string Topic => "test.balance_fell";
    }
}
