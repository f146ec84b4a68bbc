using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Quoin.Inference.Internal;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Inference;

/// <summary>Which call.</summary>
/// <param name="Request">Its id: the answer's <c>x-request-id</c>.</param>
internal sealed record RequestParameters(CallId Request);

/// <summary>Which calls.</summary>
/// <param name="Limit">How many.</param>
/// <param name="Cursor">Where to go on.</param>
/// <param name="From">Only those that were over at this instant or later.</param>
/// <param name="To">Only those that were over before this instant.</param>
/// <param name="Model">Only of this model, as clients named it.</param>
/// <param name="Key">Only by this key or person.</param>
/// <param name="Session">Only of this session.</param>
/// <param name="Project">Only of this project.</param>
/// <param name="Status">Only with this status.</param>
/// <param name="Tag">Only those marked with this tag.</param>
public sealed record RequestSearch(
    PageLimit Limit,
    Cursor<(DateTimeOffset OccurredAt, CallId Id)>? Cursor = null,
    DateTimeOffset? From = null,
    DateTimeOffset? To = null,
    string? Model = null,
    string? Key = null,
    string? Session = null,
    ProjectId? Project = null,
    string? Status = null,
    string? Tag = null)
{
    /// <summary>Only by these callers; null by anybody.</summary>
    internal string[]? Callers { get; init; }
}

/// <summary>Reads the journal of calls.</summary>
internal sealed class ReadRequests(NpgsqlDataSource database, OpenCalls open, TimeProvider time)
{
    /// <summary><c>GET /v1/requests/{request}</c>.</summary>
    public static async Task<Results<Ok<RequestView>, Problem>> One(
        Parameters<RequestParameters> parameters,
        ReadRequests handler,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        return await handler.FindSettled(caller.RequiredOrg, parameters.Value.Request, cancellationToken) is { } stored
            ? TypedResults.Ok(RequestView.Of(stored, caller.Realm))
            : new Problem(PlatformProblems.NotFound, "There is no such call here, or it is not over yet.");
    }

    /// <summary><c>GET /v1/requests</c>.</summary>
    public static async Task<Ok<Page<RequestView>>> List(
        Parameters<RequestSearch> parameters,
        ReadRequests handler,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        var search = parameters.Value;
        var rows = await handler.Search(caller.RequiredOrg, search, search.Limit.RowsToFetch, cancellationToken);
        return TypedResults.Ok(Page.Of(
            rows,
            search.Limit,
            stored => (stored.Row.OccurredAt, stored.Row.Call.Id),
            stored => RequestView.Of(stored, caller.Realm)));
    }

    private const string FindSql = $"""
        select {RequestRows.Columns}
        from inference.requests r
        where r.org_id = $1
            and r.request_id = $2
        """;

    /// <summary>A call; null where the organisation has none.</summary>
    public async Task<StoredRequest?> Find(OrgId org, CallId id, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(FindSql, org.Value, id.Value);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? RequestRows.Read(reader) : null;
    }

    // An answer goes out before its call is written down.
    private async Task<StoredRequest?> FindSettled(OrgId org, CallId id, CancellationToken cancellationToken)
    {
        await open.Settled(id, time, cancellationToken);
        return await Find(org, id, cancellationToken);
    }

    private const string SearchSql = $"""
        select {RequestRows.Columns}
        from inference.requests r
        where r.org_id = $1
            and (r.occurred_at, r.request_id) < ($2, $3)
            and ($4::timestamptz is null or r.occurred_at >= $4)
            and ($5::text is null or r.model = $5)
            and ($6::text is null or r.actor = $6)
            and ($7::text is null or r.session = $7)
            and ($8::uuid is null or r.project_id = $8)
            and ($9::text is null or r.status = $9)
            and ($11::text is null or r.tags @> to_jsonb($11::text))
            and ($12::text[] is null or r.actor = any($12))
        order by r.occurred_at desc, r.request_id desc
        limit $10
        """;

    /// <summary>Calls, those that were over last first.</summary>
    public async Task<IReadOnlyList<StoredRequest>> Search(
        OrgId org, RequestSearch search, int rowsMax, CancellationToken cancellationToken)
    {
        var (before, beforeId) = search.Cursor?.Keys ?? (search.To ?? DateTimeOffset.MaxValue, new CallId(Guid.Empty));
        await using var command = database.Sql(
            SearchSql,
            org.Value,
            before.ToUniversalTime(),
            beforeId.Value,
            search.From?.ToUniversalTime(),
            search.Model,
            search.Key,
            search.Session,
            search.Project?.Value,
            search.Status,
            rowsMax,
            search.Tag,
            search.Callers);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<StoredRequest>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(RequestRows.Read(reader));
        }

        return rows;
    }
}
