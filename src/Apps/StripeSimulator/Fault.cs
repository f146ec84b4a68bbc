namespace Quoin.StripeSimulator;

/// <summary>What goes wrong with a call.</summary>
public enum FaultKind
{
    /// <summary>The call never arrives, and the caller waits until it gives up.</summary>
    TimeoutBefore,

    /// <summary>The call is done, and the caller waits for the answer until it gives up.</summary>
    TimeoutAfter,

    /// <summary>The connection breaks before the call arrives.</summary>
    ResetBefore,

    /// <summary>The call is done, and the connection breaks before the answer.</summary>
    ResetAfter,

    /// <summary>429: too many calls.</summary>
    RateLimit,

    /// <summary>500, and nothing was done.</summary>
    ErrorBefore,

    /// <summary>500, and all was done.</summary>
    ErrorAfter,

    /// <summary>The call takes its time; its idempotency key is in use meanwhile.</summary>
    Delay,
}

/// <summary>Something that goes wrong with the next calls that match.</summary>
/// <param name="Kind">What.</param>
/// <param name="Method">Which method; <c>*</c> any.</param>
/// <param name="Path">Which path, with <c>*</c> for any part, such as <c>/v1/checkout/sessions*</c>.</param>
/// <param name="Times">How many calls.</param>
public sealed record Fault(FaultKind Kind, string Method = "*", string Path = "*", int Times = 1)
{
    /// <summary>How many matching calls go well first.</summary>
    public int After { get; init; }

    /// <summary>How long a <see cref="FaultKind.Delay"/> takes.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Seconds of <c>Retry-After</c>.</summary>
    public int RetryAfter { get; init; } = 1;

    /// <summary>
    /// Whether a 500 is kept for its idempotency key and replayed, as Stripe documents. When not, something before Stripe
    /// failed, and the key's real outcome is found by trying again.
    /// </summary>
    public bool IsKept { get; init; } = true;
}

/// <summary>What goes wrong with a webhook.</summary>
public enum WebhookFaultKind
{
    /// <summary>It never arrives, and nobody tries again.</summary>
    Lose,

    /// <summary>It arrives several times.</summary>
    Duplicate,

    /// <summary>It arrives later.</summary>
    Delay,

    /// <summary>As many as <see cref="WebhookFault.Times"/> are gathered and sent last first.</summary>
    Reorder,
}

/// <summary>Something that goes wrong with the next webhooks that match.</summary>
/// <param name="Kind">What.</param>
/// <param name="Type">Which events, with <c>*</c> for any part, such as <c>invoice.*</c>.</param>
/// <param name="Times">How many.</param>
public sealed record WebhookFault(WebhookFaultKind Kind, string Type = "*", int Times = 1)
{
    /// <summary>How often more than once it arrives.</summary>
    public int Copies { get; init; } = 1;

    /// <summary>How much later; for <see cref="WebhookFaultKind.Reorder"/> how long is waited for all of them.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.FromSeconds(5);
}
