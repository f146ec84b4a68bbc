using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Finds people for the operator, with the organisations they belong to.</summary>
internal sealed class ReadPeople(NpgsqlDataSource database)
{
    // Reads all of them where a text is looked for: a person searches now and then.
    private const string SearchSql = $"""
        select {UserRows.Columns}, o.roles
        from accounts.users u
        left join accounts.operators o using (user_id)
        where ($1 = '' or strpos(lower(u.name), lower($1)) > 0 or strpos(u.email_folded, lower($1)) > 0 or u.user_id = $2)
            and ($3::uuid is null or u.user_id < $3)
        order by u.user_id desc
        limit $4
        """;

    public async Task<IReadOnlyList<PersonProfile>> Search(
        string text, UserId? before, int rowsMax, CancellationToken cancellationToken)
    {
        var wanted = text.Trim();
        Guid? id = Id.TryParse<UserId>(wanted, out var user) ? user.Value : null;
        var found = new List<(UserProfile User, string[] Roles)>();
        await using (var command = database.Sql(SearchSql, wanted, id, before?.Value, rowsMax))
        await using (var row = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await row.ReadAsync(cancellationToken))
            {
                found.Add((UserRows.Read(row), row.IsDBNull(8) ? [] : row.GetFieldValue<string[]>(8)));
            }
        }

        var memberships = await MembershipsOf([.. found.Select(one => one.User.Id)], cancellationToken);
        return
        [
            .. found.Select(one => new PersonProfile(
                one.User, one.Roles, memberships.GetValueOrDefault(one.User.Id, []))),
        ];
    }

    public async Task<PersonProfile?> Find(UserId user, CancellationToken cancellationToken) =>
        (await Search(user.ToString(), null, 1, cancellationToken)).FirstOrDefault();

    private const string MembershipsSql = """
        select m.user_id, m.org_id, g.name, m.role
        from accounts.members m
        join accounts.organisations g using (org_id)
        where m.user_id = any($1)
        order by m.user_id, m.joined_at, m.org_id
        """;

    private async Task<Dictionary<UserId, List<PersonMembership>>> MembershipsOf(
        IReadOnlyList<UserId> users, CancellationToken cancellationToken)
    {
        var memberships = new Dictionary<UserId, List<PersonMembership>>();
        await using var command = database.Sql(MembershipsSql, users.Select(user => user.Value).ToArray());
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            var user = new UserId(row.GetGuid(0));
            if (!memberships.TryGetValue(user, out var list))
            {
                memberships.Add(user, list = []);
            }

            if (list.Count < Limits.MembershipsShown)
            {
                list.Add(new PersonMembership(new OrgId(row.GetGuid(1)), row.GetString(2), row.GetString(3)));
            }
        }

        return memberships;
    }
}
