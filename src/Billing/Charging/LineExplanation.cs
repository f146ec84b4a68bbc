using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Metering;
using Quoin.Pricing;

namespace Quoin.Charging;

/// <summary>Everything that led from events to a line's amount, and from there to the books.</summary>
/// <param name="Line">The line.</param>
/// <param name="Meter">What counted the usage.</param>
/// <param name="Price">The price version that charged it.</param>
/// <param name="Book">The book that price stands in.</param>
/// <param name="Before">What the period came to before the line; null where that cannot be told step by step.</param>
/// <param name="After">What it comes to with the line; the line's amount is the difference of the two, rounded each.</param>
/// <param name="Transfer">The transfer that posted it; null where it came to nothing.</param>
/// <param name="Legs">That transfer's entries: which grants and accounts paid. Other lines may share it.</param>
/// <param name="LinesOfTransfer">How many lines the transfer posted together.</param>
public sealed record LineExplanation(
    RatedLine Line,
    Meter Meter,
    PriceVersion Price,
    PriceBook Book,
    RatingExplanation? Before,
    RatingExplanation? After,
    Transfer? Transfer,
    IReadOnlyList<Entry> Legs,
    long LinesOfTransfer)
{
    /// <summary>The quantity of the line's rating key before it.</summary>
    public decimal QuantityBefore => Line.PositionQuantity - Line.Quantity;

    /// <summary>What had been rated before it.</summary>
    public Money RatedBefore => RatedAfter - Line.Amount;

    /// <summary>What has been rated with it.</summary>
    public Money RatedAfter => Line.Amount with { Micros = Line.PositionMicros };

    /// <summary>What the usage leaves the operator: amount less provider cost.</summary>
    public Money Margin => Line.Amount - Line.Cost;
}

/// <summary>A shared explanation: whoever has its link may read it until it ends.</summary>
/// <param name="Value">The bare value, as stored.</param>
public readonly record struct LineShareId(Guid Value) : IId<LineShareId>
{
    /// <inheritdoc />
    public static string Prefix => "share";

    /// <inheritdoc />
    public static LineShareId From(Guid value) => new(value);

    /// <inheritdoc />
    public override string ToString() => IdText.Format(Prefix, Value);
}

/// <summary>A link to one line's explanation, for people without an account.</summary>
/// <param name="Id">The share.</param>
/// <param name="Line">What it shows.</param>
/// <param name="CreatedBy">Who made it.</param>
/// <param name="CreatedAt">When.</param>
/// <param name="ExpiresAt">When it ends.</param>
/// <param name="RevokedAt">When somebody ended it before; null while nobody has.</param>
public sealed record LineShare(
    LineShareId Id,
    RatedLineId Line,
    string CreatedBy,
    DateTimeOffset CreatedAt,
    DateTimeOffset ExpiresAt,
    DateTimeOffset? RevokedAt);

/// <summary>Every way opening a shared link can end.</summary>
public abstract record OpenShareOutcome
{
    private OpenShareOutcome()
    {
    }

    /// <summary>It is none of ours, was changed, or its key is gone.</summary>
    public sealed record NotFound : OpenShareOutcome;

    /// <summary>It was one, and has ended.</summary>
    /// <param name="EndedAt">When.</param>
    public sealed record Ended(DateTimeOffset EndedAt) : OpenShareOutcome;

    /// <summary>It shows this line.</summary>
    /// <param name="Org">Whose.</param>
    /// <param name="Share">The share.</param>
    public sealed record Opened(OrgId Org, LineShare Share) : OpenShareOutcome;
}
