using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Reading operators.</summary>
internal static class OperatorRows
{
    private const string FindSql = """
        select u.user_id, u.email, o.roles, o.created_at
        from accounts.users u
        join accounts.operators o using (user_id)
        where u.email_folded = $1
        """;

    public static async Task<OperatorProfile?> Find(
        NpgsqlTransaction transaction, string email, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(FindSql, EmailAddress.Folded(email));
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken)
            ? new OperatorProfile(
                new UserId(row.GetGuid(0)),
                row.GetString(1),
                row.GetFieldValue<string[]>(2),
                row.GetFieldValue<DateTimeOffset>(3))
            : null;
    }
}
