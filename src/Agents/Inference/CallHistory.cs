using Microsoft.AspNetCore.Http;
using Quoin.Inference.Internal;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Inference;

/// <summary>The door to what was called, for pages: the journal of calls, its sums over time, and calling itself.</summary>
public sealed class CallHistory
{
    /// <summary>Woken when calls were written down: news for whoever shows them.</summary>
    public const string Channel = TellUsage.Pump;

    private readonly ReadRequests requests;
    private readonly SummariseUsage summaries;
    private readonly TeamCallers teams;
    private readonly OrganisationClock clock;

    internal CallHistory(ReadRequests requests, SummariseUsage summaries, TeamCallers teams, OrganisationClock clock) =>
        (this.requests, this.summaries, this.teams, this.clock) = (requests, summaries, teams, clock);

    /// <summary>Whether an instant may bound a range of the history.</summary>
    public static bool MayBeAskedFor(DateTimeOffset instant) => HistoryRange.MayBeAskedFor(instant);

    /// <summary>Calls, those that were over last first.</summary>
    /// <param name="org">Whose.</param>
    /// <param name="search">Which, and how many.</param>
    /// <param name="realm">Who looks: only operators are shown what providers ask.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task<Page<RequestView>> Search(
        OrgId org, RequestSearch search, Realm realm, CancellationToken cancellationToken) => Page.Of(
        await requests.Search(org, search, search.Limit.RowsToFetch, cancellationToken),
        search.Limit,
        stored => (stored.Row.OccurredAt, stored.Row.Call.Id),
        stored => RequestView.Of(stored, realm));

    /// <summary>One call; null where the organisation has none of this id, or it is not over yet.</summary>
    public async Task<RequestView?> Find(OrgId org, CallId call, Realm realm, CancellationToken cancellationToken) =>
        await requests.Find(org, call, cancellationToken) is { } stored ? RequestView.Of(stored, realm) : null;

    /// <summary>Calls summed up over time; null where the range is none, or too long for its steps.</summary>
    public async Task<UsageSummary?> Summary(OrgId org, SummaryRequest request, CancellationToken cancellationToken) =>
        await summaries.Of(org, request, await clock.Now(org, cancellationToken), cancellationToken);

    /// <summary>
    /// The calls that a summary sums up, from the start of its first step on, as a file; written while they are read.
    /// </summary>
    /// <param name="org">Whose.</param>
    /// <param name="request">Which; how they are told apart does not matter.</param>
    /// <param name="isJson">Whether JSON is wanted, and not CSV.</param>
    /// <param name="cancellationToken">Stops writing.</param>
    public async Task<IResult> File(OrgId org, SummaryRequest request, bool isJson, CancellationToken cancellationToken)
    {
        var now = await clock.Now(org, cancellationToken);
        var (range, _) = HistoryRange.Of(request, now)
            ?? throw new ArgumentException("A file is of a range that a summary can be of.", nameof(request));
        var search = new RequestSearch(
            new PageLimit(PageLimit.RowsMax),
            null,
            range.Start,
            range.End,
            request.Model,
            request.Key,
            request.Session,
            Tag: request.Tag)
        {
            Callers = request.Team is { } team
                ? TeamCallers.Of(await teams.All(org, range, cancellationToken), team)
                : null,
        };
        return ReadHistory.File(requests, org, search, !isJson, cancellationToken);
    }
}

/// <summary>The door to calling models from pages of this host.</summary>
public sealed class GatewayCalls
{
    private readonly PrepareCall preparing;
    private readonly CallModel calling;

    internal GatewayCalls(PrepareCall preparing, CallModel calling) => (this.preparing, this.calling) = (preparing, calling);

    /// <summary>The models that somebody may name in an organisation, by name.</summary>
    public async Task<IReadOnlyList<string>> Models(OrgId org, Caller caller, CancellationToken cancellationToken)
    {
        var models = await preparing.Models(caller with { Org = org }, cancellationToken);
        return [.. models.Select(model => model.Model).Order(StringComparer.Ordinal)];
    }

    /// <summary>
    /// Answers a request as <c>POST /v1/chat/completions</c> does, for the request's caller, who needs the permission
    /// <c>inference.call</c>: the same admission, the same journal, the same bill.
    /// </summary>
    public Task Chat(HttpContext context) => calling.Run(context, Protocol.OpenAiChat);
}
