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
/// <param name="MaySellBelowCost">Whether a price may ask less than its <c>cost</c>; refused where left out.</param>
internal sealed record PublishRequest(IReadOnlyList<PriceInput> Prices, bool MaySellBelowCost = false);

/// <summary>A price to publish: a unit price, or terms that say more.</summary>
/// <param name="Meter">The meter's key.</param>
/// <param name="UnitPrice">Units of the book's currency for <c>per_quantity</c> of usage, as text; instead of terms.</param>
/// <param name="PerQuantity">The quantity the unit price is for: 1, 1000, 1000000, or 3600 for a price an hour.</param>
/// <param name="Match">The dimensions usage must have, such as <c>{"model":"gpt-4o"}</c>; none matches all.</param>
/// <param name="EffectiveFrom">A quarter hour, UTC; a first price may leave it out and holds for all usage.</param>
/// <param name="Terms">Tiers, packages, cells, allowances and the rest; instead of a unit price.</param>
/// <param name="Cost">What the usage costs the operator.</param>
/// <param name="GroupBy">Dimensions whose values are rated apart, each from its own first unit.</param>
/// <param name="Scale">Digits after the point a period's amount is rounded to; left out, 6: micros.</param>
internal sealed record PriceInput(
    string Meter,
    decimal? UnitPrice = null,
    decimal? PerQuantity = null,
    IReadOnlyDictionary<string, string>? Match = null,
    DateTimeOffset? EffectiveFrom = null,
    TermsDocument? Terms = null,
    TermsDocument? Cost = null,
    IReadOnlyList<string>? GroupBy = null,
    int? Scale = null)
{
    /// <summary>The price it means, or why it means none.</summary>
    public (NewPrice? Price, string? Problem) Read()
    {
        if (Cost?.Read() is TermsOutcome.Refused bad)
        {
            return (null, $"cost: {bad.Reason}.");
        }

        var cost = (Cost?.Read() as TermsOutcome.Read)?.Terms;
        var terms = this switch
        {
            { Terms: { } given, UnitPrice: null, PerQuantity: null } => given.ReadOver(cost),
            { Terms: null, UnitPrice: { } unitPrice, PerQuantity: { } per } when per > 0 =>
                new TermsOutcome.Read(PriceTerms.PerUnit(unitPrice, per)),
            _ => new TermsOutcome.Refused("give unit_price and a positive per_quantity, or terms"),
        };
        return terms switch
        {
            TermsOutcome.Read read => (
                new NewPrice(Meter, Dimensions.Of(Match ?? new Dictionary<string, string>()), read.Terms, EffectiveFrom)
                {
                    Cost = cost,
                    GroupBy = GroupBy ?? [],
                    Scale = Scale ?? PriceVersion.ScaleMax,
                },
                null),
            TermsOutcome.Refused refused => (null, $"terms: {refused.Reason}."),
            _ => throw new InvalidOperationException($"Reading terms ended as {terms}."),
        };
    }
}

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
/// <param name="UnitPrice">Units of currency for <c>per_quantity</c>; null where the terms say more.</param>
/// <param name="PerQuantity">The quantity the unit price is for; null where the terms say more.</param>
/// <param name="Terms">All it says.</param>
/// <param name="Cost">What the usage costs the operator; null where nobody said.</param>
/// <param name="GroupBy">The dimensions whose values are rated apart.</param>
/// <param name="Scale">Digits after the point a period's amount is rounded to.</param>
/// <param name="Hash">SHA-256 of all it says; rated lines carry it.</param>
/// <param name="EffectiveFrom">The first instant it holds, on a quarter hour.</param>
/// <param name="PublishedAt">When it was published.</param>
internal sealed record PriceRow(
    PriceVersionId Id,
    PriceBookId PriceBook,
    PriceComponentId Component,
    Currency Currency,
    string Meter,
    IReadOnlyDictionary<string, string> Match,
    decimal? UnitPrice,
    long? PerQuantity,
    TermsDocument Terms,
    TermsDocument? Cost,
    IReadOnlyList<string> GroupBy,
    int Scale,
    string Hash,
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
        TermsDocument.Of(version.Terms),
        version.Cost is null ? null : TermsDocument.Of(version.Cost),
        version.GroupBy,
        version.Scale,
        version.Hash,
        version.EffectiveFrom,
        version.PublishedAt);
}

/// <summary>A page of published prices, by meter, dimensions and time.</summary>
/// <param name="Limit">How many.</param>
/// <param name="Cursor">Where to go on.</param>
/// <param name="PriceBook">Only this book's.</param>
/// <param name="Meter">Only this meter's.</param>
internal sealed record PricePageRequest(
    PageLimit Limit,
    Cursor<(string Meter, string Match, DateTimeOffset From, PriceVersionId Id)>? Cursor = null,
    PriceBookId? PriceBook = null,
    string? Meter = null);

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

        var prices = new List<NewPrice>(request.Prices.Count);
        foreach (var (index, input) in request.Prices.Index())
        {
            var (price, problem) = input.Read();
            if (price is null)
            {
                return new Problem(PricingProblems.PriceRefused, $"prices[{index}]: {problem}");
            }

            prices.Add(price);
        }

        var outcome = await books.Publish(
            parameters.Value.PriceBook,
            prices,
            request.MaySellBelowCost,
            context.Caller().Actor,
            context.IdempotentRequest(),
            cancellationToken);
        return outcome switch
        {
            PublishOutcome.Published published => TypedResults.Ok(new Page<PriceRow>([.. published.Versions.Select(PriceRow.Of)], null)),
            PublishOutcome.NoSuchBook => new Problem(PlatformProblems.NotFound, "There is no such price book."),
            PublishOutcome.Refused refused => new Problem(PricingProblems.PriceRefused, $"prices[{refused.Index}]: {refused.Reason}"),
            PublishOutcome.BelowCost below => new Problem(PricingProblems.PriceBelowCost, $"prices[{below.Index}]: {below.Reason}"),
            _ => throw new InvalidOperationException($"Publishing ended as {outcome}."),
        };
    }

    /// <summary><c>GET /v1/prices</c>.</summary>
    public static async Task<IResult> Prices(
        Parameters<PricePageRequest> parameters, PriceBooks books, CancellationToken cancellationToken)
    {
        var request = parameters.Value;
        var rows = (await books.Current(cancellationToken)).Versions
            .Where(version => (request.PriceBook ?? version.Book) == version.Book && (request.Meter ?? version.Meter) == version.Meter)
            .Where(version => request.Cursor is null || IsAfter(version, request.Cursor.Keys))
            .OrderBy(version => version.Meter, StringComparer.Ordinal)
            .ThenBy(version => version.Match.Text, StringComparer.Ordinal)
            .ThenBy(version => version.EffectiveFrom)
            .ThenBy(version => version.Id.Value)
            .Take(request.Limit.RowsToFetch)
            .ToList();
        return TypedResults.Ok(Page.Of(
            rows, request.Limit, version => (version.Meter, version.Match.Text, version.EffectiveFrom, version.Id), PriceRow.Of));
    }

    private static bool IsAfter(PriceVersion version, (string Meter, string Match, DateTimeOffset From, PriceVersionId Id) last)
    {
        var meter = string.CompareOrdinal(version.Meter, last.Meter);
        var match = string.CompareOrdinal(version.Match.Text, last.Match);
        return meter > 0
            || (meter == 0 && match > 0)
            || (meter == 0 && match == 0
                && (version.EffectiveFrom, version.Id.Value).CompareTo((last.From, last.Id.Value)) > 0);
    }
}
