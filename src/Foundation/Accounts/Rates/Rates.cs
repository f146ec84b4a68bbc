using System.Text;
using Npgsql;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>
/// Rates that all replicas share, exactly: one row per key, changed by one statement (the generic cell rate algorithm).
/// What is counted is kept as a peppered hash only.
/// </summary>
internal sealed class Rates(NpgsqlDataSource database, Secrets secrets, TimeProvider time)
{
    private const string Pepper = "accounts.attempts";

    // The row's lock makes all who come at once take their turns; who would exceed the burst changes nothing.
    private const string TakeSql = """
        insert into accounts.rates as r (scope, key_hash, paid_off_at)
        values ($1, $2, $3 + $4::interval)
        on conflict (scope, key_hash) do update
        set paid_off_at = greatest(r.paid_off_at, $3) + $4::interval
        where greatest(r.paid_off_at, $3) + $4::interval <= $3 + $5::interval
        returning paid_off_at
        """;

    private const string PaidOffSql = """
        select paid_off_at
        from accounts.rates
        where scope = $1
            and key_hash = $2
        """;

    /// <summary>Takes one of what a limit allows.</summary>
    /// <returns>Null when it was taken; else how long to wait for the next one.</returns>
    public async Task<TimeSpan?> Take(RateLimit limit, string key, CancellationToken cancellationToken)
    {
        var hash = HashOf(secrets, key);
        var now = Instant.Now(time);
        var burst = limit.Step * limit.Burst;
        await using var take = database.Sql(TakeSql, limit.Scope, hash, now, limit.Step, burst);
        if (await take.ExecuteScalarAsync(cancellationToken) is not null)
        {
            return null;
        }

        await using var read = database.Sql(PaidOffSql, limit.Scope, hash);
        var paidOffAt = await read.ExecuteScalarAsync(cancellationToken) is DateTime at
            ? new DateTimeOffset(at, TimeSpan.Zero)
            : now + burst;
        return paidOffAt + limit.Step - burst - now;
    }

    /// <summary>What is kept of a key.</summary>
    public static byte[] HashOf(Secrets secrets, string key)
    {
        var hash = new byte[SecretHash.Bytes];
        secrets.Hash(Pepper, Encoding.UTF8.GetBytes(key), hash);
        return hash;
    }
}
