using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Quoin.StripeSimulator;

namespace Quoin.Tests.Support;

/// <summary>
/// A Stripe of the tests' own on a loopback port, for a test class: <c>IClassFixture&lt;SimulatorFixture&gt;</c>, or started
/// with options by <see cref="Start"/>.
/// </summary>
public sealed class SimulatorFixture : IAsyncLifetime, IAsyncDisposable
{
    /// <summary>The secret key it takes; any other that begins with <c>sk_test_</c> is taken too.</summary>
    public const string SecretKey = "sk_test_quoin";

    /// <summary>The secret its webhooks are signed with where a test names none.</summary>
    public const string WebhookSecret = "whsec_quoin_tests";

    /// <summary>The simulator.</summary>
    public Simulator Simulator { get; private set; } = null!;

    /// <summary>Where it listens.</summary>
    public Uri Address => Simulator.Address;

    /// <summary>Starts one with options, such as a settable clock, or webhooks that wait to be sent.</summary>
    public static async Task<SimulatorFixture> Start(SimulatorOptions? options = null) =>
        new() { Simulator = await Simulator.Start(options) };

    /// <inheritdoc />
    public async Task InitializeAsync() => Simulator = await Simulator.Start(new SimulatorOptions());

    /// <inheritdoc />
    Task IAsyncLifetime.DisposeAsync() => Simulator.DisposeAsync().AsTask();

    /// <inheritdoc />
    public ValueTask DisposeAsync() => Simulator.DisposeAsync();

    /// <summary>Pays a checkout as a browser on its page does.</summary>
    /// <returns>Whether it was paid.</returns>
    public bool PayCheckout(string session, string card = TestCards.Pays) => Simulator.PayCheckout(session, card);

    /// <summary>Lets the next calls that match go wrong.</summary>
    public void Fault(FaultKind kind, string path = "*", string method = "*", int times = 1) =>
        Simulator.Add(new Fault(kind, method, path, times));

    /// <summary>Lets the next webhooks that match go wrong.</summary>
    public void Fault(WebhookFaultKind kind, string type = "*", int times = 1) => Simulator.Add(new WebhookFault(kind, type, times));

    /// <summary>Moves the simulator's clock on.</summary>
    public void Advance(TimeSpan span) => Simulator.Advance(span);

    /// <summary>Sends its webhooks to a host from now on.</summary>
    /// <returns>The endpoint's id.</returns>
    public string SendWebhooksTo(Uri host, string path = "/v1/webhooks/stripe", string secret = WebhookSecret) =>
        Simulator.Register(new Uri(host, path), secret);

    /// <summary>Calls it as Stripe's client does.</summary>
    /// <param name="method">Such as <c>POST</c>.</param>
    /// <param name="path">With the query, if any.</param>
    /// <param name="form">Parameters such as <c>("items[0][price]", id)</c>.</param>
    public async Task<(int Status, JsonNode Body)> Call(string method, string path, params (string Name, string Value)[] form)
    {
        using var client = new HttpClient { BaseAddress = Address };
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", SecretKey);
        if (method != "GET")
        {
            request.Content = new FormUrlEncodedContent(form.Select(part => KeyValuePair.Create(part.Name, part.Value)));
        }

        using var answer = await client.SendAsync(request);
        return ((int)answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!);
    }

    /// <summary>Calls it, and expects it to be done.</summary>
    public async Task<JsonNode> Done(string method, string path, params (string Name, string Value)[] form)
    {
        var (status, body) = await Call(method, path, form);
        return status == 200 ? body : throw new InvalidOperationException($"{method} {path} was answered {status}: {body}");
    }
}

/// <summary>Numbers of test cards.</summary>
public static class TestCards
{
    /// <summary>Every payment succeeds.</summary>
    public const string Pays = "4242424242424242";

    /// <summary>Every payment is declined.</summary>
    public const string Declines = "4000000000000002";

    /// <summary>Every payment is declined: insufficient funds.</summary>
    public const string HasInsufficientFunds = "4000000000009995";

    /// <summary>The payer confirms once.</summary>
    public const string AsksToConfirm = "4000002500003155";

    /// <summary>The payer confirms every time.</summary>
    public const string AsksToConfirmAlways = "4000002760003184";

    /// <summary>The first payment succeeds, those without the payer fail.</summary>
    public const string FailsLater = "4000000000000341";

    /// <summary>The payment succeeds and is disputed.</summary>
    public const string IsDisputed = "4000000000000259";

    /// <summary>Refunds wait, then succeed.</summary>
    public const string RefundsLate = "4000000000007726";

    /// <summary>Refunds succeed, then fail.</summary>
    public const string RefundFails = "4000000000005126";
}
