using Microsoft.AspNetCore.Http;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;
using Quoin.Platform;
using Quoin.Pricing;

namespace Quoin.ConsolePages.BrowsePrices;

/// <summary>Books, or one of them.</summary>
/// <param name="Org">The organisation that stands in the menu.</param>
/// <param name="Book">The book.</param>
/// <param name="Search">Only components whose meter or dimensions hold this.</param>
/// <param name="Page">Which page of components, from one.</param>
internal sealed record BooksRequest(OrgId? Org = null, PriceBookId? Book = null, string? Search = null, int? Page = null);

/// <summary>One component of a book.</summary>
/// <param name="Book">The book.</param>
/// <param name="Component">The component.</param>
/// <param name="Org">The organisation that stands in the menu.</param>
internal sealed record ComponentRequest(PriceBookId Book, PriceComponentId Component, OrgId? Org = null);

/// <summary>All books.</summary>
/// <param name="Books">The books, by name, with how many components each has.</param>
/// <param name="Complaint">Why a new one could not be made; null when nobody asked or it could.</param>
public sealed record BookList(IReadOnlyList<(PriceBook Book, int Components)> Books, string? Complaint);

/// <summary>A component and its versions.</summary>
/// <param name="Versions">The newest first; at least one.</param>
/// <param name="InForce">The one in force; null where the first one is to come.</param>
public sealed record ComponentVersions(IReadOnlyList<PriceVersion> Versions, PriceVersion? InForce)
{
    /// <summary>The newest version, in force or to come.</summary>
    public PriceVersion Newest => Versions[0];

    /// <summary>The component's id.</summary>
    public PriceComponentId Id => Newest.Component;

    /// <summary>The components of a book, by meter and match.</summary>
    public static IReadOnlyList<ComponentVersions> Of(PriceSnapshot prices, PriceBookId book, DateTimeOffset now) =>
    [
        .. prices.Versions
            .Where(version => version.Book == book)
            .GroupBy(version => version.Component)
            .Select(group => group.OrderByDescending(version => version.EffectiveFrom).ToList())
            .Select(versions => new ComponentVersions(versions, versions.Find(version => version.EffectiveFrom <= now)))
            .OrderBy(component => component.Newest.Meter, StringComparer.Ordinal)
            .ThenBy(component => component.Newest.Match.Text, StringComparer.Ordinal),
    ];
}

/// <summary>One book.</summary>
/// <param name="Book">The book.</param>
/// <param name="Components">A page of its components.</param>
/// <param name="Found">How many there are in all.</param>
/// <param name="Search">What was searched for.</param>
/// <param name="PageNumber">Which page, from one.</param>
public sealed record BookDetail(
    PriceBook Book, IReadOnlyList<ComponentVersions> Components, int Found, string? Search, int PageNumber);

/// <summary>One component.</summary>
/// <param name="Book">Its book.</param>
/// <param name="Component">Its versions.</param>
/// <param name="Now">The time.</param>
public sealed record ComponentDetail(PriceBook Book, ComponentVersions Component, DateTimeOffset Now);

/// <summary>Shows price books, what they charge for and how that changed.</summary>
internal static class PricePages
{
    /// <summary><c>GET /console/prices</c>.</summary>
    public static Task<IResult> List(
        Parameters<BooksRequest> parameters,
        Visits visits,
        PriceBooks prices,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        frame => List(frame, prices, complaint: null, cancellationToken),
        cancellationToken);

    /// <summary><c>POST /console/prices</c>: makes a book.</summary>
    public static Task<IResult> Create(
        Parameters<BooksRequest> parameters,
        Visits visits,
        PriceBooks prices,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame =>
        {
            var form = await PostedForm.Read(context.Request, cancellationToken);
            if (!form.IsText("name", Pricing.Limits.NameLettersMax) || !Currency.TryParse(form["currency"], out var currency))
            {
                return await List(frame, prices, "A book has a name and a currency of three to five capital letters.", cancellationToken);
            }

            var outcome = await prices.Create(
                form["name"], currency, form["default"].Length > 0, frame.Caller.Actor, cancellationToken);
            return outcome switch
            {
                CreateBookOutcome.Created(var book) => PostedForm.SeeOther(context, frame.To(Places.Of(book.Id))),
                CreateBookOutcome.Taken(var reason) => await List(frame, prices, reason, cancellationToken),
                _ => throw new InvalidOperationException($"Making a book ended as {outcome}."),
            };
        },
        cancellationToken);

    /// <summary><c>GET /console/prices/{book}</c>.</summary>
    public static Task<IResult> One(
        Parameters<BooksRequest> parameters,
        Visits visits,
        PriceBooks prices,
        TimeProvider time,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame =>
        {
            var request = parameters.Value;
            var snapshot = await prices.Current(cancellationToken);
            var books = await prices.Books(cancellationToken);
            if (books.FirstOrDefault(one => one.Id == request.Book) is not { } book)
            {
                return frame.NotFound("price book");
            }

            var search = FormText.Of(request.Search);
            var found = ComponentVersions.Of(snapshot, book.Id, time.GetUtcNow())
                .Where(component => search is null
                    || component.Newest.Meter.Contains(search, StringComparison.OrdinalIgnoreCase)
                    || component.Newest.Match.Text.Contains(search, StringComparison.OrdinalIgnoreCase))
                .ToList();
            var page = Math.Clamp(request.Page ?? 1, 1, Math.Max(1, (found.Count + Limits.RowsPerPage - 1) / Limits.RowsPerPage));
            return frame.Page<BookView, BookDetail>(new(
                book,
                [.. found.Skip((page - 1) * Limits.RowsPerPage).Take(Limits.RowsPerPage)],
                found.Count,
                search,
                page));
        },
        cancellationToken);

    /// <summary><c>GET /console/prices/{book}/components/{component}</c>.</summary>
    public static Task<IResult> Component(
        Parameters<ComponentRequest> parameters,
        Visits visits,
        PriceBooks prices,
        TimeProvider time,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame =>
        {
            var (bookId, componentId, _) = parameters.Value;
            var snapshot = await prices.Current(cancellationToken);
            var book = (await prices.Books(cancellationToken)).FirstOrDefault(one => one.Id == bookId);
            var component = ComponentVersions.Of(snapshot, bookId, time.GetUtcNow()).FirstOrDefault(one => one.Id == componentId);
            return book is not null && component is not null
                ? frame.Page<ComponentView, ComponentDetail>(new(book, component, time.GetUtcNow()))
                : frame.NotFound("price");
        },
        cancellationToken);

    private static async Task<IResult> List(
        Frame frame, PriceBooks prices, string? complaint, CancellationToken cancellationToken)
    {
        var snapshot = await prices.Current(cancellationToken);
        var books = await prices.Books(cancellationToken);
        var counts = snapshot.Versions
            .GroupBy(version => version.Book)
            .ToDictionary(group => group.Key, group => group.DistinctBy(version => version.Component).Count());
        return frame.Page<BooksView, BookList>(
            new([.. books.Select(book => (book, counts.GetValueOrDefault(book.Id)))], complaint),
            complaint is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity);
    }
}
