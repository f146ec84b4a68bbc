using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Quoin.Kernel;
using Quoin.Notifications;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Notifications;

/// <summary>Each test has its own database: a replica delivers whatever is due in it.</summary>
public sealed class DeliveringWebhooks : IAsyncLifetime
{
    private readonly TestDatabase database = new();
    private readonly SettableClock clock = new();
    private NotificationsReplica replica = null!;
    private Receiver receiver = null!;
    private OrgId org;

    public async Task InitializeAsync()
    {
        await database.InitializeAsync();
        replica = new NotificationsReplica(database, clock);
        receiver = await Receiver.Start();
        org = await replica.NewOrganisation();
    }

    public async Task DisposeAsync()
    {
        await receiver.DisposeAsync();
        await replica.DisposeAsync();
        await database.DisposeAsync();
    }

    [Fact]
    public async Task Brings_a_signed_message_that_anyone_can_verify()
    {
        var (_, secret) = await replica.Endpoint(org, receiver.Url());
        var message = await replica.Tell(org);

        await replica.Deliver();

        var request = receiver.Requests.ShouldHaveSingleItem();
        request.Id.ShouldBe(message.ToString());
        request.Timestamp.ShouldBe(clock.GetUtcNow().ToUnixTimeSeconds());
        request.IsSignedWith(secret).ShouldBeTrue();
        (request with { Body = request.Body + " " }).IsSignedWith(secret).ShouldBeFalse();
        ((string)request.Json["type"]!).ShouldBe("balance.low");
        ((string)request.Json["organisation"]!).ShouldBe(org.ToString());
        ((DateTimeOffset)request.Json["timestamp"]!).ShouldBe(clock.GetUtcNow());
        ((long)request.Json["data"]!["available"]!["amount_micros"]!).ShouldBe(4_210_000);
        var delivery = await replica.Newest(org);
        (delivery.State, delivery.Attempts, delivery.LastStatus).ShouldBe((DeliveryState.Delivered, 1, 204));
    }

    [Fact]
    public async Task Tells_each_endpoint_its_topics_and_each_key_once()
    {
        await replica.Endpoint(org, receiver.Url("/low"), "balance.low");
        await replica.Endpoint(org, receiver.Url("/limits"), "limit.reached", "grant.expiring");
        await replica.Endpoint(org, receiver.Url("/all"));

        var first = await replica.Tell(org, "once");
        var second = await replica.Tell(org, "once");
        await replica.Deliver();

        first.ShouldNotBeNull();
        second.ShouldBeNull();
        receiver.Requests.Select(request => request.Path).Order().ShouldBe(["/all", "/low"]);
    }

    [Fact]
    public async Task Signs_with_both_secrets_while_one_replaces_the_other()
    {
        var (endpoint, old) = await replica.Endpoint(org, receiver.Url());
        var rotated = await replica.Webhooks.RotateSecret(
            org, endpoint, TimeSpan.FromHours(1), "test", IdempotentRequest.None, default);
        var present = rotated.ShouldBeOfType<WebhookEndpointOutcome.DoneWithSecret>().Secret;

        await TellAndDeliver();
        clock.Advance(TimeSpan.FromHours(1));
        await TellAndDeliver();

        var requests = receiver.Requests.ToList();
        (requests[0].IsSignedWith(old), requests[0].IsSignedWith(present)).ShouldBe((true, true));
        (requests[1].IsSignedWith(old), requests[1].IsSignedWith(present)).ShouldBe((false, true));
    }

