using System.Text;
using System.Text.Json.Nodes;
using Quoin.StripeSimulator.Internal;

namespace Quoin.StripeSimulator.Webhooks;

/// <summary>
/// Events on their way to the endpoints: in the order they happened, again with growing waits when an endpoint does not
/// take them, and wrongly where a fault says so.
/// </summary>
internal sealed class Deliveries(World world) : IDisposable
{
    private const string Kind = "_delivery";

    private readonly SemaphoreSlim hints = new(0);
    private readonly SemaphoreSlim sending = new(1);
    private long order;
    private int isNew;

    /// <summary>Goes on after what an earlier life left waiting.</summary>
    public void Begin() => order = world.Store.All(Kind).Select(one => one.Long("order")).DefaultIfEmpty().Max();

    /// <summary>Plans an event's way to everyone who wants it.</summary>
    /// <returns>How many want it.</returns>
    public int Plan(JsonObject news)
    {
        var type = news.Text("type")!;
        var endpoints = world.Store.All("webhook_endpoint")
            .Where(endpoint => endpoint.Text("status") == "enabled" && Wants(endpoint, type)).ToList();
        foreach (var endpoint in endpoints)
        {
            Plan(news, endpoint);
        }

        return endpoints.Count;
    }

    /// <summary>Sends an event once more.</summary>
    public void Resend(JsonObject news)
    {
        foreach (var endpoint in world.Store.All("webhook_endpoint").ToList())
        {
            Add(news, endpoint, world.Clocks.Target, ++order);
        }
    }

    /// <summary>Something may be due.</summary>
    public void Wake()
    {
        if (Interlocked.Exchange(ref isNew, 0) == 1 && hints.CurrentCount == 0)
        {
            hints.Release();
        }
    }

    /// <summary>The clock was moved: what was later may be due.</summary>
    public void WakeAnyway()
    {
        Interlocked.Exchange(ref isNew, 1);
        Wake();
    }

    /// <summary>What waits, in the order it goes.</summary>
    public IReadOnlyList<JsonObject> Waiting() =>
        [.. world.Store.All(Kind).OrderBy(one => one.Long("order")).Select(one => one.Copy())];

