using Microsoft.AspNetCore.Http;
using Quoin.Kernel;
using Quoin.Notifications;
using Quoin.Platform;
using Quoin.Tests.Support;
using Xunit.Abstractions;

namespace Quoin.Tests.EndToEnd.Foundation.Notifications;

/// <summary>
/// A real process, killed with SIGKILL by the very request it sends: before the answer, so that it cannot know that it
/// was heard. What happened is told all the same, to everybody, and again under the same id where it was told before.
/// </summary>
public sealed class KillingTheHostWhileItTells(TestDatabase database, ITestOutputHelper log) : IClassFixture<TestDatabase>
{
    private const int Customers = 10;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task Tells_everything_at_least_once_and_again_under_the_same_id()
    {
        var seed = Environment.TickCount;
        log.WriteLine($"seed {seed}");
        var random = new Random(seed);
        using var patience = new CancellationTokenSource(Patience);
        await using var receiver = await Receiver.Start();
        await using var beside = await TestHost.Start(
            database, "api", notifications: new NotificationOptions { AllowsPrivateNetworks = true });
        for (var index = 0; index < Customers; index++)
        {
            await UseWithoutAPrice(beside, receiver.Url($"/{index}"));
        }

        int[] deadly = [random.Next(1, Customers), random.Next(Customers + 1, 2 * Customers)];
        foreach (var number in deadly)
        {
            await KillAtRequest(number, receiver, patience.Token);
        }

        await using var last = await QuoinProcess.ServeBeside(database);
        await UntilAllIsDelivered(patience.Token);

        var told = receiver.Requests.Select(one => (one.Path, Meter: (string)one.Json["data"]!["meter"]!, one.Id)).ToArray();
        told.Select(one => (one.Path, one.Meter)).Distinct().Count().ShouldBe(2 * Customers, "usage of two meters each");
        told.Select(one => one.Id).Distinct().Count().ShouldBe(2 * Customers, "one id each, however often");
        foreach (var id in deadly.Select(number => told[number - 1].Id))
        {
            told.Count(one => one.Id == id).ShouldBeGreaterThan(1, "nobody could know that it was heard");
        }
    }

    // Starts a host, lets it die while the receiver has its request and has not answered.
    private async Task KillAtRequest(int number, Receiver receiver, CancellationToken cancellationToken)
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var died = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        receiver.Answer = async context =>
        {
            if (receiver.Requests.Count >= number)
            {
                arrived.TrySetResult();
                await died.Task;
            }

            context.Response.StatusCode = StatusCodes.Status204NoContent;
        };

        await using var host = await QuoinProcess.ServeBeside(database);
        await arrived.Task.WaitAsync(cancellationToken);
        host.Kill();
        died.SetResult();

        // Its endpoints and jobs would be another's after a minute; it does not come back, so nobody waits for that.
        await using var command = database.Owner.CreateCommand("""
            with freed as (
                update notifications.webhook_endpoints
                set leased_until = null
                where leased_until is not null
            )
            update platform.jobs
            set due_at = enqueued_at
            where state = 'running'
            """);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task UseWithoutAPrice(TestHost host, string url)
    {
        var customer = await host.CreateOrganisation();
        var endpoint = await host.Get<Webhooks>().Create(
            customer.Id, new NewWebhookEndpoint(url, ["usage.quarantined"]), "test", IdempotentRequest.None, CancellationToken.None);
        endpoint.ShouldBeOfType<WebhookEndpointOutcome.DoneWithSecret>();
        using var client = host.Client(customer.Key);
        var answer = await client.SendEvent(UsageEvents.Completion("unpriced", model: "nobody-knows"));
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
    }

    private async Task UntilAllIsDelivered(CancellationToken cancellationToken)
    {
        await using var command = database.Owner.CreateCommand(
            "select count(*) from notifications.deliveries where state = 'delivered'");
        while ((long)(await command.ExecuteScalarAsync(cancellationToken))! < 2 * Customers)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), cancellationToken);
        }
    }
}