    [Fact]
    public async Task Is_tried_again_with_the_same_id_until_it_is_dead_after_three_days()
    {
        await replica.Endpoint(org, receiver.Url());
        receiver.AnswerWith(500, "out of order");
        var started = clock.GetUtcNow();

        await TellAndDeliver();
        while ((await replica.Newest(org)).DueAt is { } due)
        {
            clock.Set(due.AddSeconds(-1));
            (await replica.Deliver()).ShouldBe(0, "it is not due yet");
            clock.Set(due);
            await replica.Deliver();
        }

        receiver.Requests.Count.ShouldBe(RetrySchedule.AttemptsMax);
        receiver.Requests.Select(request => request.Id).Distinct().Count().ShouldBe(1);
        (clock.GetUtcNow() - started).ShouldBeInRange(TimeSpan.FromDays(3), TimeSpan.FromDays(3.6));
        var delivery = await replica.Newest(org);
        (delivery.State, delivery.LastStatus, delivery.LastError).ShouldBe((DeliveryState.Dead, 500, "Answered 500."));
        var details = (await replica.Webhooks.Delivery(org, delivery.Id, default))!;
        details.Tries.Select(attempt => attempt.Number).ShouldBe(Enumerable.Range(1, RetrySchedule.AttemptsMax));
        details.Tries.ShouldAllBe(attempt => attempt.Answer == "out of order");
    }

    [Fact]
    public async Task Waits_as_long_as_the_receiver_asks_for()
    {
        await replica.Endpoint(org, receiver.Url());
        receiver.Answer = context =>
        {
            context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
            context.Response.Headers.RetryAfter = "3600";
            return Task.CompletedTask;
        };

        await TellAndDeliver();

        (await replica.Newest(org)).DueAt.ShouldBe(clock.GetUtcNow().AddHours(1));
    }

    [Fact]
    public async Task Ends_for_an_endpoint_that_is_gone()
    {
        var (endpoint, _) = await replica.Endpoint(org, receiver.Url("/gone"), "balance.low");
        await replica.Endpoint(org, receiver.Url("/others"), "webhook.disabled");
        receiver.Answer = context =>
        {
            context.Response.StatusCode = context.Request.Path == "/gone" ? 410 : 204;
            return Task.CompletedTask;
        };

        await TellAndDeliver();
        await TellAndDeliver();

        var state = (await replica.Webhooks.Endpoint(org, endpoint, default))!;
        (state.IsEnabled, state.DisabledReason).ShouldBe((false, DisabledReason.Gone));
        receiver.Requests.Select(request => request.Path).ShouldBe(["/gone", "/others"]);
        ((string)receiver.Requests.Last().Json["data"]!["endpoint"]!).ShouldBe(endpoint.ToString());
    }

    [Fact]
    public async Task Ends_after_five_days_without_success_with_a_notice()
    {
        var (endpoint, _) = await replica.Endpoint(org, receiver.Url("/broken"), "balance.low");
        await replica.Endpoint(org, receiver.Url("/others"), "webhook.disabled");
        receiver.Answer = context =>
        {
            context.Response.StatusCode = context.Request.Path == "/broken" ? 503 : 204;
            return Task.CompletedTask;
        };

        for (var day = 0; day < 5; day++)
        {
            await TellAndDeliver();
            (await replica.Webhooks.Endpoint(org, endpoint, default))!.IsEnabled.ShouldBeTrue();
            clock.Advance(TimeSpan.FromDays(1));
        }

        await replica.Deliver();

        var state = (await replica.Webhooks.Endpoint(org, endpoint, default))!;
        (state.IsEnabled, state.DisabledReason).ShouldBe((false, DisabledReason.Failing));
        var deliveries = await replica.Webhooks.Deliveries(org, new DeliveryFilter(endpoint), null, 100, default);
        deliveries.ShouldAllBe(delivery => delivery.State == DeliveryState.Dead);
        receiver.Requests.Count(request => request.Path == "/others").ShouldBe(1);
    }

    [Fact]
    public async Task Starts_over_when_it_is_replayed()
    {
        var (endpoint, _) = await replica.Endpoint(org, receiver.Url());
        receiver.AnswerWith(500);
        await TellAndDeliver();
        var delivery = await replica.Newest(org);
        receiver.AnswerWith(200);

        var outcome = await replica.Webhooks.Replay(org, delivery.Id, "test", default);
        await replica.Deliver();
        var repeated = await replica.Webhooks.Replay(org, delivery.Id, "test", default);
        await replica.Deliver();

        outcome.ShouldBe(new ReplayOutcome.Replayed(1, delivery.Id));
        repeated.ShouldBe(new ReplayOutcome.Replayed(1, delivery.Id));
        receiver.Requests.Select(request => request.Id).Distinct().Count().ShouldBe(1);
        (await replica.Newest(org)).ShouldSatisfyAllConditions(
            one => one.State.ShouldBe(DeliveryState.Delivered),
            one => one.Attempts.ShouldBe(3),
            one => one.Endpoint.ShouldBe(endpoint));
    }

