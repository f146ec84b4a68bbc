using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>A device's request as it is kept.</summary>
internal sealed record DeviceRow(
    DeviceRequest Request, string State, int IntervalSeconds, DateTimeOffset? PolledAt, UserId? User, OrgId? Org);

/// <summary>Reading devices' requests.</summary>
internal static class DeviceRows
{
    private const string Columns = """
        device_code_id, user_code, client, scopes, ip, created_at, expires_at, state, interval_seconds, polled_at,
        user_id, org_id
        """;

    private const string BySecretSql = $"""
        select {Columns}
        from accounts.device_codes
        where secret_hash = $1
        for update
        """;

    public static Task<DeviceRow?> LockBySecret(
        NpgsqlTransaction transaction, SecretHash hash, CancellationToken cancellationToken) =>
        Read(transaction.Sql(BySecretSql, hash.ToBytes()), cancellationToken);

    private const string ByCodeSql = $"""
        select {Columns}
        from accounts.device_codes
        where user_code = $1
        """;

    public static Task<DeviceRow?> Find(NpgsqlDataSource database, string code, CancellationToken cancellationToken) =>
        Read(database.Sql(ByCodeSql, code), cancellationToken);

    public static Task<DeviceRow?> LockByCode(
        NpgsqlTransaction transaction, string code, CancellationToken cancellationToken) =>
        Read(transaction.Sql($"{ByCodeSql} for update", code), cancellationToken);

    private static async Task<DeviceRow?> Read(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var statement = command;
        await using var row = await statement.ExecuteReaderAsync(cancellationToken);
        if (!await row.ReadAsync(cancellationToken))
        {
            return null;
        }

        var request = new DeviceRequest(
            new DeviceCodeId(row.GetGuid(0)),
            UserCode.Shown(row.GetString(1)),
            row.GetString(2),
            row.GetFieldValue<string[]>(3),
            row.IsDBNull(4) ? null : row.GetString(4),
            row.GetFieldValue<DateTimeOffset>(5),
            row.GetFieldValue<DateTimeOffset>(6));
        return new DeviceRow(
            request,
            row.GetString(7),
            row.GetInt32(8),
            row.IsDBNull(9) ? null : row.GetFieldValue<DateTimeOffset>(9),
            row.IsDBNull(10) ? null : new UserId(row.GetGuid(10)),
            row.IsDBNull(11) ? null : new OrgId(row.GetGuid(11)));
    }

    private const string MemberSql = """
        select m.role, coalesce(u.name, u.email, '')
        from accounts.members m
        join accounts.users u using (user_id)
        where m.org_id = $1
            and m.user_id = $2
            and u.state = 'active'
        """;

    /// <summary>A person's role in an organisation, and what they are called; null for who may not come in there.</summary>
    public static async Task<(string Role, string Name)?> Member(
        NpgsqlTransaction transaction, OrgId org, UserId user, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(MemberSql, org.Value, user.Value);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken) ? (row.GetString(0), row.GetString(1)) : null;
    }
}
