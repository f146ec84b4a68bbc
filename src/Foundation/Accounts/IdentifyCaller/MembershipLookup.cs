using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>The organisations a person belongs to, and the answers a request of theirs can get.</summary>
internal sealed class Memberships
{
    private static readonly HashSet<Permission> Personal = [Permission.ProfileManage];

    private readonly Dictionary<OrgId, CallerOutcome.Known> inside;

    public Memberships(UserId user, IReadOnlyList<OrganisationChoice> choices)
    {
        var outside = new Caller(Realm.Organisation, user.ToString(), null, Personal) { Choices = choices };
        inside = choices.ToDictionary(
            choice => choice.Org,
            choice => new CallerOutcome.Known(outside with { Org = choice.Org, Permissions = choice.Permissions }));
        Unnamed = choices is [var only] ? inside[only.Org] : new CallerOutcome.Known(outside);
    }

    /// <summary>The answer where no organisation is named: in the only one, or in none.</summary>
    public CallerOutcome.Known Unnamed { get; }

    /// <summary>The answer where one is named; null where the person does not belong to it.</summary>
    public CallerOutcome.Known? In(OrgId org) => inside.GetValueOrDefault(org);
}

/// <summary>Finds people's memberships, in memory where they were read less than a second ago.</summary>
internal sealed class MembershipLookup
{
    private readonly NpgsqlDataSource database;
    private readonly FreshCache<UserId, Memberships> memberships;

    public MembershipLookup(NpgsqlDataSource database, TimeProvider time)
    {
        this.database = database;
        memberships = new(Query, Limits.SessionsRememberedMax, time);
    }

    public async ValueTask<Memberships> Find(UserId user, CancellationToken cancellationToken) =>
        await memberships.Find(user, cancellationToken) ?? new Memberships(user, []);

    /// <summary>Reads it anew next time: after changing it here.</summary>
    public void Forget(UserId user) => memberships.Forget(user);

    private const string ReadSql = """
        select m.user_id, m.org_id, m.role, o.state
        from accounts.members m
        join accounts.organisations o using (org_id)
        where m.user_id = any($1)
            and o.state <> 'closed'
        order by m.user_id, m.joined_at, m.org_id
        """;

    private async Task<IReadOnlyDictionary<UserId, Memberships>> Query(
        IReadOnlyList<UserId> users, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(ReadSql, users.Select(user => user.Value).ToArray());
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var choices = new Dictionary<UserId, List<OrganisationChoice>>();
        while (await row.ReadAsync(cancellationToken))
        {
            var user = new UserId(row.GetGuid(0));
            if (!choices.TryGetValue(user, out var list))
            {
                choices.Add(user, list = []);
            }

            var role = row.GetString(2);
            list.Add(new OrganisationChoice(
                new OrgId(row.GetGuid(1)),
                row.GetString(3) == "active" ? MemberRole.PermissionsOf(role) : MemberRole.WhileDeleting(role)));
        }

        return choices.ToDictionary(one => one.Key, one => new Memberships(one.Key, one.Value));
    }
}
