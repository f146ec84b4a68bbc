using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>A page of an audit log, newest first.</summary>
/// <param name="Limit">How many.</param>
/// <param name="Cursor">Where to go on.</param>
internal sealed record AuditPageRequest(PageLimit Limit, Cursor<long>? Cursor = null);

/// <summary>Lists an organisation's audit log, or the platform's where an operator names no organisation.</summary>
internal sealed class ListAudit(NpgsqlDataSource database)
{
    /// <summary><c>GET /v1/audit</c>.</summary>
    public static async Task<Ok<Page<AuditRecord>>> Endpoint(
        Parameters<AuditPageRequest> parameters,
        ListAudit handler,
        HttpContext context,
        CancellationToken cancellationToken) =>
        TypedResults.Ok(await handler.Handle(context.Caller().Org, parameters.Value, cancellationToken));

    private const string ListSql = """
        select sequence, recorded_at, actor, action, subject, reason, before_state::text, after_state::text, hash
        from accounts.audit_log
        where org_id = $1
            and ($2::bigint is null or sequence < $2)
        order by sequence desc
        limit $3
        """;

    public async Task<Page<AuditRecord>> Handle(
        OrgId? org, AuditPageRequest request, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(
            ListSql, AuditChain.Of(org), request.Cursor?.Keys, request.Limit.RowsToFetch);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<AuditRecord>();
        while (await row.ReadAsync(cancellationToken))
        {
            rows.Add(new AuditRecord(
                row.GetInt64(0),
                row.GetFieldValue<DateTimeOffset>(1),
                row.GetString(2),
                row.GetString(3),
                row.GetString(4),
                row.IsDBNull(5) ? null : row.GetString(5),
                State(row, 6),
                State(row, 7),
                Convert.ToHexStringLower(row.GetFieldValue<byte[]>(8))));
        }

        return Page.Of(rows, request.Limit, entry => entry.Sequence);
    }

    private static JsonElement? State(NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : JsonElement.Parse(row.GetString(column));
}
