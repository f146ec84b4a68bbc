namespace Quoin.Payments.Stripe;

/// <summary>How one Stripe account, in test or in live mode, is reached.</summary>
public sealed record StripeSettings
{
    /// <summary>Stripe's own address.</summary>
    public static readonly Uri StripeAddress = new("https://api.stripe.com");

    /// <summary>The secret key, <c>sk_test_…</c> or <c>sk_live_…</c> (or a restricted <c>rk_…</c>).</summary>
    public required string SecretKey { get; init; }

    /// <summary>What webhooks are signed with; several while one is being replaced. The first is the newest.</summary>
    public required IReadOnlyList<string> WebhookSecrets { get; init; }

    /// <summary>Where it answers; a simulator's or a test's other than Stripe's own.</summary>
    public Uri Address { get; init; } = StripeAddress;

    /// <summary>Where files are uploaded: Stripe has another host for it, others have one for all.</summary>
    internal Uri FilesAddress => Address == StripeAddress ? new Uri("https://files.stripe.com") : Address;

    /// <summary>How long one attempt may take; 30 s.</summary>
    public TimeSpan Timeout { get; init; } = StripeLimits.Timeout;

    /// <summary>The shortest wait before a repetition; 0.5 s.</summary>
    public TimeSpan RetryDelay { get; init; } = StripeLimits.RetryDelay;

    /// <summary>Never prints a secret.</summary>
    public override string ToString() => $"Stripe at {Address}";
}
