using Quoin.Kernel;

namespace Quoin.Pricing;

/// <summary>A price book: all prices of one currency the operator sells at.</summary>
/// <param name="Value">The bare value, as stored.</param>
public readonly record struct PriceBookId(Guid Value) : IId<PriceBookId>
{
    /// <inheritdoc />
    public static string Prefix => "pb";

    /// <inheritdoc />
    public static PriceBookId From(Guid value) => new(value);

    /// <inheritdoc />
    public override string ToString() => IdText.Format(Prefix, Value);
}

/// <summary>A price component: one thing a price book charges for, over all its versions.</summary>
/// <param name="Value">The bare value, as stored.</param>
public readonly record struct PriceComponentId(Guid Value) : IId<PriceComponentId>
{
    /// <inheritdoc />
    public static string Prefix => "pc";

    /// <inheritdoc />
    public static PriceComponentId From(Guid value) => new(value);

    /// <inheritdoc />
    public override string ToString() => IdText.Format(Prefix, Value);
}

/// <summary>A published version of a price component; it never changes.</summary>
/// <param name="Value">The bare value, as stored.</param>
public readonly record struct PriceVersionId(Guid Value) : IId<PriceVersionId>
{
    /// <inheritdoc />
    public static string Prefix => "pv";

    /// <inheritdoc />
    public static PriceVersionId From(Guid value) => new(value);

    /// <inheritdoc />
    public override string ToString() => IdText.Format(Prefix, Value);
}

/// <summary>A price book's face.</summary>
/// <param name="Id">The book.</param>
/// <param name="Name">Unique among books.</param>
/// <param name="Currency">The currency all its prices are in.</param>
/// <param name="IsDefault">Whether accounts of its currency use it when nothing else is said.</param>
public sealed record PriceBook(PriceBookId Id, string Name, Currency Currency, bool IsDefault);

/// <summary>A published price: what usage costs from an instant on.</summary>
/// <param name="Id">The version.</param>
/// <param name="Book">The book it stands in.</param>
/// <param name="Component">The component it is a version of.</param>
/// <param name="Currency">The book's currency.</param>
/// <param name="Meter">The key of the meter it charges for.</param>
/// <param name="Match">The dimensions usage must have; usage may have more.</param>
/// <param name="UnitPrice">Units of currency for <paramref name="PerQuantity"/> of usage.</param>
/// <param name="PerQuantity">1, 1,000 or 1,000,000.</param>
/// <param name="EffectiveFrom">The quarter hour from which it holds, until the next version.</param>
/// <param name="PublishedAt">When it was published.</param>
public sealed record PriceVersion(
    PriceVersionId Id,
    PriceBookId Book,
    PriceComponentId Component,
    Currency Currency,
    string Meter,
    Dimensions Match,
    decimal UnitPrice,
    long PerQuantity,
    DateTimeOffset EffectiveFrom,
    DateTimeOffset PublishedAt);
