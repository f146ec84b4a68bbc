using Quoin.Payments.Stripe;
using Quoin.StripeSimulator;

namespace Quoin.Server.Hosting;

/// <summary>
/// The provider of test-mode organisations under <c>--demo</c>, where no test key is configured: the Stripe simulator of the
/// data folder, which all hosts on the folder share. Live organisations never meet it.
/// </summary>
internal sealed class DemoPayments : IAsyncDisposable
{
    private const string Folder = "stripe-simulator";
    private const string WebhookPath = "/v1/webhooks/stripe";

    private readonly SharedSimulator simulator;

    private DemoPayments(SharedSimulator simulator) => this.simulator = simulator;

    /// <summary>Where the simulator listens.</summary>
    public Uri Address => simulator.Address;

    /// <summary>Starts or joins the simulator; null where none is wanted.</summary>
    /// <exception cref="IOException">It neither starts nor answers.</exception>
    public static async Task<DemoPayments?> Start(HostSettings settings, CancellationToken cancellationToken) =>
        settings is { Demo: true, Stripe.Test: null }
            ? new DemoPayments(await SharedSimulator.StartOrJoin(Path.Combine(settings.DataFolder, Folder), cancellationToken))
            : null;

    /// <summary>The settings of a host that sells through it.</summary>
    public HostSettings Configure(HostSettings settings) => settings with
    {
        Stripe = settings.Stripe with
        {
            Test = new StripeSettings
            {
                SecretKey = simulator.SecretKey,
                WebhookSecrets = [simulator.WebhookSecret],
                Address = simulator.Address,
            },
        },
    };

    /// <summary>Sends its news to a host that has started.</summary>
    /// <param name="url">One of the host's addresses; one that means all networks is reached on this machine.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task Tell(string url, CancellationToken cancellationToken)
    {
        var host = new UriBuilder(url.Replace("://*", "://127.0.0.1", StringComparison.Ordinal)
            .Replace("://+", "://127.0.0.1", StringComparison.Ordinal));
        if (host.Host is "0.0.0.0" or "[::]")
        {
            host.Host = "127.0.0.1";
        }

        return simulator.SendWebhooksTo(new Uri(host.Uri, WebhookPath), cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => simulator.DisposeAsync();
}
