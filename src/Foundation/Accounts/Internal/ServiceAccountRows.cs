using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>The columns of service accounts, in the order every query here selects them.</summary>
internal static class ServiceAccountRows
{
    public const string Columns = "service_account_id, name, created_by, created_at, disabled_by, disabled_at";

    public static ServiceAccountProfile Account(NpgsqlDataReader row) => new(
        new ServiceAccountId(row.GetGuid(0)),
        row.GetString(1),
        row.GetString(2),
        row.GetFieldValue<DateTimeOffset>(3),
        row.IsDBNull(4) ? null : row.GetString(4),
        row.IsDBNull(5) ? null : row.GetFieldValue<DateTimeOffset>(5));

    private const string LockSql = $"""
        select {Columns}
        from accounts.service_accounts
        where org_id = $1
            and service_account_id = $2
        for update
        """;

    /// <summary>One that nobody else changes until the transaction ends; null where there is none.</summary>
    public static async Task<ServiceAccountProfile?> Lock(
        NpgsqlTransaction transaction, OrgId org, ServiceAccountId id, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(LockSql, org.Value, id.Value);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken) ? Account(row) : null;
    }
}
