using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Quoin.StripeSimulator.Api;
using Quoin.StripeSimulator.Cards;
using Quoin.StripeSimulator.Hosting;
using Quoin.StripeSimulator.Internal;

namespace Quoin.StripeSimulator;

/// <summary>
/// A Stripe to try things on: speaks its API on a loopback port, has pages a browser can pay on, sends signed webhooks,
/// and goes wrong on demand. No money moves.
/// </summary>
public sealed class Simulator : IAsyncDisposable
{
    /// <summary>The API version it speaks: that of npm <c>stripe</c> 23.1.0.</summary>
    public const string ApiVersion = "2026-10-28.endive";

    private readonly World world;
    private readonly ApiServer api;
    private readonly WebApplication app;
    private readonly HttpClient webhooks = new() { Timeout = Limits.DeliveryTimeout };
    private readonly CancellationTokenSource stopping = new();
    private Task delivering = Task.CompletedTask;

    private Simulator(World world)
    {
        this.world = world;
        api = new ApiServer(world);
        app = SimulatorHost.Build(world, api);
    }

    /// <summary>Where it listens, such as <c>http://127.0.0.1:4242</c>; API, pages and control alike.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>What its clock shows.</summary>
    public DateTimeOffset Now => DateTimeOffset.FromUnixTimeSeconds(world.Clocks.Target);

    /// <summary>The calls that came in, oldest first.</summary>
    public IReadOnlyList<SimulatedCall> Calls => api.Calls;

    /// <summary>How many faults still wait for their calls or webhooks.</summary>
    public int Faults => world.Do(() => world.Faults.Calls.Count() + world.Faults.Webhooks.Count());

    /// <summary>Starts one.</summary>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<Simulator> Start(SimulatorOptions? options = null, CancellationToken cancellationToken = default)
    {
        var simulator = new Simulator(new World(options ?? new SimulatorOptions()));
        await simulator.Listen(cancellationToken);
        return simulator;
    }

    /// <summary>Lets something go wrong with the next calls that match.</summary>
    public void Add(Fault fault) => world.Do(() => world.Faults.Add(fault));

    /// <summary>Lets something go wrong with the next webhooks that match.</summary>
    public void Add(WebhookFault fault) => world.Do(() => world.Faults.Add(fault));

    /// <summary>Lets everything go well from now on.</summary>
    public void ClearFaults() => world.Do(world.Faults.Clear);

    /// <summary>Forgets everything that happened; webhook endpoints stay.</summary>
    public void Reset() => world.Do(world.Reset);

    /// <summary>Moves its clock on: subscriptions renew, checkouts end, payouts arrive, each at its instant.</summary>
    public void Advance(TimeSpan span)
    {
        world.Do(() => world.Advance(span));
        world.Deliveries.WakeAnyway();
    }

    /// <summary>Adds a webhook endpoint with a secret of the caller's; one of the same address is replaced.</summary>
    /// <returns>Its id.</returns>
    public string Register(Uri url, string secret, params IReadOnlyList<string> events) =>
        world.Do(() => world.Endpoints.Register(url.ToString(), secret, events.Count == 0 ? ["*"] : events).Id());

    /// <summary>Gives an endpoint a new secret; the old one signs too, until the next one comes.</summary>
    public string RollSecret(string endpoint) => world.Do(() => world.Endpoints.Roll(endpoint));

    /// <summary>Sends the webhooks that are due.</summary>
    /// <returns>How many were sent, whether they were taken or not.</returns>
    public Task<int> Deliver(CancellationToken cancellationToken = default) =>
        world.Deliveries.SendDue(webhooks, cancellationToken);

    /// <summary>The ids of the webhooks that wait, in the order they would go, each with its event's type.</summary>
    public IReadOnlyList<(string Id, string Event, string Type)> Waiting() =>
        world.Do<IReadOnlyList<(string, string, string)>>(() =>
    [
        .. world.Deliveries.Waiting().Select(one =>
            (one.Id(), one.Text("event")!, world.Store.Find("event", one.Text("event"))?.Text("type") ?? string.Empty)),
    ]);

    /// <summary>Sends one webhook that waits, out of its turn.</summary>
    public Task Deliver(string id, CancellationToken cancellationToken = default) =>
        world.Deliveries.SendOne(webhooks, id, cancellationToken);

