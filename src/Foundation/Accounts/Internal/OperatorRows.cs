using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Reading operators.</summary>
internal static class OperatorRows
{
    private const string Columns = "u.user_id, u.email, o.roles, o.created_at";

    private const string FindSql = $"""
        select {Columns}
        from accounts.users u
        join accounts.operators o using (user_id)
        where u.email_folded = $1
        """;

    public static async Task<OperatorProfile?> Find(
        NpgsqlTransaction transaction, string email, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(FindSql, EmailAddress.Folded(email));
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken) ? Read(row) : null;
    }

    private const string AllSql = $"""
        select {Columns}
        from accounts.operators o
        join accounts.users u using (user_id)
        order by o.created_at, o.user_id
        limit $1
        """;

    /// <summary>All of them, the longest first.</summary>
    public static async Task<IReadOnlyList<OperatorProfile>> All(
        NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(AllSql, Limits.OperatorsMax);
        return await ReadAll(command, cancellationToken);
    }

    private const string LockSql = $"""
        select {Columns}
        from accounts.operators o
        join accounts.users u using (user_id)
        where u.state = 'active' or u.user_id = $1
        order by o.user_id
        for update of o
        """;

    /// <summary>One, and all others who are not shut out: nobody else changes any of them until the transaction ends.</summary>
    public static async Task<IReadOnlyList<OperatorProfile>> LockWithOthers(
        NpgsqlTransaction transaction, UserId user, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(LockSql, user.Value);
        return await ReadAll(command, cancellationToken);
    }

    // A person may have lost their address since; who they are does not hang on it.
    private static OperatorProfile Read(NpgsqlDataReader row) => new(
        new UserId(row.GetGuid(0)),
        row.IsDBNull(1) ? row.GetGuid(0).ToString() : row.GetString(1),
        row.GetFieldValue<string[]>(2),
        row.GetFieldValue<DateTimeOffset>(3));

    private static async Task<IReadOnlyList<OperatorProfile>> ReadAll(
        NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<OperatorProfile>();
        while (await row.ReadAsync(cancellationToken))
        {
            found.Add(Read(row));
        }

        return found;
    }
}
