using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Quoin.StripeSimulator;
using Quoin.StripeSimulator.Webhooks;
using Quoin.Tests.Support;

namespace Quoin.Tests.Unit.Apps.Simulating;

/// <summary>Webhooks: in order and signed, again when they are not taken, and wrongly where a fault says so.</summary>
public sealed class SendingItsNews : IAsyncLifetime
{
    private readonly SettableClock clock = new();
    private readonly ConcurrentQueue<(string Signature, string Body)> received = new();
    private WebApplication receiver = null!;
    private SimulatorFixture stripe = null!;
    private int answer = StatusCodes.Status200OK;

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        receiver = builder.Build();
        receiver.Run(async context =>
        {
            using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
            received.Enqueue((context.Request.Headers["Stripe-Signature"].ToString(), await reader.ReadToEndAsync()));
            context.Response.StatusCode = answer;
        });
        await receiver.StartAsync();
        stripe = await SimulatorFixture.Start(new SimulatorOptions { Time = clock, DeliversByItself = false, PaysOutDaily = false });
        stripe.SendWebhooksTo(new Uri(receiver.Urls.First()));
    }

    public async Task DisposeAsync()
    {
        await stripe.DisposeAsync();
        await receiver.StopAsync(new CancellationToken(canceled: true));
        await receiver.DisposeAsync();
    }

    [Fact]
    public async Task News_come_in_order_and_signed_over_their_bytes()
    {
        await MakeCustomers(3);

        (await stripe.Simulator.Deliver()).ShouldBe(3);

        Emails.ShouldBe(["1@example.com", "2@example.com", "3@example.com"]);
        received.Select(one => one.Signature).ShouldBe(received.Select(one => Signed(one.Body, SimulatorFixture.WebhookSecret)));
        stripe.Simulator.All("event").ShouldAllBe(one => one["pending_webhooks"]!.GetValue<long>() == 0);
    }

    [Fact]
    public async Task What_is_not_taken_comes_again_with_growing_waits()
    {
        answer = StatusCodes.Status500InternalServerError;
        await MakeCustomers(1);

        (await stripe.Simulator.Deliver()).ShouldBe(1);
        (await stripe.Simulator.Deliver()).ShouldBe(0);
        clock.Advance(TimeSpan.FromSeconds(1));
        (await stripe.Simulator.Deliver()).ShouldBe(1);
        clock.Advance(TimeSpan.FromSeconds(1));
        (await stripe.Simulator.Deliver()).ShouldBe(0);
        answer = StatusCodes.Status200OK;
        clock.Advance(TimeSpan.FromSeconds(5));
        (await stripe.Simulator.Deliver()).ShouldBe(1);

        stripe.Simulator.Waiting().ShouldBeEmpty();
        received.Select(one => Id(one.Body)).Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public async Task A_lost_one_never_comes_but_can_be_asked_for()
    {
        stripe.Fault(WebhookFaultKind.Lose, "customer.*");
        await MakeCustomers(2);

        await stripe.Simulator.Deliver();

        Emails.ShouldBe(["2@example.com"]);
        var (_, list) = await stripe.Call("GET", "/v1/events?type=customer.created");
        list["data"]!.AsArray().Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_doubled_one_comes_twice_with_one_id()
    {
        stripe.Fault(WebhookFaultKind.Duplicate);
        await MakeCustomers(1);

        (await stripe.Simulator.Deliver()).ShouldBe(2);

        received.Select(one => Id(one.Body)).Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public async Task A_late_one_comes_after_those_that_happened_later()
    {
        stripe.Fault(WebhookFaultKind.Delay);
        await MakeCustomers(2);

        await stripe.Simulator.Deliver();
        clock.Advance(TimeSpan.FromSeconds(5));
        await stripe.Simulator.Deliver();

        Emails.ShouldBe(["2@example.com", "1@example.com"]);
    }

    [Fact]
    public async Task Reordered_ones_come_last_first()
    {
        stripe.Fault(WebhookFaultKind.Reorder, times: 3);
        await MakeCustomers(4);

        await stripe.Simulator.Deliver();

        Emails.ShouldBe(["3@example.com", "2@example.com", "1@example.com", "4@example.com"]);
    }

    [Fact]
    public async Task Reordered_ones_do_not_wait_for_ever_for_the_last()
    {
        stripe.Fault(WebhookFaultKind.Reorder, times: 3);
        await MakeCustomers(2);

        (await stripe.Simulator.Deliver()).ShouldBe(0);
        clock.Advance(TimeSpan.FromSeconds(6));
        await stripe.Simulator.Deliver();

        Emails.ShouldBe(["2@example.com", "1@example.com"]);
    }

    [Fact]
    public async Task While_a_secret_is_replaced_both_sign()
    {
        var endpoint = stripe.Simulator.All("webhook_endpoint").Single()["id"]!.GetValue<string>();
        var fresh = stripe.Simulator.RollSecret(endpoint);
        await MakeCustomers(1);

        await stripe.Simulator.Deliver();

        var (signature, body) = received.Single();
        signature.ShouldBe(Signed(body, fresh, SimulatorFixture.WebhookSecret));
    }

    private List<string> Emails =>
    [
        .. received.Select(one => JsonNode.Parse(one.Body)!["data"]!["object"]!["email"]!.GetValue<string>()),
    ];

    private string Signed(string body, params string[] secrets) => Signature.Of(body, clock.GetUtcNow().ToUnixTimeSeconds(), secrets);

    private static string Id(string body) => JsonNode.Parse(body)!["id"]!.GetValue<string>();

    private async Task MakeCustomers(int count)
    {
        for (var number = 1; number <= count; number++)
        {
            await stripe.Done("POST", "/v1/customers", ("email", $"{number}@example.com"));
        }
    }
}
