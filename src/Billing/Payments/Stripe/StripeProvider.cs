using Microsoft.Extensions.Logging;
using Quoin.Platform;

namespace Quoin.Payments.Stripe;

/// <summary>
/// Stripe, or what speaks like it. Everything that knows Stripe's words stands in this folder; the rest of the module
/// speaks through <see cref="IPaymentProvider"/>.
/// </summary>
public sealed partial class StripeProvider : IPaymentProvider, IDisposable
{
    /// <summary>The name in rows and addresses.</summary>
    public const string ProviderName = "stripe";

    /// <summary>The name of this client in requests.</summary>
    public const string ClientName = "quoin-stripe";

    /// <summary>
    /// Its version. Another major number means that frozen parameters of the one before may not be sent as they are.
    /// </summary>
    public const string ClientVersion = "1.0.0";

    private readonly StripeSettings settings;
    private readonly StripeClient client;
    private readonly TimeProvider clock;

    /// <summary>A Stripe account as it is reached.</summary>
    /// <param name="settings">How.</param>
    /// <param name="clock">The system clock.</param>
    /// <param name="jitter">Spreads repetitions.</param>
    /// <param name="logging">Told of calls that failed.</param>
    /// <param name="notUnderstood">Told of each answer that is none of those the vendor documents.</param>
    public StripeProvider(
        StripeSettings settings, TimeProvider clock, Jitter jitter, ILoggerFactory logging, Action? notUnderstood = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        this.settings = settings;
        this.clock = clock;
        client = new StripeClient(settings, clock, jitter, logging.CreateLogger<StripeClient>(), notUnderstood);
    }

    /// <inheritdoc />
    public string Name => ProviderName;

    /// <inheritdoc />
    public ProviderProvenance Provenance { get; } = new(ClientName, ClientVersion, StripeClient.ApiVersion);

    /// <inheritdoc />
    public WebhookReading ReadWebhook(ReadOnlyMemory<byte> body, string? signature, DateTimeOffset now)
    {
        if (string.IsNullOrEmpty(signature))
        {
            return new WebhookReading.Unsigned();
        }

        return StripeSignature.Fault(body.Span, signature, settings.WebhookSecrets, now) is { } fault
            ? new WebhookReading.Forged(fault)
            : StripeEvents.ReadHead(body.Span);
    }

    /// <inheritdoc />
    public ProviderEvent? ReadEvent(ReadOnlyMemory<byte> body, out string? unreadable) =>
        StripeEvents.Read(body, out unreadable);

    /// <inheritdoc />
    public void Dispose() => client.Dispose();

    private static string Escape(string id) => Uri.EscapeDataString(id);
}
