using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Reading and writing invitations.</summary>
internal static class InvitationRows
{
    private const string Columns =
        "i.invitation_id, i.email, i.role, i.invited_by, i.created_at, i.sent_at, i.expires_at";

    private const string PutSql = $"""
        insert into accounts.invitations as i (
            org_id, invitation_id, email, email_folded, role, secret_hash, state, invited_by, created_at, sent_at,
            expires_at)
        values ($1, $2, $3, $4, $5, $6, 'pending', $7, $8, $8, $9)
        on conflict (org_id, email_folded) where state = 'pending' do update
        set email = $3, role = $5, secret_hash = $6, invited_by = $7, sent_at = $8, expires_at = $9
        returning {Columns}
        """;

    /// <summary>Writes an invitation, in the place of one that waits for the same address.</summary>
    public static async Task<InvitationProfile> Put(
        NpgsqlTransaction transaction,
        OrgId org,
        InvitationProfile wanted,
        byte[] hash,
        CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(
            PutSql,
            org.Value,
            wanted.Id.Value,
            wanted.Email,
            EmailAddress.Folded(wanted.Email),
            wanted.Role,
            hash,
            wanted.InvitedBy,
            wanted.SentAt,
            wanted.ExpiresAt);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        return Read(row);
    }

    private const string PendingSql = $"""
        select {Columns}
        from accounts.invitations i
        where i.org_id = $1
            and i.state = 'pending'
        order by i.invitation_id desc
        limit $2
        """;

    public static async Task<IReadOnlyList<InvitationProfile>> Pending(
        NpgsqlDataSource database, OrgId org, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(PendingSql, org.Value, Limits.InvitationsPendingMax);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<InvitationProfile>();
        while (await row.ReadAsync(cancellationToken))
        {
            found.Add(Read(row));
        }

        return found;
    }

    private const string LockSql = $"""
        select {Columns}, i.secret_hash
        from accounts.invitations i
        where i.org_id = $1
            and i.invitation_id = $2
            and i.state = 'pending'
        for update
        """;

    public static async Task<(InvitationProfile Invitation, byte[] Hash)?> Lock(
        NpgsqlTransaction transaction, OrgId org, InvitationId id, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(LockSql, org.Value, id.Value);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken) ? (Read(row), row.GetFieldValue<byte[]>(7)) : null;
    }

    private const string DecideSql = """
        update accounts.invitations
        set state = $3, decided_by = $4, decided_at = $5
        where org_id = $1
            and invitation_id = $2
        """;

    public static async Task Decide(
        NpgsqlTransaction transaction,
        OrgId org,
        InvitationId id,
        string state,
        string actor,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(DecideSql, org.Value, id.Value, state, actor, now);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private const string CountSql = """
        select count(*)
        from accounts.invitations i
        where i.org_id = $1
            and i.state = 'pending'
        """;

    public static async Task<long> CountPending(
        NpgsqlTransaction transaction, OrgId org, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(CountSql, org.Value);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private const string IsMemberSql = """
        select exists (
            select 1
            from accounts.members m
            join accounts.users u using (user_id)
            where m.org_id = $1
                and u.email_folded = $2)
        """;

    /// <summary>Whether whoever has an address belongs to the organisation already.</summary>
    public static async Task<bool> IsMember(
        NpgsqlTransaction transaction, OrgId org, string email, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(IsMemberSql, org.Value, EmailAddress.Folded(email));
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    public static InvitationProfile Read(NpgsqlDataReader row) => new(
        new InvitationId(row.GetGuid(0)),
        row.GetString(1),
        row.GetString(2),
        row.GetString(3),
        row.GetFieldValue<DateTimeOffset>(4),
        row.GetFieldValue<DateTimeOffset>(5),
        row.GetFieldValue<DateTimeOffset>(6));
}
