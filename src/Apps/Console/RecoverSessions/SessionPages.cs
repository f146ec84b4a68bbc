using Microsoft.AspNetCore.Http;
using Quoin.Accounts;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;
using Quoin.Payments;
using Quoin.Platform;

namespace Quoin.ConsolePages.RecoverSessions;

/// <summary>A page of payment sessions, as it is asked for.</summary>
/// <param name="Org">The organisation.</param>
/// <param name="View"><c>all</c> for those, too, that end by themselves.</param>
/// <param name="Scope"><c>all</c> for all organisations.</param>
/// <param name="Cursor">Where to go on.</param>
internal sealed record SessionListRequest(
    OrgId? Org = null, string? View = null, string? Scope = null, Cursor<Guid>? Cursor = null);

/// <summary>One payment session, as it is asked for.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Org">The organisation.</param>
/// <param name="Said">What was just done.</param>
internal sealed record SessionPageRequest(string Id, OrgId? Org = null, string? Said = null);

/// <summary>Payment sessions, newest first.</summary>
/// <param name="Sessions">A page of them.</param>
/// <param name="IsStuck">Whether only those are shown that do not end by themselves.</param>
/// <param name="IsAll">Whether of all organisations.</param>
/// <param name="Names">What the organisations in the list are called.</param>
/// <param name="Cursor">Where the page began; null on the first one.</param>
/// <param name="Next">Where the next one begins; null on the last one.</param>
public sealed record SessionList(
    IReadOnlyList<PaymentSession> Sessions,
    bool IsStuck,
    bool IsAll,
    IReadOnlyDictionary<OrgId, OrganisationProfile> Names,
    string? Cursor,
    string? Next);

/// <summary>One payment session.</summary>
/// <param name="Session">The session.</param>
/// <param name="Account">Whose.</param>
/// <param name="Said">What was just done, or why nothing was; null nothing.</param>
/// <param name="IsComplaint">Whether nothing was.</param>
public sealed record SessionDetail(PaymentSession Session, BillingAccountProfile? Account, string? Said, bool IsComplaint);

/// <summary>Shows payment sessions, and goes on with those that do not end by themselves.</summary>
internal sealed class SessionPages(PaymentSessions sessions, Organisations organisations)
{
    /// <summary><c>GET /console/finance/sessions</c>.</summary>
    public static Task<IResult> List(
        Parameters<SessionListRequest> parameters,
        Visits visits,
        SessionPages pages,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        frame => pages.Listed(frame, parameters.Value, cancellationToken),
        cancellationToken);

    /// <summary><c>GET /console/finance/sessions/{id}</c>.</summary>
    public static Task<IResult> One(
        Parameters<SessionPageRequest> parameters,
        Visits visits,
        SessionPages pages,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        frame => pages.Detail(frame, parameters.Value.Id, SessionText.Said(parameters.Value.Said), false, cancellationToken),
        cancellationToken);

    /// <summary><c>POST /console/finance/sessions/{id}</c>.</summary>
    public static Task<IResult> Act(
        Parameters<SessionPageRequest> parameters,
        Visits visits,
        SessionPages pages,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame =>
        {
            var form = await PostedForm.Read(context.Request, cancellationToken);
            var id = parameters.Value.Id;
            var complaint = form.IsText("reason", Quoin.Payments.Limits.ReasonCharactersMax)
                ? await pages.Do(frame, id, form["act"], form["reason"], cancellationToken)
                : "Say why, in one line.";
            return complaint is null
                ? PostedForm.SeeOther(context, frame.To(Places.OfSession(id), ("said", form["act"])))
                : await pages.Detail(frame, id, complaint, true, cancellationToken);
        },
        cancellationToken);

    private async Task<IResult> Listed(Frame frame, SessionListRequest request, CancellationToken cancellationToken)
    {
        var (isStuck, isAll) = (request.View != "all", request.Scope == "all");
        var limit = new PageLimit(Limits.RowsPerPage);
        var rows = await sessions.List(
            isAll ? null : frame.RequiredOrg.Id, null, isStuck, request.Cursor?.Keys, limit.RowsToFetch, cancellationToken);
        var page = Page.Of(rows, limit, PaymentSessions.PlaceOf);
        return frame.Page<SessionsView, SessionList>(new(
            page.Data,
            isStuck,
            isAll,
            await organisations.FindMany([.. page.Data.Select(row => row.OrganisationId).Distinct()], cancellationToken),
            request.Cursor?.ToString(),
            page.NextCursor));
    }

    private async Task<IResult> Detail(
        Frame frame, string id, string? said, bool isComplaint, CancellationToken cancellationToken)
    {
        var org = frame.RequiredOrg.Id;
        return await sessions.Find(org, id, cancellationToken) is { } session
            ? frame.Page<SessionView, SessionDetail>(
                new(
                    session,
                    await organisations.FindBillingAccount(org, session.BillingAccountId, cancellationToken),
                    said,
                    isComplaint),
                isComplaint ? StatusCodes.Status409Conflict : StatusCodes.Status200OK)
            : frame.NotFound("payment session");
    }

    private async Task<string?> Do(
        Frame frame, string id, string act, string reason, CancellationToken cancellationToken)
    {
        var (org, actor) = (frame.RequiredOrg.Id, frame.Caller.Actor);
        if (await sessions.Find(org, id, cancellationToken) is not { } session)
        {
            return "It is not there.";
        }

        Task<SessionOutcome>? doing = (act, session) switch
        {
            ("recover", { RequestId: { } request }) =>
                sessions.Recover(org, request, reason, actor, cancellationToken),
            ("requery", { CheckoutId: { } checkout }) => sessions.Requery(org, checkout, reason, actor, cancellationToken),
            ("expire", { CheckoutId: { } checkout }) => sessions.Expire(org, checkout, reason, actor, cancellationToken),
            ("release", { CheckoutId: { } checkout }) => sessions.Release(org, checkout, reason, actor, cancellationToken),
            _ => null,
        };
        return doing is null ? "Press one of the buttons." : SessionText.Complaint(await doing);
    }
}
