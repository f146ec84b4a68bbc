using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Keeps people from taking away the last way they can come in.</summary>
internal static class WaysIn
{
    // An address that is proved is a way in: a mailed link lets its owner choose a password.
    private const string CountSql = """
        select (u.password_hash is not null or u.email_verified_at is not null)::int
            + (select count(*) from accounts.wallets w where w.user_id = u.user_id)
            + (select count(*) from accounts.external_logins e where e.user_id = u.user_id)
            + (select count(*) from accounts.passkeys p where p.user_id = u.user_id)
        from accounts.users u
        where u.user_id = $1
        """;

    private const string LockSql = """
        select
        from accounts.users u
        where u.user_id = $1
        for update
        """;

    /// <summary>
    /// How many ways in a person has. Locks the person, so that of two who remove the last two ways at the same moment one
    /// sees what the other left; it is counted in a statement of its own, after the lock.
    /// </summary>
    public static async Task<long> Count(
        NpgsqlTransaction transaction, UserId user, CancellationToken cancellationToken)
    {
        await using (var locking = transaction.Sql(LockSql, user.Value))
        {
            await locking.ExecuteNonQueryAsync(cancellationToken);
        }

        await using var counting = transaction.Sql(CountSql, user.Value);
        return (long)(await counting.ExecuteScalarAsync(cancellationToken))!;
    }
}
