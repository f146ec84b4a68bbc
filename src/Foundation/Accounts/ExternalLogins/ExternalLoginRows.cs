using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Another service a person signs in with.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Issuer">Which service.</param>
/// <param name="Subject">Who they are there.</param>
/// <param name="Label">What they are called there; null where it does not say.</param>
/// <param name="LinkedAt">Since when it signs them in.</param>
/// <param name="LastUsedAt">When it last did; null for never.</param>
public sealed record ExternalLoginProfile(
    ExternalLoginId Id,
    string Issuer,
    string Subject,
    string? Label,
    DateTimeOffset LinkedAt,
    DateTimeOffset? LastUsedAt);

/// <summary>Reading and writing external logins.</summary>
internal static class ExternalLoginRows
{
    private const string OwnerSql = """
        select user_id
        from accounts.external_logins
        where issuer = $1
            and subject = $2
        """;

    /// <summary>Who signs in by it; null where nobody does.</summary>
    public static async Task<UserId?> Owner(
        NpgsqlTransaction transaction, ExternalIdentity identity, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(OwnerSql, identity.Issuer, identity.Subject);
        return await command.ExecuteScalarAsync(cancellationToken) is Guid user ? new UserId(user) : null;
    }

    private const string UseSql = """
        update accounts.external_logins
        set last_used_at = $4, label = coalesce($5, label)
        where issuer = $1
            and subject = $2
            and user_id = $3
        """;

    /// <summary>
    /// Notes its use, and locks it, after the person and the audit log: whoever connects and removes takes that order.
    /// </summary>
    /// <returns>False where it was removed meanwhile.</returns>
    public static async Task<bool> Use(
        NpgsqlTransaction transaction,
        UserId user,
        ExternalIdentity identity,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(
            UseSql, identity.Issuer, identity.Subject, user.Value, now, Shown(identity));
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    private const string InsertSql = """
        insert into accounts.external_logins (issuer, subject, login_id, user_id, label, linked_at)
        values ($1, $2, $3, $4, $5, $6)
        on conflict (issuer, subject) do nothing
        """;

    /// <summary>Connects it with a person; false where it is connected already.</summary>
    public static async Task<bool> Insert(
        NpgsqlTransaction transaction,
        ExternalLoginId id,
        UserId user,
        ExternalIdentity identity,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(
            InsertSql, identity.Issuer, identity.Subject, id.Value, user.Value, Shown(identity), now);
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    private const string ListSql = """
        select login_id, issuer, subject, label, linked_at, last_used_at
        from accounts.external_logins
        where user_id = $1
        order by login_id
        limit $2
        """;

    public static async Task<IReadOnlyList<ExternalLoginProfile>> List(
        NpgsqlDataSource database, UserId user, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(ListSql, user.Value, Limits.ExternalLoginsMax);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var logins = new List<ExternalLoginProfile>();
        while (await row.ReadAsync(cancellationToken))
        {
            logins.Add(new ExternalLoginProfile(
                new ExternalLoginId(row.GetGuid(0)),
                row.GetString(1),
                row.GetString(2),
                row.IsDBNull(3) ? null : row.GetString(3),
                row.GetFieldValue<DateTimeOffset>(4),
                row.IsDBNull(5) ? null : row.GetFieldValue<DateTimeOffset>(5)));
        }

        return logins;
    }

    private static string? Shown(ExternalIdentity identity) =>
        identity.Label is { Length: > Limits.EmailLettersMax } letters ? letters[..Limits.EmailLettersMax] : identity.Label;
}
