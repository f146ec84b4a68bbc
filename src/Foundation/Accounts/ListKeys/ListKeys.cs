using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>A page of keys, newest first; revoked ones stay in the list.</summary>
/// <param name="Limit">How many.</param>
/// <param name="Cursor">Where to go on.</param>
internal sealed record KeyPageRequest(PageLimit Limit, Cursor<KeyId>? Cursor = null);

/// <summary>Lists keys.</summary>
internal sealed class ListKeys(NpgsqlDataSource database)
{
    /// <summary><c>GET /v1/keys</c>.</summary>
    public static async Task<Ok<Page<KeyProfile>>> Endpoint(
        Parameters<KeyPageRequest> parameters,
        ListKeys handler,
        HttpContext context,
        CancellationToken cancellationToken) =>
        TypedResults.Ok(await handler.Handle(context.Caller().RequiredOrg, parameters.Value, cancellationToken));

    /// <summary><c>GET /v1/operator-keys</c>.</summary>
    public static async Task<Ok<Page<KeyProfile>>> OperatorEndpoint(
        Parameters<KeyPageRequest> parameters, ListKeys handler, CancellationToken cancellationToken) =>
        TypedResults.Ok(await handler.Handle(PlatformOrg.Id, parameters.Value, cancellationToken));

    private const string ListSql = $"""
        select {KeyRows.Columns}
        from accounts.keys k
        where k.org_id = $1
            and ($2::uuid is null or k.key_id < $2)
        order by k.key_id desc
        limit $3
        """;

    public async Task<Page<KeyProfile>> Handle(OrgId owner, KeyPageRequest request, CancellationToken cancellationToken)
    {
        var rows = await Rows(owner, request.Cursor?.Keys, request.Limit.RowsToFetch, cancellationToken);
        return Page.Of(rows, request.Limit, key => key.Id);
    }

    public async Task<IReadOnlyList<KeyProfile>> Rows(
        OrgId owner, KeyId? before, int rowsMax, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(ListSql, owner.Value, before?.Value, rowsMax);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<KeyProfile>();
        while (await row.ReadAsync(cancellationToken))
        {
            rows.Add(KeyRows.Key(row));
        }

        return rows;
    }

    private const string FindSql = $"""
        select {KeyRows.Columns}
        from accounts.keys k
        where k.org_id = $1
            and k.key_id = $2
        """;

    public async Task<KeyProfile?> Find(OrgId owner, KeyId id, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(FindSql, owner.Value, id.Value);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken) ? KeyRows.Key(row) : null;
    }
}
