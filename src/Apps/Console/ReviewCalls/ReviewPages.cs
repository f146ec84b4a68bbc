using System.Globalization;
using Microsoft.AspNetCore.Http;
using Quoin.Accounts;
using Quoin.ConsolePages.Shell;
using Quoin.Inference;
using Quoin.Kernel;
using Quoin.Platform;
using Quoin.Pricing;

namespace Quoin.ConsolePages.ReviewCalls;

/// <summary>Calls that somebody has to look into.</summary>
/// <param name="Reviews">The calls, the oldest first.</param>
/// <param name="Names">What their organisations are called.</param>
/// <param name="Books">The books where prices belong, by currency.</param>
/// <param name="Now">What time it is.</param>
/// <param name="Said">What was just done, or why nothing was; null nothing.</param>
/// <param name="IsComplaint">Whether nothing was.</param>
/// <param name="Cursor">Where the page begins; null on the first one.</param>
/// <param name="Next">Where the next page begins; null on the last one.</param>
public sealed record ReviewList(
    IReadOnlyList<ReviewView> Reviews,
    IReadOnlyDictionary<OrgId, string> Names,
    IReadOnlyDictionary<Currency, PriceBook> Books,
    DateTimeOffset Now,
    string? Said,
    bool IsComplaint,
    string? Cursor,
    string? Next);

/// <summary>Shows calls that nobody could settle, and decides about them.</summary>
internal sealed class ReviewPages(
    GatewayDesk desk, Organisations organisations, PriceBooks prices, TimeProvider time)
{
    /// <summary><c>GET /console/models/reviews</c>.</summary>
    public static Task<IResult> List(
        Visits visits, ReviewPages pages, HttpContext context, CancellationToken cancellationToken) => visits.ShowPlatform(
        context,
        FormText.Org(context.Request),
        frame => pages.Listed(
            frame, context.Request, Said(FormText.Of(context.Request, "said")), false, cancellationToken),
        cancellationToken);

    /// <summary><c>POST /console/models/reviews</c>.</summary>
    public static Task<IResult> Act(
        Visits visits, ReviewPages pages, HttpContext context, CancellationToken cancellationToken) => visits.ShowPlatform(
        context,
        FormText.Org(context.Request),
        async frame =>
        {
            var form = await PostedForm.Read(context.Request, cancellationToken);
            var complaint = await pages.Do(frame, form, cancellationToken);
            return complaint is null
                ? PostedForm.SeeOther(context, frame.To(Places.CallReviews, ("said", form["act"])))
                : await pages.Listed(frame, context.Request, complaint, true, cancellationToken);
        },
        cancellationToken);

    private async Task<IResult> Listed(
        Frame frame, HttpRequest request, string? said, bool isComplaint, CancellationToken cancellationToken)
    {
        var cursor = Cursor<CallId>.Read(FormText.Of(request, "cursor") ?? string.Empty);
        var page = await desk.Reviews(null, cursor?.Keys, new PageLimit(Limits.RowsPerPage), cancellationToken);
        var found = await organisations.FindMany(
            [.. page.Data.Select(one => one.Organisation).Distinct()], cancellationToken);
        return frame.Page<ReviewsView, ReviewList>(
            new(
                page.Data,
                found.ToDictionary(pair => pair.Key, pair => pair.Value.Name),
                (await prices.Books(cancellationToken)).Where(book => book.IsDefault).ToDictionary(book => book.Currency),
                time.GetUtcNow(),
                said,
                isComplaint,
                cursor?.ToString(),
                page.NextCursor),
            isComplaint ? StatusCodes.Status409Conflict : StatusCodes.Status200OK);
    }

    private async Task<string?> Do(Frame frame, PostedForm form, CancellationToken cancellationToken)
    {
        if (!Id.TryParse<OrgId>(form["organisation"], out var org) || !Id.TryParse<CallId>(form["request"], out var call))
        {
            return "There is no such request.";
        }

        var actor = frame.Caller.Actor;
        var decision = new ReviewDecision(form["reason"]);
        var attached = Attached(form);
        if ((form["act"] == "attach" ? attached.FindProblem() : decision.FindProblem()) is { } problem)
        {
            return char.ToUpperInvariant(problem[0]) + problem[1..] + ".";
        }

        return Complaint(form["act"] switch
        {
            "attach" => await desk.Attach(org, call, attached, actor, cancellationToken),
            "settle" => await desk.Settle(org, call, decision, actor, cancellationToken),
            "waive" => await desk.Waive(org, call, decision, actor, cancellationToken),
            _ => new ReviewOutcome.NotFound(),
        });
    }

    private static AttachedUsage Attached(PostedForm form) => new(
        form["provider"],
        form["model"],
        form["reason"],
        Count(form["input"]),
        Count(form["cached"]),
        Count(form["written"]),
        Count(form["output"]));

    // Empty is none; what is no number is one that may not be, and the gateway says so.
    private static long Count(string text) =>
        text.Length == 0 ? 0
        : long.TryParse(text, NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out var count) ? count
        : -1;

    private static string? Said(string? act) => act switch
    {
        "attach" => "What it used is written down. Settle it, or waive it.",
        "settle" => "It is settled, and charged what it used.",
        "waive" => "It is waived: nothing is charged.",
        _ => null,
    };

    private static string? Complaint(ReviewOutcome outcome) => outcome switch
    {
        ReviewOutcome.Done => null,
        ReviewOutcome.Over => "It is in review no more, or just changed. Nothing was done.",
        ReviewOutcome.NotKnown => "Nobody knows yet what it used. Attach that first.",
        ReviewOutcome.NotPriced(var meters) => $"No price counts {string.Join(", ", meters)} of this model. Publish one, or waive it.",
        ReviewOutcome.Unavailable => "Whether its reservation is given back could not be found out. Try again.",
        _ => "There is no such request.",
    };
}

/// <summary>Reviews, in words.</summary>
public static class ReviewText
{
    /// <summary>Why somebody has to look into a call.</summary>
    public static string Of(string? review) => review switch
    {
        "lost" => "Its host died",
        "no_price" => "Nothing prices it",
        "not_recorded" => "Its usage was not taken",
        _ => review ?? string.Empty,
    };
}