    /// <summary>Sends an event once more to every endpoint.</summary>
    public void Resend(string eventId) => world.Do(() => world.Deliveries.Resend(world.Get("event", eventId)));

    /// <summary>Pays a checkout as a browser on its page does.</summary>
    /// <param name="session">The checkout's id.</param>
    /// <param name="card">A test card's number.</param>
    /// <param name="email">What the payer types where the checkout asks for it.</param>
    /// <returns>Whether it was paid; not when the card was declined or asks the payer to confirm.</returns>
    public bool PayCheckout(string session, string card = "4242424242424242", string email = "payer@example.com") => world.Do(() =>
    {
        var method = world.PaymentMethods.New(card, null, null);
        return world.Checkouts.Pay(world.Get("checkout.session", session), method, email, "Test Payer") == Verdict.Approved;
    });

    /// <summary>Comes back from the bank of a card that asks its payer to confirm.</summary>
    /// <param name="session">The checkout's id.</param>
    /// <param name="isConfirmed">Whether the payer did.</param>
    public void FinishChallenge(string session, bool isConfirmed = true) => world.Do(() =>
    {
        var intent = world.Store.Find(world.Get("checkout.session", session).Text("_intent"))
            ?? throw new InvalidOperationException($"Nobody pays {session}.");
        if (intent.Kind() == "setup_intent")
        {
            world.SetupIntents.FinishChallenge(intent, isConfirmed);
        }
        else
        {
            world.PaymentIntents.FinishChallenge(intent, isConfirmed);
        }
    });

    /// <summary>Visits a payment link, as a browser does.</summary>
    /// <returns>The id of the checkout it opens.</returns>
    public string VisitLink(string link) => world.Do(() => world.Checkouts.OfLink(world.Get("payment_link", link)).Id());

    /// <summary>Makes the card of a payment method another one, so that what it pays later goes another way.</summary>
    public void ChangeCard(string method, string card) => world.Do(() =>
    {
        var value = world.Get("payment_method", method);
        value["_card"] = (TestCard.Find(card) ?? throw new ArgumentException($"{card} is no test card.", nameof(card))).Number;
        world.Store.Put(value);
    });

    /// <summary>Pays out all that is available in the balance, now.</summary>
    /// <returns>The payouts' ids.</returns>
    public IReadOnlyList<string> PayOut() =>
        world.Do<IReadOnlyList<string>>(() => [.. world.Payouts.PayAll().Select(one => one.Id())]);

    /// <summary>An object as the API shows it, without a call; null when there is none.</summary>
    public JsonObject? Find(string id) => world.Do(() => world.Store.Find(id) is { } found ? Json.Shown(found) : null);

    /// <summary>All objects of a kind, such as <c>checkout.session</c> or <c>event</c>, oldest first.</summary>
    public IReadOnlyList<JsonObject> All(string kind) =>
        world.Do<IReadOnlyList<JsonObject>>(() => [.. world.Store.All(kind).Select(Json.Shown)]);

    /// <summary>The events that came after one, oldest first; all of them after none.</summary>
    public IReadOnlyList<JsonObject> EventsAfter(string? id) => world.Do<IReadOnlyList<JsonObject>>(() =>
        [.. world.Store.Newest("event").TakeWhile(one => one.Id() != id).Select(Json.Shown).Reverse()]);

    /// <summary>The calls it answers, as <c>METHOD /path</c>.</summary>
    public static IReadOnlyList<string> Answers() => [.. new Routes(new World(new SimulatorOptions())).All];

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await delivering;
        await app.StopAsync(new CancellationToken(canceled: true));
        await app.DisposeAsync();
        world.Store.Close();
        world.Deliveries.Dispose();
        webhooks.Dispose();
        stopping.Dispose();
    }

    private async Task Listen(CancellationToken cancellationToken)
    {
        await app.StartAsync(cancellationToken);
        var addresses = app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses;
        Address = new Uri(addresses.First());
        world.Address = Address.ToString().TrimEnd('/');
        if (world.Options.DeliversByItself)
        {
            delivering = DeliverUntilStopped();
        }
    }

    private async Task DeliverUntilStopped()
    {
        try
        {
            await world.Deliveries.Run(webhooks, stopping.Token);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // It was told to stop.
        }
    }
}