    /// <summary>Sends what is due until it is told to stop.</summary>
    public async Task Run(HttpClient client, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await SendDue(client, cancellationToken);
            await hints.WaitAsync(Limits.Beat, cancellationToken);
            world.Do(() => { });
        }
    }

    /// <summary>Sends all that is due now.</summary>
    /// <returns>How many were sent, whether they were taken or not.</returns>
    public async Task<int> SendDue(HttpClient client, CancellationToken cancellationToken)
    {
        await sending.WaitAsync(cancellationToken);
        try
        {
            var sent = 0;
            while (Next() is { } delivery)
            {
                await Send(client, delivery, cancellationToken);
                sent++;
            }

            return sent;
        }
        finally
        {
            sending.Release();
        }
    }

    /// <summary>Sends one, whether it is due or not.</summary>
    public async Task SendOne(HttpClient client, string id, CancellationToken cancellationToken)
    {
        JsonObject? delivery;
        lock (world.Gate)
        {
            delivery = world.Store.Find(Kind, id)?.Copy();
        }

        if (delivery is not null)
        {
            await Send(client, delivery, cancellationToken);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        hints.Dispose();
        sending.Dispose();
    }

    private static bool Wants(JsonObject endpoint, string type) =>
        endpoint["enabled_events"]!.AsArray().Any(wanted => Faults.FaultScript.Matches(wanted!.GetValue<string>(), type));

    private void Plan(JsonObject news, JsonObject endpoint)
    {
        var now = world.Clocks.Target;
        var fault = world.Faults.TakeWebhook(news.Text("type")!);
        switch (fault?.Fault.Kind)
        {
            case null:
                Add(news, endpoint, now, ++order);
                break;
            case WebhookFaultKind.Lose:
                break;
            case WebhookFaultKind.Duplicate:
                for (var copy = 0; copy <= fault.Value.Fault.Copies; copy++)
                {
                    Add(news, endpoint, now, ++order);
                }

                break;
            case WebhookFaultKind.Delay:
                Add(news, endpoint, now + Seconds(fault.Value.Fault.Delay), ++order);
                break;
            default:
                Reorder(news, endpoint, fault.Value);
                break;
        }
    }

    // The gathered ones take numbers from high to low; the last to come lets all of them go.
    private void Reorder(JsonObject news, JsonObject endpoint, (WebhookFault Fault, bool IsLast, long Group) fault)
    {
        var now = world.Clocks.Target;
        var group = fault.Group.Invariant();
        order++;
        var held = world.Store.All(Kind).Where(one => one.Text("group") == group).ToList();
        var first = held.Count == 0 ? order + fault.Fault.Times : held.Min(one => one.Long("order"));
        var delivery = Add(news, endpoint, now + Seconds(fault.Fault.Delay), first - 1);
        delivery["group"] = group;
        order = Math.Max(order, first);
        if (fault.IsLast)
        {
            foreach (var one in held.Append(delivery))
            {
                one["at"] = now;
                world.Store.Put(one);
            }
        }
    }

    private JsonObject Add(JsonObject news, JsonObject endpoint, long at, long number)
    {
        var delivery = world.New("dlv_", Kind);
        delivery["event"] = news.Id();
        delivery["endpoint"] = endpoint.Id();
        delivery["at"] = at;
        delivery["order"] = number;
        delivery["attempts"] = 0;
        Interlocked.Exchange(ref isNew, 1);
        world.Store.Put(delivery);
        world.Store.KeepNewest(Kind, Limits.DeliveriesMax);
        return delivery;
    }

    private JsonObject? Next()
    {
        lock (world.Gate)
        {
            var now = world.Clocks.Target;
            return world.Store.All(Kind).Where(one => one.Long("at") <= now).MinBy(one => one.Long("order"))?.Copy();
        }
    }

    private async Task Send(HttpClient client, JsonObject delivery, CancellationToken cancellationToken)
    {
        if (Prepare(delivery) is not { } request)
        {
            lock (world.Gate)
            {
                world.Store.Remove(delivery.Id());
                world.Store.Commit();
            }

            return;
        }

        var isTaken = await Post(client, request, cancellationToken);
        lock (world.Gate)
        {
            Record(delivery, isTaken);
            world.Store.Commit();
        }
    }

    private (IReadOnlyList<string> Urls, string Body, string Signature)? Prepare(JsonObject delivery)
    {
        lock (world.Gate)
        {
            if (world.Store.Find("event", delivery.Text("event")) is not { } news
                || world.Store.Find("webhook_endpoint", delivery.Text("endpoint")) is not { } endpoint)
            {
                return null;
            }

            var body = Json.Write(Json.Shown(news));
            var secrets = endpoint.Children("_secrets").Select(secret => secret.Text("value")!);
            // A receiver compares with its own clock, which follows the host's and not what ours was advanced by.
            return (Resources.WebhookEndpoints.AddressesOf(endpoint), body,
                Signature.Of(body, world.Options.Time.GetUtcNow().Unix(), secrets));
        }
    }

    private static async Task<bool> Post(
        HttpClient client, (IReadOnlyList<string> Urls, string Body, string Signature) request, CancellationToken cancellationToken)
    {
        foreach (var url in request.Urls)
        {
            if (await Post(client, url, request.Body, request.Signature, cancellationToken))
            {
                return true;
            }
        }

        return false;
    }

    private static async Task<bool> Post(
        HttpClient client, string url, string body, string signature, CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, url);
        message.Content = new StringContent(body, Encoding.UTF8, "application/json");
        message.Headers.TryAddWithoutValidation("Stripe-Signature", signature);
        message.Headers.TryAddWithoutValidation("User-Agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)");
        try
        {
            using var answer = await client.SendAsync(message, cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private void Record(JsonObject delivery, bool isTaken)
    {
        if (world.Store.Find(Kind, delivery.Id()) is not { } waiting)
        {
            return;
        }

        var attempts = waiting.Long("attempts") + 1;
        if (isTaken || attempts >= Limits.DeliveryAttemptsMax)
        {
            world.Store.Remove(waiting.Id());
            if (isTaken && world.Store.Find("event", waiting.Text("event")) is { } news && news.Long("pending_webhooks") > 0)
            {
                news["pending_webhooks"] = news.Long("pending_webhooks") - 1;
                world.Store.Put(news);
            }

            return;
        }

        var retries = world.Options.DeliveryRetries;
        waiting["attempts"] = attempts;
        waiting["at"] = world.Clocks.Target + Seconds(retries[(int)Math.Min(attempts, retries.Count) - 1]);
        world.Store.Put(waiting);
    }

    private static long Seconds(TimeSpan span) => (long)Math.Ceiling(span.TotalSeconds);
}
