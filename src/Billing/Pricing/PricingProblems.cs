using Quoin.Platform;

namespace Quoin.Pricing;

/// <summary>The ways working with prices can fail.</summary>
public static class PricingProblems
{
    /// <summary>A price cannot be published as it is.</summary>
    public static readonly ProblemCode PriceRefused = new(
        "price_refused",
        422,
        "A price cannot be published; none was.",
        "Correct the price the detail names and publish all again.");

    /// <summary>The name or the place of a default book is taken.</summary>
    public static readonly ProblemCode PriceBookTaken = new(
        "price_book_taken",
        409,
        "There is such a price book already.",
        "Use the existing book, or another name.");
}
