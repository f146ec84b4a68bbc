using System.Security.Cryptography;
using System.Text;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>
/// Codes that stand in for a lost second factor, each once: ten letters that cannot be mistaken for each other (50 bits);
/// only a peppered hash is kept.
/// </summary>
internal sealed class RecoveryCodes(Secrets secrets, TimeProvider time)
{
    private const string Pepper = "accounts.recovery_code";

    // Crockford's base 32: neither I, L, O nor U.
    private const string Letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private const int CodeLetters = 10;

    private const string ReplaceSql = """
        with old as (
            delete from accounts.recovery_codes
            where user_id = $1
                and not code_hash = any($2)
        )
        insert into accounts.recovery_codes (user_id, code_hash, created_at)
        select $1, code_hash, $3
        from unnest($2::bytea[]) code_hash
        """;

    /// <summary>Makes new ones; the old ones stop working.</summary>
    public async Task<IReadOnlyList<string>> Replace(
        NpgsqlTransaction transaction, UserId user, CancellationToken cancellationToken)
    {
        var codes = Enumerable.Range(0, Limits.RecoveryCodes)
            .Select(_ => RandomNumberGenerator.GetString(Letters, CodeLetters))
            .ToList();
        await using var command = transaction.Sql(
            ReplaceSql, user.Value, codes.Select(code => HashOf(user, code)).ToArray(), Instant.Now(time));
        await command.ExecuteNonQueryAsync(cancellationToken);
        return [.. codes.Select(code => $"{code[..5]}-{code[5..]}")];
    }

    private const string UseSql = """
        update accounts.recovery_codes
        set used_at = $3
        where user_id = $1
            and code_hash = $2
            and used_at is null
        """;

    /// <summary>Uses one up; false when it is none (any more).</summary>
    public async Task<bool> Use(
        NpgsqlTransaction transaction, UserId user, string code, CancellationToken cancellationToken)
    {
        var letters = Folded(code);
        if (letters.Length != CodeLetters)
        {
            return false;
        }

        await using var command = transaction.Sql(UseSql, user.Value, HashOf(user, letters), Instant.Now(time));
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    private const string DropSql = "delete from accounts.recovery_codes where user_id = $1";

    /// <summary>Removes all of somebody's.</summary>
    public static async Task Drop(NpgsqlTransaction transaction, UserId user, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(DropSql, user.Value);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private const string LeftSql = """
        select count(*)
        from accounts.recovery_codes
        where user_id = $1
            and used_at is null
        """;

    /// <summary>How many somebody has left.</summary>
    public static async Task<int> Left(NpgsqlDataSource database, UserId user, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(LeftSql, user.Value);
        return (int)(long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    // People copy by hand: small letters, spaces and the letters that look like digits are meant well.
    private static string Folded(string code) => new(
        [.. code.ToUpperInvariant()
            .Replace('O', '0').Replace('I', '1').Replace('L', '1')
            .Where(letter => Letters.Contains(letter, StringComparison.Ordinal))]);

    private byte[] HashOf(UserId user, string code)
    {
        var hash = new byte[SecretHash.Bytes];
        secrets.Hash(Pepper, [.. user.Value.ToByteArray(bigEndian: true), .. Encoding.UTF8.GetBytes(code)], hash);
        return hash;
    }
}
