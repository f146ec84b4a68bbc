using Microsoft.AspNetCore.Http;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Pricing.Internal;

/// <summary>A book to create.</summary>
/// <param name="Name">Unique among books.</param>
/// <param name="Currency">The currency of all its prices.</param>
/// <param name="IsDefault">Whether accounts of its currency use it when nothing else is said.</param>
internal sealed record BookRequest(string Name, Currency Currency, bool IsDefault = true);

/// <summary>Prices to publish, all or none.</summary>
/// <param name="Prices">The prices.</param>
internal sealed record PublishRequest(IReadOnlyList<PriceInput> Prices);

/// <summary>A price to publish.</summary>
/// <param name="Meter">The meter's key.</param>
/// <param name="UnitPrice">Units of the book's currency for <paramref name="PerQuantity"/> of usage, as text.</param>
/// <param name="PerQuantity">1, 1000 or 1000000.</param>
/// <param name="Match">The dimensions usage must have, such as <c>{"model":"gpt-4o"}</c>; none matches all.</param>
/// <param name="EffectiveFrom">A quarter hour, UTC; a first price may leave it out and holds for all usage.</param>
internal sealed record PriceInput(
    string Meter,
    decimal UnitPrice,
    long PerQuantity,
    IReadOnlyDictionary<string, string>? Match = null,
    DateTimeOffset? EffectiveFrom = null);

/// <summary>Which book.</summary>
/// <param name="PriceBook">Its id.</param>
internal sealed record BookPath(PriceBookId PriceBook);

/// <summary>A published price as the API shows it.</summary>
/// <param name="Id">This version of the price; it never changes.</param>
/// <param name="PriceBook">The book it stands in.</param>
/// <param name="Component">The price it is a version of.</param>
/// <param name="Currency">The book's currency.</param>
/// <param name="Meter">The meter whose usage it prices.</param>
/// <param name="Match">The dimensions usage must have; the most specific match wins.</param>
/// <param name="UnitPrice">Units of currency for <c>per_quantity</c> of the meter.</param>
/// <param name="PerQuantity">The quantity the price is for: 1, 1,000 or 1,000,000.</param>
/// <param name="EffectiveFrom">The first instant it holds, on a quarter hour.</param>
/// <param name="PublishedAt">When it was published.</param>
internal sealed record PriceRow(
    PriceVersionId Id,
    PriceBookId PriceBook,
    PriceComponentId Component,
    Currency Currency,
    string Meter,
    IReadOnlyDictionary<string, string> Match,
    decimal UnitPrice,
    long PerQuantity,
    DateTimeOffset EffectiveFrom,
    DateTimeOffset PublishedAt)
{
    public static PriceRow Of(PriceVersion version) => new(
        version.Id,
        version.Book,
        version.Component,
        version.Currency,
        version.Meter,
        version.Match.ToDictionary(),
        version.UnitPrice,
        version.PerQuantity,
        version.EffectiveFrom,
        version.PublishedAt);
}

/// <summary>The endpoints of price books.</summary>
internal static class PriceEndpoints
{
    /// <summary><c>POST /v1/price-books</c>.</summary>
    public static async Task<IResult> CreateBook(
        BookRequest request,
        PriceBooks books,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var name = request.Name.Trim();
        if (InputText.Problem(name, Limits.NameLettersMax) is { } wrong)
        {
            return new Problem(PricingProblems.PriceRefused, $"name {wrong}.");
        }

        var outcome = await books.Create(
            name,
            request.Currency,
            request.IsDefault,
            context.Caller().Actor,
            context.IdempotentRequest(),
            cancellationToken);
        return outcome switch
        {
            CreateBookOutcome.Created created => TypedResults.Created($"/v1/price-books/{created.Book.Id}", created.Book),
            CreateBookOutcome.Taken taken => new Problem(PricingProblems.PriceBookTaken, taken.Reason),
            _ => throw new InvalidOperationException($"Creating a book ended as {outcome}."),
        };
    }

    /// <summary><c>GET /v1/price-books</c>.</summary>
    public static async Task<IResult> Books(PriceBooks books, CancellationToken cancellationToken) =>
        TypedResults.Ok(new Page<PriceBook>(await books.Books(cancellationToken), null));

    /// <summary><c>POST /v1/price-books/{price_book}/prices</c>.</summary>
    public static async Task<IResult> Publish(
        Parameters<BookPath> parameters,
        PublishRequest request,
        PriceBooks books,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        if (request.Prices.Count is 0 or > Limits.PricesPerPublishMax)
        {
            return new Problem(PricingProblems.PriceRefused, $"prices has 1 to {Limits.PricesPerPublishMax} members.");
        }

        NewPrice[] prices =
        [
            .. request.Prices.Select(price => new NewPrice(
                price.Meter,
                Dimensions.Of(price.Match ?? new Dictionary<string, string>()),
                price.UnitPrice,
                price.PerQuantity,
                price.EffectiveFrom)),
        ];
        var outcome = await books.Publish(
            parameters.Value.PriceBook,
            prices,
            context.Caller().Actor,
            context.IdempotentRequest(),
            cancellationToken);
        return outcome switch
        {
            PublishOutcome.Published published => TypedResults.Ok(new Page<PriceRow>([.. published.Versions.Select(PriceRow.Of)], null)),
            PublishOutcome.NoSuchBook => new Problem(PlatformProblems.NotFound, "There is no such price book."),
            PublishOutcome.Refused refused => new Problem(PricingProblems.PriceRefused, $"prices[{refused.Index}]: {refused.Reason}"),
            _ => throw new InvalidOperationException($"Publishing ended as {outcome}."),
        };
    }

    /// <summary><c>GET /v1/prices</c>.</summary>
    public static async Task<IResult> Prices(PriceBooks books, CancellationToken cancellationToken)
    {
        var snapshot = await books.Current(cancellationToken);
        var rows = snapshot.Versions
            .OrderBy(version => version.Meter, StringComparer.Ordinal)
            .ThenBy(version => version.Match.Text, StringComparer.Ordinal)
            .ThenBy(version => version.EffectiveFrom)
            .Select(PriceRow.Of);
        return TypedResults.Ok(new Page<PriceRow>([.. rows], null));
    }
}
