using Microsoft.AspNetCore.Http;
using Quoin.Accounts;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;
using Quoin.Payments;
using Quoin.Platform;

namespace Quoin.ConsolePages.ExploreBilling;

/// <summary>What the page of billing events shows.</summary>
/// <param name="Query">What was looked for.</param>
/// <param name="IsAll">Whether all organisations are looked through.</param>
/// <param name="Events">A page of events, newest first.</param>
/// <param name="Accounts">The organisation's billing accounts, to choose one.</param>
/// <param name="Names">What the organisations in the list are called.</param>
/// <param name="Cursor">Where the page begins; null on the first one.</param>
/// <param name="Next">Where the next page begins; null on the last one.</param>
/// <param name="Complaint">What of the search cannot be; null where all can.</param>
public sealed record BillingEventList(
    BillingEventQuery Query,
    bool IsAll,
    IReadOnlyList<BillingEvent> Events,
    IReadOnlyList<BillingAccountProfile> Accounts,
    IReadOnlyDictionary<OrgId, OrganisationProfile> Names,
    string? Cursor,
    string? Next,
    string? Complaint);

/// <summary>One event and what belongs to it.</summary>
/// <param name="Trail">The trail.</param>
/// <param name="Account">Whose; null of none.</param>
public sealed record BillingEventDetail(BillingTrailAnswer Trail, BillingAccountProfile? Account);

/// <summary>Shows what happened in billing, whatever keeps it, and follows one piece of it.</summary>
internal sealed class BillingEventPages(BillingTrail trail, Organisations organisations)
{
    /// <summary><c>GET /console/finance/events</c>.</summary>
    public static Task<IResult> List(
        Visits visits, BillingEventPages pages, HttpContext context, CancellationToken cancellationToken) => visits.Show(
        context,
        FormText.Org(context.Request),
        frame => pages.Search(frame, context.Request, cancellationToken),
        cancellationToken);

    /// <summary><c>GET /console/finance/events/{id}</c>.</summary>
    public static Task<IResult> One(
        string id, Visits visits, BillingEventPages pages, HttpContext context, CancellationToken cancellationToken) =>
        visits.Show(
            context,
            FormText.Org(context.Request),
            frame => pages.Follow(frame, id, context.Request, cancellationToken),
            cancellationToken);

    private async Task<IResult> Search(Frame frame, HttpRequest request, CancellationToken cancellationToken)
    {
        var isAll = request.Query["scope"] == "all";
        var (query, complaint) = Read(request, isAll ? null : frame.RequiredOrg.Id);
        var cursor = FormText.Of(request, "cursor") is { } text ? Cursor<Guid>.Read(text) : null;
        var limit = new PageLimit(Limits.RowsPerPage);
        var rows = complaint is null
            ? await trail.Search(query, cursor?.Keys, limit.RowsToFetch, cancellationToken)
            : [];
        var page = Page.Of(rows, limit, BillingTrail.PlaceOf);
        var model = new BillingEventList(
            query,
            isAll,
            page.Data,
            await organisations.BillingAccountsOf(frame.RequiredOrg.Id, cancellationToken),
            await organisations.FindMany([.. page.Data.Select(row => row.OrganisationId).OfType<OrgId>().Distinct()], cancellationToken),
            cursor?.ToString(),
            page.NextCursor,
            complaint);
        return frame.Page<BillingEventsView, BillingEventList>(
            model, complaint is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity);
    }

    // What cannot be read must not look like a search that found everything.
    private static (BillingEventQuery Query, string? Complaint) Read(HttpRequest request, OrgId? org)
    {
        var source = FormText.Of(request, "source");
        var kept = DeskText.Read<BillingSource>(source);
        var account = FormText.Of(request, "account");
        var (from, to) = (FormText.Of(request, "from"), FormText.Of(request, "to"));
        var isAccount = Id.TryParse<BillingAccountId>(account ?? string.Empty, out var named);
        var query = new BillingEventQuery(
            org,
            isAccount ? named : null,
            kept,
            FormText.Of(request, "type"),
            FormText.Of(request, "status"),
            FormText.Instant(from),
            FormText.Instant(to),
            FormText.Of(request, "reference"));
        var complaint = (from is not null && query.From is null) || (to is not null && query.To is null)
            ? "A time is written like 2026-11-21T09:00, in UTC."
            : query.To <= query.From ? "The time it ends is not after the time it begins."
            : source is not null && kept is null ? "There is no such source."
            : account is not null && !isAccount ? "There is no such billing account."
            : null;
        return (query, complaint);
    }

    // What belongs to no organisation is seen from each of them.
    private async Task<IResult> Follow(Frame frame, string id, HttpRequest request, CancellationToken cancellationToken)
    {
        var org = frame.RequiredOrg.Id;
        if (await trail.Follow(request.Query["scope"] == "all" ? null : org, id, cancellationToken) is not { } found)
        {
            return frame.NotFound("billing event");
        }

        var account = found.Event is { OrganisationId: { } owner, BillingAccountId: { } named }
            ? await organisations.FindBillingAccount(owner, named, cancellationToken)
            : null;
        return frame.Page<TrailView, BillingEventDetail>(new(found, account));
    }
}
