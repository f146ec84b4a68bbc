using System.Text;
using Npgsql;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>
/// Slows down who guesses, without ever locking the owner out for long: some failures are free, each one after doubles the
/// wait, up to a bound. All replicas count as one. An attempt counts as failed from its beginning until it is forgiven, so
/// that a thousand at once are no more than one after another.
/// </summary>
internal sealed class Attempts(NpgsqlDataSource database, Secrets secrets, TimeProvider time)
{
    /// <summary>Passwords, by the folded address they were tried with.</summary>
    public const string Password = "password";

    /// <summary>Codes of the second factor, by the id of the person.</summary>
    public const string SecondFactor = "second_factor";

    /// <summary>Passwords given with a link, by the link.</summary>
    public const string SignUp = "sign_up";

    private const string Pepper = "accounts.attempts";

    private const string BeginSql = """
        insert into accounts.sign_in_attempts as a (scope, key_hash, failures, last_at, waits_until)
        values ($1, $2, 1, $3, $3)
        on conflict (scope, key_hash) do update
        set failures = case when a.last_at < $3 - $4::interval then 1 else a.failures + 1 end,
            last_at = $3,
            waits_until = case
                when a.last_at < $3 - $4::interval or a.failures + 1 < $5 then $3
                else $3 + least($6::interval * power(2, least(a.failures + 1 - $5, 20)), $7::interval)
            end
        where a.waits_until <= $3
        returning failures
        """;

    private const string WaitSql = """
        select waits_until
        from accounts.sign_in_attempts
        where scope = $1
            and key_hash = $2
        """;

    /// <summary>Begins an attempt.</summary>
    /// <returns>Null when it may go on; else how long to wait before the next one.</returns>
    public async Task<TimeSpan?> Begin(string scope, string key, CancellationToken cancellationToken)
    {
        var hash = HashOf(secrets, key);
        var now = Instant.Now(time);
        await using var begin = database.Sql(
            BeginSql,
            scope,
            hash,
            now,
            Limits.FailuresForgottenAfter,
            Limits.FailuresFree,
            Limits.FailureWaitFirst,
            Limits.FailureWaitLongest);
        if (await begin.ExecuteScalarAsync(cancellationToken) is not null)
        {
            return null;
        }

        await using var wait = database.Sql(WaitSql, scope, hash);
        return await wait.ExecuteScalarAsync(cancellationToken) is DateTime until
            ? new DateTimeOffset(until, TimeSpan.Zero) - now
            : TimeSpan.Zero;
    }

    private const string ForgiveSql = """
        delete from accounts.sign_in_attempts
        where scope = $1
            and key_hash = $2
        """;

    /// <summary>Forgets all failures: it worked, or the owner showed up another way.</summary>
    public async Task Forgive(
        NpgsqlTransaction transaction, string scope, string key, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(ForgiveSql, scope, HashOf(secrets, key));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>What is kept of an address or an id that something is counted by.</summary>
    public static byte[] HashOf(Secrets secrets, string key)
    {
        var hash = new byte[SecretHash.Bytes];
        secrets.Hash(Pepper, Encoding.UTF8.GetBytes(key), hash);
        return hash;
    }
}
