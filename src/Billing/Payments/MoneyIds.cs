using Quoin.Kernel;

namespace Quoin.Payments;

/// <summary>Credit that somebody buys.</summary>
/// <param name="Value">The bare value, as stored.</param>
public readonly record struct PurchaseId(Guid Value) : IId<PurchaseId>
{
    /// <inheritdoc />
    public static string Prefix => "pur";

    /// <inheritdoc />
    public static PurchaseId From(Guid value) => new(value);

    /// <inheritdoc />
    public override string ToString() => IdText.Format(Prefix, Value);
}

/// <summary>Money of a payment that is given back, or credit instead of it.</summary>
/// <param name="Value">The bare value, as stored.</param>
public readonly record struct RefundId(Guid Value) : IId<RefundId>
{
    /// <inheritdoc />
    public static string Prefix => "rfd";

    /// <inheritdoc />
    public static RefundId From(Guid value) => new(value);

    /// <inheritdoc />
    public override string ToString() => IdText.Format(Prefix, Value);
}

/// <summary>A payment that the customer's bank calls into question.</summary>
/// <param name="Value">The bare value, as stored.</param>
public readonly record struct DisputeId(Guid Value) : IId<DisputeId>
{
    /// <inheritdoc />
    public static string Prefix => "pdp";

    /// <inheritdoc />
    public static DisputeId From(Guid value) => new(value);

    /// <inheritdoc />
    public override string ToString() => IdText.Format(Prefix, Value);
}

/// <summary>Something of a payment that does not fit, for an operator.</summary>
/// <param name="Value">The bare value, as stored.</param>
public readonly record struct FindingId(Guid Value) : IId<FindingId>
{
    /// <inheritdoc />
    public static string Prefix => "pfn";

    /// <inheritdoc />
    public static FindingId From(Guid value) => new(value);

    /// <inheritdoc />
    public override string ToString() => IdText.Format(Prefix, Value);
}
