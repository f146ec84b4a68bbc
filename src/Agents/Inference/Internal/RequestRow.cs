using Quoin.Kernel;
using Quoin.Limiting;

namespace Quoin.Inference.Internal;

/// <summary>Why somebody has to look at a call.</summary>
internal static class ReviewReason
{
    /// <summary>Its host died, and nobody knows what it used.</summary>
    public const string Lost = "lost";

    /// <summary>Nothing prices what it used.</summary>
    public const string NoPrice = "no_price";

    /// <summary>Metering did not take its usage.</summary>
    public const string NotRecorded = "not_recorded";
}

/// <summary>A call in the journal.</summary>
/// <param name="Call">The call.</param>
/// <param name="Project">The project it was made for; null for none.</param>
/// <param name="Tags">What it is marked with.</param>
/// <param name="Status">How it ended, as stored.</param>
/// <param name="OccurredAt">When it ended, by the organisation's clock.</param>
internal sealed record RequestRow(
    ModelCall Call, ProjectId? Project, IReadOnlyList<string> Tags, string Status, DateTimeOffset OccurredAt)
{
    /// <summary>The status of a call whose host died.</summary>
    public const string Lost = "lost";

    /// <summary>The status of a call that somebody decided to charge nothing for.</summary>
    public const string Waived = "waived";

    /// <summary>Why somebody has to look at it; null where nobody has.</summary>
    public string? Review { get; init; }

    /// <summary>The model that answered; null where none did, or nobody knows.</summary>
    public ProviderModel? Answered { get; init; }

    /// <summary>What was used.</summary>
    public ModelUsage Usage { get; init; }

    /// <summary>The account's currency; null where it is not known.</summary>
    public Currency? Currency { get; init; }

    /// <summary>What was reserved, in micros.</summary>
    public long ReservedMicros { get; init; }

    /// <summary>What the customer pays, in micros, unrounded; null where it is not known.</summary>
    public decimal? QuotedMicros { get; init; }

    /// <summary>What the provider asks, in micros, unrounded; null where it is not known.</summary>
    public decimal? ProviderMicros { get; init; }

    /// <summary>What the provider itself says that it asks, in micros of a dollar; null where it does not say.</summary>
    public decimal? ToldMicros { get; init; }

    /// <summary>What each meter's part of it came to.</summary>
    public IReadOnlyList<PricedPart> Parts { get; init; } = [];

    /// <summary>The meters that counted and had no price.</summary>
    public IReadOnlyList<string> Unpriced { get; init; } = [];

    /// <summary>The hold its usage names; null for none.</summary>
    public string? Hold { get; init; }

    /// <summary>How often a provider was asked.</summary>
    public int Attempts { get; init; }

    /// <summary>The provider's HTTP status; null where it sent none.</summary>
    public int? ProviderStatus { get; init; }

    /// <summary>The provider's own id of the call; null where it gave none.</summary>
    public string? ProviderRequestId { get; init; }

    /// <summary>To its admission; null where that is not known.</summary>
    public TimeSpan? Admitted { get; init; }

    /// <summary>To when the provider that answered was asked; null where none answered.</summary>
    public TimeSpan? Asked { get; init; }

    /// <summary>To the head of its answer; null where none answered.</summary>
    public TimeSpan? Responded { get; init; }

    /// <summary>The providers that were asked before and failed.</summary>
    public IReadOnlyList<FailedAttempt> FailedAttempts { get; init; } = [];

    /// <summary>To the first byte of the answer; null where none came.</summary>
    public TimeSpan? FirstByte { get; init; }

    /// <summary>To the end.</summary>
    public TimeSpan Total { get; init; }

    /// <summary>With the prices of what it used.</summary>
    public RequestRow Priced(PricedCall priced) => this with
    {
        Currency = priced.Quote.Currency,
        QuotedMicros = priced.Quote.CustomerMicros,
        ProviderMicros = Answered is { IsOwn: true } ? 0
            : ToldMicros is { } told && priced.Quote.Currency == Quoin.Kernel.Currency.Usd ? told
            : priced.Quote.ProviderMicros,
        Parts = PricedPart.Of(priced.Quote, Answered is { IsOwn: true }),
        Unpriced = priced.Unpriced,
    };

    /// <summary>What it came to beyond what was reserved for it: more than was ever promised to be paid.</summary>
    public decimal OverMicros => ReservedMicros > 0 ? Math.Max(0, (QuotedMicros ?? 0) - ReservedMicros) : 0;
}

/// <summary>A part of what a call used, and what it came to.</summary>
/// <param name="Meter">The meter's key.</param>
/// <param name="Quantity">How much.</param>
/// <param name="PriceVersion">The version of the price.</param>
/// <param name="CostMicros">What the customer pays, in micros, unrounded.</param>
/// <param name="ProviderMicros">What the provider asks, in micros, unrounded.</param>
internal sealed record PricedPart(
    string Meter, decimal Quantity, string PriceVersion, decimal CostMicros, decimal ProviderMicros)
{
    /// <summary>The parts of a quote.</summary>
    /// <param name="quote">The quote.</param>
    /// <param name="isOwn">Whether the customer pays the provider itself.</param>
    public static IReadOnlyList<PricedPart> Of(Quote quote, bool isOwn) =>
    [
        .. quote.Parts.Select(part => new PricedPart(
            part.Part.Meter, part.Part.Quantity, part.PriceVersion, part.CustomerMicros, isOwn ? 0 : part.ProviderMicros)),
    ];
}

/// <summary>A call as the journal has it.</summary>
/// <param name="Row">The call.</param>
/// <param name="RecordedAt">When it was written down, by the system's clock.</param>
/// <param name="ReviewedBy">Who looked into it; null where nobody did.</param>
/// <param name="ReviewedAt">When that was.</param>
internal sealed record StoredRequest(
    RequestRow Row, DateTimeOffset RecordedAt, string? ReviewedBy, DateTimeOffset? ReviewedAt);

/// <summary>Usage to be told to Metering.</summary>
/// <param name="Data">The event's data, whole.</param>
internal sealed record Untold(string Data);
