using Microsoft.AspNetCore.Http;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Pricing.Internal;

/// <summary>What quantities would cost.</summary>
/// <param name="Quantities">The quantities of one period.</param>
/// <param name="PriceVersion">A published price; instead of terms.</param>
/// <param name="Terms">Terms that need not be published.</param>
/// <param name="Cost">Cost terms beside them.</param>
/// <param name="Scale">Digits the amount is rounded to; left out, 6.</param>
/// <param name="DiscountBps">What a contract would take off, in hundredths of a percent.</param>
/// <param name="IsClosed">Whether the period is over, so that a minimum applies.</param>
internal sealed record PreviewRequest(
    IReadOnlyList<PreviewQuantity> Quantities,
    PriceVersionId? PriceVersion = null,
    TermsDocument? Terms = null,
    TermsDocument? Cost = null,
    int? Scale = null,
    int DiscountBps = 0,
    bool IsClosed = false);

/// <summary>A quantity to preview.</summary>
/// <param name="Quantity">How much, in the meter's unit.</param>
/// <param name="Dimensions">Of which kind: it chooses the cell.</param>
/// <param name="At">When, for prices by the hour of the week; left out, now.</param>
internal sealed record PreviewQuantity(
    decimal Quantity, IReadOnlyDictionary<string, string>? Dimensions = null, DateTimeOffset? At = null);

/// <summary>What the quantities would cost, and how that comes about.</summary>
/// <param name="Amount">Exact, in units of currency: all digits, or a fraction such as <c>1/3</c>.</param>
/// <param name="AmountMicros">Rounded once to the scale; null when it does not fit 64 bits.</param>
/// <param name="Cost">What it costs the operator, exact.</param>
/// <param name="Steps">The arithmetic; the steps' amounts sum to <c>amount</c>.</param>
internal sealed record PreviewAnswer(string Amount, long? AmountMicros, string Cost, IReadOnlyList<PreviewStep> Steps);

/// <summary>A step of the arithmetic.</summary>
/// <param name="Kind">What it does: <c>tier</c>, <c>included</c>, <c>maximum</c>, and so on.</param>
/// <param name="Cell">The cell's key; null for what holds over all cells.</param>
/// <param name="Tier">Which tier, from zero.</param>
/// <param name="Quantity">How much usage it is about.</param>
/// <param name="Price">Units of currency, or a percentage.</param>
/// <param name="Per">What the price is for.</param>
/// <param name="Amount">What it adds, exact, in units of currency.</param>
internal sealed record PreviewStep(
    RatingStepKind Kind, string? Cell, int? Tier, string? Quantity, decimal? Price, decimal? Per, string Amount)
{
    public static PreviewStep Of(RatingStep step) => new(
        step.Kind, step.Cell, step.Tier, step.Quantity?.ToString(), step.Price, step.Per, step.Amount.ToString());
}

/// <summary><c>POST /v1/prices/preview</c>.</summary>
internal static class PreviewPrice
{
    public static async Task<IResult> Handle(
        PreviewRequest request, PriceBooks books, TimeProvider time, CancellationToken cancellationToken)
    {
        if (request.Quantities.Count > Limits.PreviewQuantitiesMax || request.DiscountBps is < 0 or > PriceSegment.BpsOfAll)
        {
            return Refused($"A preview has up to {Limits.PreviewQuantitiesMax} quantities and a discount of 0 to 10000.");
        }

        var (version, problem) = await VersionOf(request, books, cancellationToken);
        if (version is null)
        {
            return problem!;
        }

        var now = time.GetUtcNow();
        var parts = new List<PricedQuantity>(request.Quantities.Count);
        foreach (var (index, quantity) in request.Quantities.Index())
        {
            var dimensions = quantity.Dimensions ?? new Dictionary<string, string>();
            var cell = version.Terms.Cells.FirstOrDefault(cell => Takes(cell, dimensions, quantity.At ?? now));
            if (cell is null)
            {
                return Refused($"quantities[{index}]: no cell takes it.");
            }

            parts.Add(new PricedQuantity(version, cell.Key, quantity.Quantity, request.DiscountBps));
        }

        var explained = Rating.Explain(parts, request.IsClosed);
        return TypedResults.Ok(new PreviewAnswer(
            explained.Amount.ToString(),
            explained.Micros,
            Rating.Cost(parts, request.IsClosed).ToString(),
            [.. explained.Steps.Select(PreviewStep.Of)]));
    }

    private static async Task<(PriceVersion? Version, Problem? Problem)> VersionOf(
        PreviewRequest request, PriceBooks books, CancellationToken cancellationToken)
    {
        if (request is { PriceVersion: { } id, Terms: null, Cost: null, Scale: null })
        {
            var known = (await books.Current(cancellationToken)).Versions.FirstOrDefault(version => version.Id == id);
            return (known, known is null ? new Problem(PlatformProblems.NotFound, "There is no such price version.") : null);
        }

        if (request is not { PriceVersion: null, Terms: not null })
        {
            return (null, Refused("Give a price_version, or terms."));
        }

        var input = new PriceInput("preview", Terms: request.Terms, Cost: request.Cost, Scale: request.Scale);
        var (price, problem) = input.Read();
        var wrong = price is null ? problem : PriceCheck.Content(price);
        return wrong is not null
            ? (null, Refused(wrong))
            : (new PriceVersion(default, default, default, default, price!.Meter, default, price.Terms, default, default)
            {
                Cost = price.Cost,
                Scale = price.Scale,
            },
            null);
    }

    private static bool Takes(PriceCell cell, IReadOnlyDictionary<string, string> dimensions, DateTimeOffset at) =>
        (cell.Hours is null || cell.Hours.Contains(at))
        && cell.Match.ToDictionary().All(pair => dimensions.GetValueOrDefault(pair.Key) == pair.Value);

    private static Problem Refused(string reason) => new(PricingProblems.PriceRefused, reason);
}
