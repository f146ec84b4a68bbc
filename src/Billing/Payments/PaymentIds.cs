using Quoin.Kernel;

namespace Quoin.Payments;

/// <summary>A request to a provider: one thing a client asked for once, with its key.</summary>
/// <param name="Value">The bare value, as stored.</param>
public readonly record struct PaymentRequestId(Guid Value) : IId<PaymentRequestId>
{
    /// <inheritdoc />
    public static string Prefix => "prq";

    /// <inheritdoc />
    public static PaymentRequestId From(Guid value) => new(value);

    /// <inheritdoc />
    public override string ToString() => IdText.Format(Prefix, Value);
}

/// <summary>A visit of a provider's page to pay, or a hold where such a visit may be.</summary>
/// <param name="Value">The bare value, as stored.</param>
public readonly record struct CheckoutId(Guid Value) : IId<CheckoutId>
{
    /// <inheritdoc />
    public static string Prefix => "cks";

    /// <inheritdoc />
    public static CheckoutId From(Guid value) => new(value);

    /// <inheritdoc />
    public override string ToString() => IdText.Format(Prefix, Value);
}

/// <summary>A billing account as a provider knows it.</summary>
/// <param name="Value">The bare value, as stored.</param>
public readonly record struct PaymentCustomerId(Guid Value) : IId<PaymentCustomerId>
{
    /// <inheritdoc />
    public static string Prefix => "pcus";

    /// <inheritdoc />
    public static PaymentCustomerId From(Guid value) => new(value);

    /// <inheritdoc />
    public override string ToString() => IdText.Format(Prefix, Value);
}

/// <summary>A provider's subscription, projected.</summary>
/// <param name="Value">The bare value, as stored.</param>
public readonly record struct SubscriptionId(Guid Value) : IId<SubscriptionId>
{
    /// <inheritdoc />
    public static string Prefix => "psub";

    /// <inheritdoc />
    public static SubscriptionId From(Guid value) => new(value);

    /// <inheritdoc />
    public override string ToString() => IdText.Format(Prefix, Value);
}

/// <summary>A provider's invoice, projected.</summary>
/// <param name="Value">The bare value, as stored.</param>
public readonly record struct PaymentInvoiceId(Guid Value) : IId<PaymentInvoiceId>
{
    /// <inheritdoc />
    public static string Prefix => "pinv";

    /// <inheritdoc />
    public static PaymentInvoiceId From(Guid value) => new(value);

    /// <inheritdoc />
    public override string ToString() => IdText.Format(Prefix, Value);
}

/// <summary>A provider's payment, projected.</summary>
/// <param name="Value">The bare value, as stored.</param>
public readonly record struct PaymentId(Guid Value) : IId<PaymentId>
{
    /// <inheritdoc />
    public static string Prefix => "pay";

    /// <inheritdoc />
    public static PaymentId From(Guid value) => new(value);

    /// <inheritdoc />
    public override string ToString() => IdText.Format(Prefix, Value);
}

/// <summary>The price of a plan's version at a provider.</summary>
/// <param name="Value">The bare value, as stored.</param>
public readonly record struct PlanPriceId(Guid Value) : IId<PlanPriceId>
{
    /// <inheritdoc />
    public static string Prefix => "ppr";

    /// <inheritdoc />
    public static PlanPriceId From(Guid value) => new(value);

    /// <inheritdoc />
    public override string ToString() => IdText.Format(Prefix, Value);
}

/// <summary>Something that may be sold once.</summary>
/// <param name="Value">The bare value, as stored.</param>
public readonly record struct CatalogueItemId(Guid Value) : IId<CatalogueItemId>
{
    /// <inheritdoc />
    public static string Prefix => "cit";

    /// <inheritdoc />
    public static CatalogueItemId From(Guid value) => new(value);

    /// <inheritdoc />
    public override string ToString() => IdText.Format(Prefix, Value);
}

/// <summary>How a customer pays.</summary>
/// <param name="Value">The bare value, as stored.</param>
public readonly record struct PaymentMethodId(Guid Value) : IId<PaymentMethodId>
{
    /// <inheritdoc />
    public static string Prefix => "pmt";

    /// <inheritdoc />
    public static PaymentMethodId From(Guid value) => new(value);

    /// <inheritdoc />
    public override string ToString() => IdText.Format(Prefix, Value);
}

/// <summary>A charge made by itself because credit ran low.</summary>
/// <param name="Value">The bare value, as stored.</param>
public readonly record struct AutoTopUpChargeId(Guid Value) : IId<AutoTopUpChargeId>
{
    /// <inheritdoc />
    public static string Prefix => "atc";

    /// <inheritdoc />
    public static AutoTopUpChargeId From(Guid value) => new(value);

    /// <inheritdoc />
    public override string ToString() => IdText.Format(Prefix, Value);
}

/// <summary>An address at which anybody can pay.</summary>
/// <param name="Value">The bare value, as stored.</param>
public readonly record struct PaymentLinkId(Guid Value) : IId<PaymentLinkId>
{
    /// <inheritdoc />
    public static string Prefix => "plk";

    /// <inheritdoc />
    public static PaymentLinkId From(Guid value) => new(value);

    /// <inheritdoc />
    public override string ToString() => IdText.Format(Prefix, Value);
}
