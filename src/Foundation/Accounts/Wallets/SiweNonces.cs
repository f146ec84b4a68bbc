using System.Security.Cryptography;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>A nonce for one signature.</summary>
internal sealed record SiweNonce(string Text, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt);

/// <summary>Nonces: given out for five minutes, used once, on whatever replica. Timed by the system clock.</summary>
internal sealed class SiweNonces(NpgsqlDataSource database, TimeProvider time)
{
    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    // 22 of 62 letters are 131 bits of chance.
    private const int Letters = 22;

    private const string InsertSql = """
        insert into accounts.siwe_nonces (nonce, user_id, created_at, expires_at)
        values ($1, $2, $3, $4)
        """;

    /// <summary>Gives out a nonce.</summary>
    /// <param name="user">Whose account the signature will add a wallet to; null for signing in.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async Task<SiweNonce> Create(UserId? user, CancellationToken cancellationToken)
    {
        var now = Instant.Now(time);
        var nonce = new SiweNonce(
            RandomNumberGenerator.GetString(Alphabet, Letters), now, now + Limits.SiweNonceLifetime);
        await using var command = database.Sql(InsertSql, nonce.Text, user?.Value, now, nonce.ExpiresAt);
        await command.ExecuteNonQueryAsync(cancellationToken);
        return nonce;
    }

    // Of two who come with one nonce at the same time, the second waits for the first and then finds it used.
    private const string UseSql = """
        update accounts.siwe_nonces
        set used_at = $3
        where nonce = $1
            and user_id is not distinct from $2
            and used_at is null
            and expires_at > $3
        """;

    /// <summary>Uses a nonce up; false where it was not given out for this, has been used, or is too old.</summary>
    public static async Task<bool> Use(
        NpgsqlTransaction transaction,
        string nonce,
        UserId? user,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(UseSql, nonce, user?.Value, now);
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }
}
