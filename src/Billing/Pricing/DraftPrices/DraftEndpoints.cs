using Microsoft.AspNetCore.Http;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Pricing.Internal;

/// <summary>Prices to keep as a draft.</summary>
/// <param name="Prices">The prices, as they would be published.</param>
/// <param name="Note">What it is for.</param>
internal sealed record DraftRequest(IReadOnlyList<PriceInput> Prices, string Note = "");

/// <summary>When a draft begins to hold.</summary>
/// <param name="EffectiveFrom">
/// A quarter hour at least five minutes ahead, for prices that change and name no time of their own; new ones hold for
/// all usage.
/// </param>
/// <param name="MaySellBelowCost">Whether a price may ask less than its <c>cost</c>; refused where left out.</param>
internal sealed record PublishDraftRequest(DateTimeOffset? EffectiveFrom = null, bool MaySellBelowCost = false);

/// <summary>Which draft.</summary>
/// <param name="PriceDraft">Its id.</param>
internal sealed record DraftPath(PriceDraftId PriceDraft);

/// <summary>A page of drafts, newest first.</summary>
/// <param name="Limit">How many.</param>
/// <param name="Cursor">Where to go on.</param>
internal sealed record DraftPageRequest(PageLimit Limit, Cursor<(DateTimeOffset CreatedAt, PriceDraftId Id)>? Cursor = null);

/// <summary>A page of what a draft changes.</summary>
/// <param name="PriceDraft">Its id.</param>
/// <param name="Limit">How many.</param>
/// <param name="Cursor">Where to go on.</param>
/// <param name="Change">Only <c>added</c>, <c>changed</c> or <c>unchanged</c> ones.</param>
internal sealed record DiffPageRequest(
    PriceDraftId PriceDraft, PageLimit Limit, Cursor<int>? Cursor = null, PriceChangeKind? Change = null);

/// <summary>A draft of prices.</summary>
/// <param name="Id">Its id.</param>
/// <param name="PriceBook">The book it would be published in.</param>
/// <param name="Note">What it is for.</param>
/// <param name="Status"><c>open</c>, <c>published</c> or <c>discarded</c>; only an open one may change.</param>
/// <param name="PriceCount">How many prices it holds.</param>
/// <param name="Import">What an import made of its file; null where prices were written by hand.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ChangedAt">When it changed last.</param>
internal sealed record DraftRow(
    PriceDraftId Id,
    PriceBookId PriceBook,
    string Note,
    string Status,
    int PriceCount,
    ImportReport? Import,
    DateTimeOffset CreatedAt,
    DateTimeOffset ChangedAt)
{
    public static DraftRow Of(PriceDraft draft) => new(
        draft.Id, draft.Book, draft.Note, draft.Status, draft.Prices.Count, draft.Report, draft.CreatedAt, draft.ChangedAt);
}

/// <summary>One price of a draft beside the newest published one.</summary>
/// <param name="Change"><c>added</c>, <c>changed</c> or <c>unchanged</c>.</param>
/// <param name="Meter">The meter.</param>
/// <param name="Match">The dimensions usage must have.</param>
/// <param name="EffectiveFrom">When it would begin; null is said when it is published.</param>
/// <param name="Before">The newest published terms; null where there are none.</param>
/// <param name="After">The draft's terms.</param>
/// <param name="CostBefore">The newest published cost.</param>
/// <param name="CostAfter">The draft's cost.</param>
internal sealed record DiffRow(
    PriceChangeKind Change,
    string Meter,
    IReadOnlyDictionary<string, string> Match,
    DateTimeOffset? EffectiveFrom,
    TermsDocument? Before,
    TermsDocument After,
    TermsDocument? CostBefore,
    TermsDocument? CostAfter)
{
    public static DiffRow Of(PriceChange change) => new(
        change.Kind,
        change.Price.Meter,
        change.Price.Match.ToDictionary(),
        change.Price.EffectiveFrom,
        change.Before is null ? null : TermsDocument.Of(change.Before.Terms),
        TermsDocument.Of(change.Price.Terms),
        change.Before?.Cost is null ? null : TermsDocument.Of(change.Before.Cost),
        change.Price.Cost is null ? null : TermsDocument.Of(change.Price.Cost));
}

/// <summary>The endpoints of drafts.</summary>
internal static class DraftEndpoints
{
    /// <summary><c>POST /v1/price-books/{price_book}/drafts</c>.</summary>
    public static async Task<IResult> Create(
        Parameters<BookPath> parameters,
        DraftRequest request,
        PriceDrafts drafts,
        HttpContext context,
        CancellationToken cancellationToken) => Shown(
            await drafts.Create(
                parameters.Value.PriceBook,
                request.Note,
                request.Prices,
                null,
                context.Caller().Actor,
                context.IdempotentRequest(),
                cancellationToken),
            StatusCodes.Status201Created);

