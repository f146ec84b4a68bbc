using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>
/// Reading and writing members. Whatever changes who belongs to an organisation takes the organisation's row first, so
/// that two changes on two replicas take turns and the last owner stays.
/// </summary>
internal static class MemberRows
{
    // Not "for update": rows that refer to the organisation may be added meanwhile.
    private const string LockSql = """
        select o.name, o.state
        from accounts.organisations o
        where o.org_id = $1
        for no key update
        """;

    /// <summary>Waits for its turn.</summary>
    /// <returns>The organisation's name; null where there is none, or none any more.</returns>
    public static async Task<string?> TakeTurn(
        NpgsqlTransaction transaction, OrgId org, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(LockSql, org.Value);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken) && row.GetString(1) != "closed" ? row.GetString(0) : null;
    }

    private const string FindSql = """
        select m.user_id, u.name, u.email, m.role, m.joined_at
        from accounts.members m
        join accounts.users u using (user_id)
        where m.org_id = $1
            and m.user_id = $2
        """;

    public static async Task<MemberProfile?> Find(
        NpgsqlTransaction transaction, OrgId org, UserId user, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(FindSql, org.Value, user.Value);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken) ? Read(row) : null;
    }

    /// <summary>A member from a row of the columns <see cref="FindSql"/> selects.</summary>
    public static MemberProfile Read(NpgsqlDataReader row) => new(
        new UserId(row.GetGuid(0)),
        row.IsDBNull(1) ? null : row.GetString(1),
        row.IsDBNull(2) ? null : row.GetString(2),
        row.GetString(3),
        row.GetFieldValue<DateTimeOffset>(4));

    private const string OwnersSql = """
        select count(*)
        from accounts.members m
        join accounts.users u using (user_id)
        where m.org_id = $1
            and m.role = 'owner'
            and (u.state = 'active' or m.user_id = $2)
        """;

    /// <summary>
    /// How many owners there are, while nobody else has a turn: the one in question, and those who can act. Who was shut
    /// out or is being deleted keeps no organisation from being without an owner.
    /// </summary>
    public static async Task<long> Owners(
        NpgsqlTransaction transaction, OrgId org, UserId inQuestion, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(OwnersSql, org.Value, inQuestion.Value);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private const string CountSql = """
        select count(*)
        from accounts.members
        where org_id = $1
        """;

    public static async Task<long> Count(
        NpgsqlTransaction transaction, OrgId org, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(CountSql, org.Value);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private const string InsertSql = """
        insert into accounts.members (org_id, user_id, role, added_by, joined_at)
        values ($1, $2, $3, $4, $5)
        on conflict (org_id, user_id) do nothing
        """;

    /// <summary>Makes somebody a member, who then asks no more to be one.</summary>
    /// <returns>Whether they were no member before.</returns>
    public static async Task<bool> Insert(
        NpgsqlTransaction transaction,
        OrgId org,
        UserId user,
        string role,
        string actor,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        await EndJoinRequest(transaction, org, user, cancellationToken);
        await using var command = transaction.Sql(InsertSql, org.Value, user.Value, role, actor, now);
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    private const string EndJoinRequestSql = """
        delete from accounts.join_requests
        where org_id = $1
            and user_id = $2
        """;

    /// <returns>Whether they had asked to join.</returns>
    public static async Task<bool> EndJoinRequest(
        NpgsqlTransaction transaction, OrgId org, UserId user, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(EndJoinRequestSql, org.Value, user.Value);
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    private const string ChangeSql = """
        update accounts.members
        set role = $3
        where org_id = $1
            and user_id = $2
        """;

    public static async Task Change(
        NpgsqlTransaction transaction, OrgId org, UserId user, string role, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(ChangeSql, org.Value, user.Value, role);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private const string DeleteSql = """
        delete from accounts.members
        where org_id = $1
            and user_id = $2
        """;

    public static async Task Delete(
        NpgsqlTransaction transaction, OrgId org, UserId user, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(DeleteSql, org.Value, user.Value);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
