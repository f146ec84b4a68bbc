using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Quoin.Platform;

namespace Quoin.Pricing.Internal;

/// <summary>How to import a file of prices.</summary>
/// <param name="PriceBook">The book, in USD.</param>
/// <param name="Format"><c>genai</c> or <c>litellm</c>.</param>
/// <param name="Provider">
/// Only this provider's models, matched by <c>model</c> alone; left out, all, matched by <c>provider</c> too where several of
/// them offer the model at different prices.
/// </param>
/// <param name="Markup">What is added to the file's prices, which are kept as costs: <c>0.2</c> is a fifth.</param>
internal sealed record ImportRequest(PriceBookId PriceBook, string Format, string? Provider = null, string? Markup = null);

/// <summary><c>POST /v1/price-books/{price_book}/imports</c>: a public file of model prices becomes a draft.</summary>
internal static class ImportPrices
{
    public static async Task<IResult> Handle(
        Parameters<ImportRequest> parameters,
        JsonElement file,
        PriceDrafts drafts,
        PriceBooks books,
        TimeProvider time,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var request = parameters.Value;
        var book = (await books.Books(cancellationToken)).FirstOrDefault(book => book.Id == request.PriceBook);
        if (book is null)
        {
            return new Problem(PlatformProblems.NotFound, "There is no such price book.");
        }

        if (book.Currency.Code != "USD")
        {
            return Refused("These files are in USD, and the price book is not.");
        }

        decimal? markup = null;
        if (request.Markup is not null)
        {
            if (!ExactNumber.TryParse(request.Markup, out var rate) || rate is < 0 or > Limits.MarkupMax)
            {
                return Refused($"A markup is 0 to {Limits.MarkupMax}.");
            }

            markup = rate;
        }

        try
        {
            var settings = new ImportSettings(request.Provider, markup, time.GetUtcNow())
            {
                PricedByProvider = PricedByProvider(await books.Current(cancellationToken), book.Id),
            };
            var imported = Read(request.Format, file, settings);
            return DraftEndpoints.Shown(
                await drafts.Create(
                    book.Id,
                    $"imported from {request.Format}",
                    imported.Prices,
                    imported.Report,
                    context.Caller().Actor,
                    context.IdempotentRequest(),
                    cancellationToken),
                StatusCodes.Status201Created);
        }
        catch (UnreadablePrices unreadable)
        {
            return Refused(unreadable.Message);
        }
    }

    private static HashSet<(string Provider, string Model)> PricedByProvider(PriceSnapshot prices, PriceBookId book) =>
    [
        .. prices.Versions
            .Where(version => version.Book == book)
            .Select(version => version.Match.ToDictionary())
            .Where(match => match.Count == 2 && match.ContainsKey("provider") && match.ContainsKey("model"))
            .Select(match => (match["provider"], match["model"])),
    ];

    /// <summary>Reads a file of a format.</summary>
    /// <exception cref="UnreadablePrices">It is not of its format.</exception>
    private static ImportedPrices Read(string format, JsonElement file, ImportSettings settings) => format switch
    {
        GenaiPrices.Format => GenaiPrices.Read(file, settings),
        LiteLlmPrices.Format => LiteLlmPrices.Read(file, settings),
        _ => throw new UnreadablePrices($"'{format}' is no format; there are genai and litellm."),
    };

    private static Problem Refused(string reason) => new(PricingProblems.PriceImportRefused, reason);
}