    /// <summary><c>GET /v1/price-drafts</c>.</summary>
    public static async Task<IResult> List(
        Parameters<DraftPageRequest> parameters, PriceDrafts drafts, CancellationToken cancellationToken)
    {
        var (limit, cursor) = (parameters.Value.Limit, parameters.Value.Cursor);
        var rows = await drafts.Newest(cursor?.Keys, limit.RowsToFetch, cancellationToken);
        return TypedResults.Ok(Page.Of(rows, limit, draft => (draft.CreatedAt, draft.Id)));
    }

    /// <summary><c>GET /v1/price-drafts/{price_draft}</c>.</summary>
    public static async Task<IResult> Show(
        Parameters<DraftPath> parameters, PriceDrafts drafts, CancellationToken cancellationToken) =>
        await drafts.Find(parameters.Value.PriceDraft, cancellationToken) is { } draft
            ? TypedResults.Ok(DraftRow.Of(draft))
            : NoSuchDraft();

    /// <summary><c>GET /v1/price-drafts/{price_draft}/diff</c>.</summary>
    public static async Task<IResult> Diff(
        Parameters<DiffPageRequest> parameters,
        PriceDrafts drafts,
        PriceBooks books,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        var request = parameters.Value;
        if (await drafts.Find(request.PriceDraft, cancellationToken) is not { } draft)
        {
            return NoSuchDraft();
        }

        var rows = PriceDiff.Of(draft, await books.Current(cancellationToken), time.GetUtcNow())
            .Index()
            .Where(row => row.Index > (request.Cursor?.Keys ?? -1) && (request.Change ?? row.Item.Kind) == row.Item.Kind)
            .Take(request.Limit.RowsToFetch)
            .ToList();
        return TypedResults.Ok(Page.Of(rows, request.Limit, row => row.Index, row => DiffRow.Of(row.Item)));
    }

    /// <summary><c>PUT /v1/price-drafts/{price_draft}</c>.</summary>
    public static async Task<IResult> Replace(
        Parameters<DraftPath> parameters,
        DraftRequest request,
        PriceDrafts drafts,
        HttpContext context,
        CancellationToken cancellationToken) => Shown(await drafts.Replace(
            parameters.Value.PriceDraft,
            request.Note,
            request.Prices,
            context.Caller().Actor,
            context.IdempotentRequest(),
            cancellationToken));

    /// <summary><c>POST /v1/price-drafts/{price_draft}/publish</c>.</summary>
    public static async Task<IResult> Publish(
        Parameters<DraftPath> parameters,
        PublishDraftRequest request,
        PriceDrafts drafts,
        HttpContext context,
        CancellationToken cancellationToken) => Shown(await drafts.Publish(
            parameters.Value.PriceDraft,
            request.EffectiveFrom,
            request.MaySellBelowCost,
            context.Caller().Actor,
            context.IdempotentRequest(),
            cancellationToken));

    /// <summary><c>DELETE /v1/price-drafts/{price_draft}</c>.</summary>
    public static async Task<IResult> Discard(
        Parameters<DraftPath> parameters, PriceDrafts drafts, HttpContext context, CancellationToken cancellationToken) =>
        Shown(await drafts.Discard(
            parameters.Value.PriceDraft, context.Caller().Actor, context.IdempotentRequest(), cancellationToken));

    /// <summary>A draft's outcome as an answer.</summary>
    public static IResult Shown(DraftOutcome outcome, int status = StatusCodes.Status200OK) => outcome switch
    {
        DraftOutcome.Done done => TypedResults.Json(DraftRow.Of(done.Draft), JsonConventions.Options, statusCode: status),
        DraftOutcome.NotFound missing => new Problem(PlatformProblems.NotFound, missing.Reason),
        DraftOutcome.Closed => new Problem(PricingProblems.PriceDraftClosed, "The draft is not open."),
        DraftOutcome.Refused refused => new Problem(PricingProblems.PriceRefused, refused.Reason),
        DraftOutcome.BelowCost below => new Problem(PricingProblems.PriceBelowCost, below.Reason),
        _ => throw new InvalidOperationException($"A draft ended as {outcome}."),
    };

    private static Problem NoSuchDraft() => new(PlatformProblems.NotFound, "There is no such draft.");
}