    [Fact]
    public async Task Catches_up_on_what_was_told_while_it_was_disabled()
    {
        var (endpoint, _) = await replica.Endpoint(org, receiver.Url());
        await TellAndDeliver();
        var since = clock.GetUtcNow().AddMinutes(1);
        await Enable(endpoint, false);
        clock.Advance(TimeSpan.FromHours(1));
        await TellAndDeliver();
        await TellAndDeliver();
        await Enable(endpoint, true);
        await replica.Webhooks.SendTest(org, endpoint, "webhook.test", "test", default);
        await replica.Deliver();
        receiver.Requests.Count.ShouldBe(2, "the first and the test");

        var missed = await replica.Webhooks.ReplaySince(org, endpoint, since, includesDelivered: false, "test", default);
        await replica.Deliver();
        var all = await replica.Webhooks.ReplaySince(org, endpoint, since, includesDelivered: true, "test", default);
        await replica.Deliver();

        missed.ShouldBe(new ReplayOutcome.Replayed(2));
        all.ShouldBe(new ReplayOutcome.Replayed(3));
        receiver.Requests.Count.ShouldBe(7);
    }

    [Fact]
    public async Task Happens_again_when_a_replica_dies_between_sending_and_recording()
    {
        await replica.Endpoint(org, receiver.Url());
        await replica.Tell(org);
        using var death = new CancellationTokenSource();
        receiver.Answer = async context =>
        {
            await death.CancelAsync();
            context.Response.StatusCode = 200;
        };
        await Should.ThrowAsync<OperationCanceledException>(() => replica.Deliver(death.Token));
        await using var other = new NotificationsReplica(database, clock);
        receiver.AnswerWith(200);

        (await other.Deliver()).ShouldBe(0, "the endpoint is still the dead one's");
        clock.Advance(Limits.LeaseDuration);
        await other.Deliver();

        receiver.Requests.Count.ShouldBe(2);
        receiver.Requests.Select(request => request.Id).Distinct().Count().ShouldBe(1);
        (await replica.Newest(org)).State.ShouldBe(DeliveryState.Delivered);
    }

    [Fact]
    public async Task Happens_once_however_many_replicas_look()
    {
        await using var other = new NotificationsReplica(database, clock);
        for (var index = 0; index < 5; index++)
        {
            await replica.Endpoint(org, receiver.Url($"/{index.ToString(CultureInfo.InvariantCulture)}"));
        }

        for (var index = 0; index < 8; index++)
        {
            await replica.Tell(org);
        }

        await Task.WhenAll(replica.Deliver(), other.Deliver(), replica.Deliver(), other.Deliver());

        receiver.Requests.Count.ShouldBe(40);
        receiver.Requests.Select(request => (request.Path, request.Id)).Distinct().Count().ShouldBe(40);
    }

    [Fact]
    public async Task Is_not_held_up_by_receivers_that_never_answer()
    {
        var hanging = new TaskCompletionSource();
        var arrived = new TaskCompletionSource();
        for (var index = 0; index < Limits.PlacesMax; index++)
        {
            var slow = await replica.NewOrganisation();
            await replica.Endpoint(slow, receiver.Url("/slow"));
            await replica.Tell(slow);
        }

        receiver.AnswerWith(500);
        await replica.Deliver();
        clock.Advance(TimeSpan.FromMinutes(10));
        receiver.Answer = async context =>
        {
            await (context.Request.Path == "/quick" ? Task.FromResult(arrived.TrySetResult()) : hanging.Task);
        };

        await replica.Services.Start();
        await replica.Endpoint(org, receiver.Url("/quick"));
        await replica.Tell(org);
        replica.Services.Get<Quoin.Notifications.Notifications>().Hint();
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(30));

