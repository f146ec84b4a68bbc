using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>A page of members, in the order they joined.</summary>
/// <param name="Limit">How many.</param>
/// <param name="Cursor">Where to go on.</param>
internal sealed record MemberPageRequest(PageLimit Limit, Cursor<(DateTimeOffset Joined, UserId User)>? Cursor = null);

/// <summary>Lists an organisation's people.</summary>
internal sealed class ListMembers(NpgsqlDataSource database)
{
    /// <summary><c>GET /v1/members</c>.</summary>
    public static async Task<Ok<Page<MemberProfile>>> Endpoint(
        Parameters<MemberPageRequest> parameters,
        ListMembers handler,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var request = parameters.Value;
        var rows = await handler.Handle(
            context.Caller().RequiredOrg, request.Cursor?.Keys, request.Limit.RowsToFetch, cancellationToken);
        return TypedResults.Ok(Page.Of(rows, request.Limit, member => (member.JoinedAt, member.Id)));
    }

    private const string ListSql = """
        select m.user_id, u.name, u.email, m.role, m.joined_at
        from accounts.members m
        join accounts.users u using (user_id)
        where m.org_id = $1
            and ($2::timestamptz is null or (m.joined_at, m.user_id) > ($2, $3))
        order by m.joined_at, m.user_id
        limit $4
        """;

    public async Task<IReadOnlyList<MemberProfile>> Handle(
        OrgId org, (DateTimeOffset Joined, UserId User)? after, int rowsMax, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(
            ListSql, org.Value, after?.Joined, after?.User.Value ?? Guid.Empty, rowsMax);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<MemberProfile>();
        while (await row.ReadAsync(cancellationToken))
        {
            rows.Add(MemberRows.Read(row));
        }

        return rows;
    }
}
