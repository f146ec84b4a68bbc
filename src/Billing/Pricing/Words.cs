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

/// <summary>A draft: prices that are not published yet.</summary>
/// <param name="Value">The bare value, as stored.</param>
public readonly record struct PriceDraftId(Guid Value) : IId<PriceDraftId>
{
    /// <inheritdoc />
    public static string Prefix => "pd";

    /// <inheritdoc />
    public static PriceDraftId From(Guid value) => new(value);

    /// <inheritdoc />
    public override string ToString() => IdText.Format(Prefix, Value);
}

/// <summary>An assignment: which plan or contract an account has, and since when.</summary>
/// <param name="Value">The bare value, as stored.</param>
public readonly record struct AssignmentId(Guid Value) : IId<AssignmentId>
{
    /// <inheritdoc />
    public static string Prefix => "asg";

    /// <inheritdoc />
    public static AssignmentId From(Guid value) => new(value);

    /// <inheritdoc />
    public override string ToString() => IdText.Format(Prefix, Value);
}

/// <summary>A published price: what usage costs from an instant on. Versions of one id are equal: none ever changes.</summary>
/// <param name="Id">The version.</param>
/// <param name="Book">The book it stands in.</param>
/// <param name="Component">The component it is a version of.</param>
/// <param name="Currency">The book's currency.</param>
/// <param name="Meter">The key of the meter it charges for.</param>
/// <param name="Match">The dimensions usage must have; usage may have more.</param>
/// <param name="Terms">What it says.</param>
/// <param name="EffectiveFrom">The quarter hour from which it holds, until the next version.</param>
/// <param name="PublishedAt">When it was published.</param>
public sealed record PriceVersion(
    PriceVersionId Id,
    PriceBookId Book,
    PriceComponentId Component,
    Currency Currency,
    string Meter,
    Dimensions Match,
    PriceTerms Terms,
    DateTimeOffset EffectiveFrom,
    DateTimeOffset PublishedAt)
{
    /// <summary>Micros: the finest scale, and the usual one.</summary>
    public const int ScaleMax = 6;

    /// <summary>
    /// The dimensions whose values are rated apart, each from its own first unit; the same for all versions of a
    /// component. In ordinal order.
    /// </summary>
    public IReadOnlyList<string> GroupBy { get; init; } = [];

    /// <summary>What the usage costs the operator; null where nobody said.</summary>
    public PriceTerms? Cost { get; init; }

    /// <summary>Digits after the point that a period's amount is rounded to: 0 to 6.</summary>
    public int Scale { get; init; } = ScaleMax;

    /// <summary>SHA-256 of all it says, in lower-case hexadecimals; rated lines carry it.</summary>
    public string Hash { get; init; } = string.Empty;

    /// <summary>Units of currency for <see cref="PerQuantity"/>; null where the terms say more than a unit price.</summary>
    public decimal? UnitPrice => PerQuantity is null ? null : Terms.Simple?.Price;

    /// <summary>The whole quantity <see cref="UnitPrice"/> is for; null where the terms say more.</summary>
    public long? PerQuantity => Terms.Simple is { Per: var per } && decimal.IsInteger(per) ? (long)per : null;

    /// <inheritdoc />
    public bool Equals(PriceVersion? other) => other is not null && other.Id == Id;

    /// <inheritdoc />
    public override int GetHashCode() => Id.GetHashCode();
}
