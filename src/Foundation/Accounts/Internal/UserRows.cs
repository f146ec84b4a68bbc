using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Reading people.</summary>
internal static class UserRows
{
    /// <summary>The columns <see cref="Read"/> reads, of <c>accounts.users u</c>.</summary>
    public const string Columns = """
        u.user_id, u.name, u.email, u.email_verified_at, u.password_hash is not null, u.totp_confirmed_at is not null,
        u.state, u.created_at
        """;

    private const string FindSql = $"""
        select {Columns}
        from accounts.users u
        where u.user_id = $1
        """;

    public static async Task<UserProfile?> Find(
        NpgsqlDataSource database, UserId user, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(FindSql, user.Value);
        return await ReadOne(command, cancellationToken);
    }

    public static async Task<UserProfile?> Find(
        NpgsqlTransaction transaction, UserId user, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(FindSql, user.Value);
        return await ReadOne(command, cancellationToken);
    }

    private const string FindByEmailSql = $"""
        select {Columns}
        from accounts.users u
        where u.email_folded = $1
        """;

    public static async Task<UserProfile?> FindByEmail(
        NpgsqlDataSource database, string email, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(FindByEmailSql, EmailAddress.Folded(email));
        return await ReadOne(command, cancellationToken);
    }

    public static async Task<UserProfile?> FindByEmail(
        NpgsqlTransaction transaction, string email, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(FindByEmailSql, EmailAddress.Folded(email));
        return await ReadOne(command, cancellationToken);
    }

    public static UserProfile Read(NpgsqlDataReader row) => new(
        new UserId(row.GetGuid(0)),
        row.IsDBNull(1) ? null : row.GetString(1),
        row.IsDBNull(2) ? null : row.GetString(2),
        row.IsDBNull(3) ? null : row.GetFieldValue<DateTimeOffset>(3),
        row.GetBoolean(4),
        row.GetBoolean(5),
        StoredWord.Read<UserState>(row.GetString(6)),
        row.GetFieldValue<DateTimeOffset>(7));

    private static async Task<UserProfile?> ReadOne(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken) ? Read(row) : null;
    }
}
