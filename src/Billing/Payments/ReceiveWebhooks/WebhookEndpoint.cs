using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Quoin.Platform;

namespace Quoin.Payments.Internal;

/// <summary><c>POST /v1/webhooks/stripe</c>: in this order reads the bytes, finds whose secret signed them, stores, answers.</summary>
internal static class WebhookEndpoint
{
    /// <summary>Where the provider's signature stands.</summary>
    public const string SignatureHeader = "Stripe-Signature";

    /// <summary>What the documentation shows.</summary>
    public const string ExampleJson = """
        {
          "id": "evt_1TabcdEFghIJ",
          "object": "event",
          "type": "payment_method.attached",
          "created": 1775044800,
          "livemode": false,
          "data": { "object": { "id": "pm_1TabcdEFghIJ", "object": "payment_method", "customer": "cus_QxyzABC" } }
        }
        """;

    private const int RetryAfterSeconds = 5;
    private const int FirstGuessBytes = 4 * 1024;
    private static readonly byte[] Accepted = [.. """{"ok":true}"""u8];

    /// <summary>Answers one delivery. Who sends what is not signed learns nothing more than that.</summary>
    public static async Task<IResult> Handle(
        HttpContext context,
        IPaymentProviders providers,
        ReceiveWebhooks inbox,
        TimeProvider time,
        ILoggerFactory loggers,
        CancellationToken cancellationToken)
    {
        if (await Read(context.Request, cancellationToken) is not { } body)
        {
            inbox.Count("too_large");
            return new Problem(PlatformProblems.BodyTooLarge, $"News holds at most {WebhookLimits.BodyBytesMax} bytes.");
        }

        var signature = context.Request.Headers[SignatureHeader].ToString();
        var (reading, mode, provider) = Verify(providers, body, signature, time.GetUtcNow());
        if (reading is not WebhookReading.Genuine { Head: var head })
        {
            inbox.Count("refused");
            Log.WebhookRefused(loggers.CreateLogger(typeof(WebhookEndpoint)), Reason(reading));
            return new Problem(PaymentsProblems.WebhookRefused, "The delivery cannot be taken.");
        }

        if (!head.IsFollowed)
        {
            inbox.Count("ignored");
            return Results.Bytes(Accepted, "application/json");
        }

        if (!await inbox.Store(new ReceivedEvent(provider, mode, head, body)))
        {
            inbox.Count("overloaded");
            return new Problem(PaymentsProblems.WebhooksOverloaded, "Too much news waits to be stored.", RetryAfterSeconds);
        }

        inbox.Count("stored");
        return Results.Bytes(Accepted, "application/json");
    }

    private static (WebhookReading Reading, PaymentMode Mode, string Provider) Verify(
        IPaymentProviders providers, byte[] body, string signature, DateTimeOffset now)
    {
        WebhookReading worst = new WebhookReading.Unsigned();
        foreach (var mode in (ReadOnlySpan<PaymentMode>)[PaymentMode.Live, PaymentMode.Test])
        {
            if (providers.Of(mode) is not { } provider)
            {
                continue;
            }

            var reading = provider.ReadWebhook(body, signature.Length == 0 ? null : signature, now);
            if (reading is WebhookReading.Genuine(var head))
            {
                if (Fits(head, mode))
                {
                    return (reading, mode, provider.Name);
                }

                reading = new WebhookReading.Forged($"{head.Id} does not belong to the mode {Word.Of(mode)}");
            }

            worst = reading;
        }

        return (worst, PaymentMode.Test, string.Empty);
    }

    // A secret in the wrong variable must not turn test cards into money.
    private static bool Fits(ProviderEventHead head, PaymentMode mode) =>
        head.IsLive == (mode == PaymentMode.Live)
        && head.Id.Length is > 0 and <= WebhookLimits.NameLettersMax
        && head.Type.Length is > 0 and <= WebhookLimits.NameLettersMax;

    private static string Reason(WebhookReading reading) => reading switch
    {
        WebhookReading.Forged(var reason) => reason,
        WebhookReading.Unreadable(var reason) => reason,
        _ => "no signature",
    };

    private static async Task<byte[]?> Read(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength > WebhookLimits.BodyBytesMax)
        {
            return null;
        }

        var bytes = new byte[request.ContentLength ?? FirstGuessBytes];
        for (var filled = 0; ;)
        {
            if (filled == bytes.Length && filled != request.ContentLength)
            {
                Array.Resize(ref bytes, Math.Min(bytes.Length * 2, WebhookLimits.BodyBytesMax + 1));
            }

            var read = filled == bytes.Length ? 0 : await request.Body.ReadAsync(bytes.AsMemory(filled), cancellationToken);
            filled += read;
            if (filled > WebhookLimits.BodyBytesMax)
            {
                return null;
            }

            if (read == 0)
            {
                return filled == bytes.Length ? bytes : bytes[..filled];
            }
        }
    }
}

/// <summary>A delivery was taken.</summary>
/// <param name="Ok">Always true.</param>
internal sealed record WebhookAnswer(bool Ok);
