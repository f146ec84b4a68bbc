using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.Accounts;
using Quoin.Charging;
using Quoin.ConsolePages.Shell;
using Quoin.Inference;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.ConsolePages.BrowseCalls;

/// <summary>Which call.</summary>
/// <param name="Request">Its id.</param>
/// <param name="Org">The organisation.</param>
internal sealed record CallRequest(CallId Request, OrgId? Org = null);

/// <summary>A page of calls, newest first.</summary>
/// <param name="Calls">The calls.</param>
/// <param name="Search">What they were searched by.</param>
/// <param name="Labels">What the organisation's newest keys are called, by their ids.</param>
/// <param name="Models">The models there are.</param>
/// <param name="Cursor">Where it began; null for the first page.</param>
/// <param name="Next">Where the next one begins; null on the last.</param>
public sealed record CallList(
    IReadOnlyList<RequestView> Calls,
    CallSearch Search,
    IReadOnlyDictionary<string, string> Labels,
    IReadOnlyList<string> Models,
    string? Cursor,
    string? Next)
{
    /// <summary>Changes when anything here does; the same on every replica.</summary>
    public string Seen { get; } = TagOf(Calls);

    /// <summary>What <see cref="Seen"/> is for some calls.</summary>
    public static string TagOf(IReadOnlyList<RequestView> calls)
    {
        var text = string.Join('\n', calls.Select(call => $"{call.Id} {call.Status} {call.Review} {call.CostMicros}"));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];
    }
}

/// <summary>One call.</summary>
/// <param name="Call">The call.</param>
/// <param name="KeyLabel">What its key is called; null where it was no key, or an old one.</param>
/// <param name="Times">Where its time went.</param>
/// <param name="Trail">What its usage led to; null where the reader may not see the books.</param>
/// <param name="Again">What it saved where it was given an earlier call's answer; null where it was not.</param>
public sealed record CallDetail(RequestView Call, string? KeyLabel, Waterfall Times, Trail? Trail, GivenAgain? Again);

/// <summary>Shows calls of models, and keeps an open page of them up to date.</summary>
internal sealed class CallPages(CallHistory journal, GatewayCalls gateway, Keys keys, Trails trails, ContentDesk contents, LiveAnswers live)
{
    private readonly LiveAnswers live = live;

    /// <summary><c>GET /console/gateway/requests</c>.</summary>
    public static Task<IResult> List(
        Visits visits,
        CallPages pages,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        FormText.Org(context.Request),
        async frame => frame.Page<CallsView, CallList>(await pages.Read(
            frame, new CallSearch(context.Request), CursorOf(context.Request), cancellationToken)),
        cancellationToken);

    /// <summary><c>GET /console/gateway/live</c>: the newest calls, once there are others than those that were seen.</summary>
    public static Task<IResult> Live(
        Visits visits,
        CallPages pages,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        FormText.Org(context.Request),
        frame => pages.live.Answer(
            context,
            CallHistory.Channel,
            stop => pages.News(frame, new CallSearch(context.Request), context, stop),
            cancellationToken),
        cancellationToken);

    /// <summary><c>GET /console/gateway/requests/{request}</c>.</summary>
    public static Task<IResult> One(
        Parameters<CallRequest> parameters,
        Visits visits,
        CallPages pages,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        frame => pages.Detail(frame, parameters.Value.Request, cancellationToken),
        cancellationToken);

    // A cursor somebody bent is none.
    private static Cursor<(DateTimeOffset OccurredAt, CallId Id)>? CursorOf(HttpRequest request) =>
        Cursor<(DateTimeOffset OccurredAt, CallId Id)>.Read(FormText.Of(request, "cursor") ?? string.Empty);

    private async Task<CallList> Read(
        Frame frame,
        CallSearch search,
        Cursor<(DateTimeOffset OccurredAt, CallId Id)>? cursor,
        CancellationToken cancellationToken) => await Dressed(
        frame, search, await Find(frame, search, cursor, cancellationToken), cursor?.ToString(), cancellationToken);

    private async Task<Page<RequestView>> Find(
        Frame frame,
        CallSearch search,
        Cursor<(DateTimeOffset OccurredAt, CallId Id)>? cursor,
        CancellationToken cancellationToken) => search.IsReadable
        ? await journal.Search(
            frame.RequiredOrg.Id,
            search.Of(new PageLimit(Limits.RowsPerPage), cursor),
            frame.Caller.Realm,
            cancellationToken)
        : new Page<RequestView>([], null);

    private async Task<CallList> Dressed(
        Frame frame, CallSearch search, Page<RequestView> found, string? cursor, CancellationToken cancellationToken)
    {
        var org = frame.RequiredOrg.Id;
        return new CallList(
            found.Data,
            search,
            await KeyLabels.Of(keys, org, cancellationToken),
            await gateway.Models(org, frame.Caller, cancellationToken),
            cursor,
            found.NextCursor);
    }

    private async Task<IResult?> News(
        Frame frame, CallSearch search, HttpContext context, CancellationToken cancellationToken)
    {
        var found = await Find(frame, search, null, cancellationToken);
        if (CallList.TagOf(found.Data) == FormText.Of(context.Request, "seen"))
        {
            return null;
        }

        var model = await Dressed(frame, search, found, null, cancellationToken);
        context.Response.Headers["Quoin-Seen"] = model.Seen;
        return new RazorComponentResult<CallsParts>(new { Frame = frame, Model = model });
    }

    private async Task<IResult> Detail(Frame frame, CallId id, CancellationToken cancellationToken)
    {
        var org = frame.RequiredOrg.Id;
        if (await journal.Find(org, id, frame.Caller.Realm, cancellationToken) is not { } call)
        {
            return frame.NotFound("request");
        }

        var trail = frame.Caller.May(Permission.LedgerRead) ? await trails.Of(org, id.ToString(), cancellationToken) : null;
        var key = Id.TryParse<KeyId>(call.Key, out var named) ? await keys.Find(org, named, cancellationToken) : null;
        var again = CallText.IsGivenAgain(call) ? await contents.Again(org, id, cancellationToken) : null;
        return frame.Page<CallView, CallDetail>(new(call, key?.Label, Waterfall.Of(call, trail), trail, again));
    }
}

/// <summary>What keys are called.</summary>
internal static class KeyLabels
{
    /// <summary>The labels of an organisation's newest keys, by their ids.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> Of(
        Keys keys, OrgId org, CancellationToken cancellationToken) =>
        (await keys.Before(org, null, Limits.KeysLabelled, cancellationToken))
            .ToDictionary(key => key.Id.ToString(), key => key.Label, StringComparer.Ordinal);
}