        var waiting = receiver.Requests.Count(request => request.Path == "/slow") - Limits.PlacesMax;
        waiting.ShouldBeLessThanOrEqualTo(Limits.SuspectPlacesMax);
        hanging.SetResult();
    }

    [Fact]
    public async Task Gives_up_an_attempt_that_takes_too_long()
    {
        await replica.Endpoint(org, receiver.Url());
        await replica.Tell(org);
        var asked = new TaskCompletionSource();
        receiver.Answer = context =>
        {
            asked.TrySetResult();
            return Task.Delay(Timeout.Infinite, context.RequestAborted);
        };

        var delivering = replica.Deliver();
        await asked.Task;
        clock.Advance(Limits.AttemptTimeout);
        await delivering;

        var delivery = await replica.Newest(org);
        (delivery.State, delivery.LastStatus).ShouldBe((DeliveryState.Waiting, null));
        delivery.LastError.ShouldBe("No answer within 15 seconds.");
    }

    [Fact]
    public async Task Reads_little_of_an_answer_that_never_ends()
    {
        await replica.Endpoint(org, receiver.Url());
        var chunk = Encoding.ASCII.GetBytes(new string('x', 64 * 1024));
        receiver.Answer = async context =>
        {
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.Body.WriteAsync(chunk, context.RequestAborted);
            }
        };

        await TellAndDeliver();

        var delivery = await replica.Newest(org);
        delivery.State.ShouldBe(DeliveryState.Delivered);
        var details = (await replica.Webhooks.Delivery(org, delivery.Id, default))!;
        details.Tries.Single().Answer!.Length.ShouldBe(Limits.AnswerBytesKept);
    }

    [Fact]
    public async Task Follows_no_redirect()
    {
        await replica.Endpoint(org, receiver.Url());
        receiver.Answer = context =>
        {
            context.Response.Redirect(receiver.Url("/elsewhere"));
            return Task.CompletedTask;
        };

        await TellAndDeliver();

        receiver.Requests.ShouldHaveSingleItem().Path.ShouldBe("/hooks");
        (await replica.Newest(org)).LastError.ShouldBe("Answered 302; redirects are not followed.");
    }

    [Fact]
    public async Task Fails_for_a_name_that_leads_into_a_private_network()
    {
        await using var closed = new NotificationsReplica(database, clock, new NotificationOptions());
        var port = new Uri(receiver.Url()).Port.ToString(CultureInfo.InvariantCulture);
        await closed.Endpoint(org, $"http://localhost:{port}/hooks");
        await closed.Tell(org);

        await closed.Deliver();

        receiver.Requests.ShouldBeEmpty();
        (await closed.Newest(org)).LastError.ShouldBe("The host is in a private network; only public addresses are told.");
    }

    [Fact]
    public async Task Fails_for_an_address_that_was_allowed_once_and_is_no_longer()
    {
        await replica.Endpoint(org, receiver.Url());
        await replica.Tell(org);
        await using var closed = new NotificationsReplica(database, clock, new NotificationOptions());

        await closed.Deliver();

        receiver.Requests.ShouldBeEmpty();
        (await closed.Newest(org)).LastError!.ShouldContain("private network");
    }

    [Fact]
    public async Task Forgets_what_is_old_and_told()
    {
        await replica.Endpoint(org, receiver.Url());
        await TellAndDeliver();
        clock.Advance(Limits.KeptFor + TimeSpan.FromDays(1));
        await replica.Tell(org);
        await replica.Services.Prepare();

        await replica.Services.Get<JobRunner>().RunDue(default);

        (await replica.Webhooks.Deliveries(org, new DeliveryFilter(), null, 10, default)).Count.ShouldBe(1);
    }

    private async Task TellAndDeliver()
    {
        await replica.Tell(org);
        await replica.Deliver();
    }

    private async Task Enable(WebhookEndpointId endpoint, bool isEnabled)
    {
        var outcome = await replica.Webhooks.Change(
            org, endpoint, new WebhookEndpointChange(IsEnabled: isEnabled), "test", default);
        outcome.ShouldBeOfType<WebhookEndpointOutcome.Done>();
    }
}
