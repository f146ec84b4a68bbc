using Quoin.Kernel;

namespace Quoin.Payments;

/// <summary>A piece of the provider's news, as it was stored.</summary>
/// <param name="Value">The bare value, as stored.</param>
public readonly record struct WebhookEventId(Guid Value) : IId<WebhookEventId>
{
    /// <inheritdoc />
    public static string Prefix => "pev";

    /// <inheritdoc />
    public static WebhookEventId From(Guid value) => new(value);

    /// <inheritdoc />
    public override string ToString() => IdText.Format(Prefix, Value);
}

/// <summary>The ending of a subscription that should not be there.</summary>
/// <param name="Value">The bare value, as stored.</param>
public readonly record struct RemediationId(Guid Value) : IId<RemediationId>
{
    /// <inheritdoc />
    public static string Prefix => "prm";

    /// <inheritdoc />
    public static RemediationId From(Guid value) => new(value);

    /// <inheritdoc />
    public override string ToString() => IdText.Format(Prefix, Value);
}

/// <summary>One comparison of what is stored with what the provider says.</summary>
/// <param name="Value">The bare value, as stored.</param>
public readonly record struct PaymentReconciliationId(Guid Value) : IId<PaymentReconciliationId>
{
    /// <inheritdoc />
    public static string Prefix => "prr";

    /// <inheritdoc />
    public static PaymentReconciliationId From(Guid value) => new(value);

    /// <inheritdoc />
    public override string ToString() => IdText.Format(Prefix, Value);
}
