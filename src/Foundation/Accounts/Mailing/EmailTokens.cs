using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>What a mailed link is for.</summary>
internal enum EmailTokenPurpose
{
    /// <summary>Proves the address a person has.</summary>
    Verify,

    /// <summary>Lets a person set a new password.</summary>
    Reset,

    /// <summary>Moves a person to a new address.</summary>
    Change,
}

/// <summary>What a token of a mailed link turns out to be.</summary>
internal abstract record EmailToken
{
    private EmailToken()
    {
    }

    /// <summary>No token of ours, or of another kind of link: cut off, misspelt or made up.</summary>
    public sealed record Unknown : EmailToken;

    /// <summary>It has done its work already.</summary>
    public sealed record Used : EmailToken;

    /// <summary>It came too late.</summary>
    public sealed record Expired : EmailToken;

    /// <summary>It works.</summary>
    /// <param name="User">Whose it is.</param>
    /// <param name="Email">The address the mail went to.</param>
    public sealed record Good(UserId User, string Email) : EmailToken;
}

/// <summary>The tokens of mailed links: each works once, for a while; only a peppered hash is kept.</summary>
internal sealed class EmailTokens(NpgsqlDataSource database, SecretHasher hasher, IdSource ids, TimeProvider time)
{
    // Earlier links of the kind stop working: of several mails the newest counts.
    private const string CreateSql = """
        with earlier as (
            update accounts.email_tokens
            set used_at = $6
            where user_id = $2
                and purpose = $3
                and used_at is null
        )
        insert into accounts.email_tokens (token_id, user_id, purpose, secret_hash, email, created_at, expires_at)
        values ($1, $2, $3, $4, $5, $6, $7)
        """;

    /// <summary>Makes a token.</summary>
    /// <returns>The token; a secret.</returns>
    public async Task<string> Create(
        NpgsqlTransaction transaction,
        UserId user,
        EmailTokenPurpose purpose,
        string email,
        TimeSpan lifetime,
        CancellationToken cancellationToken)
    {
        var token = SecretText.Create(SecretText.MailToken);
        var now = Instant.Now(time);
        await using var command = transaction.Sql(
            CreateSql,
            ids.Next(),
            user.Value,
            StoredWord.Of(purpose),
            hasher.Hash(token).ToBytes(),
            email,
            now,
            now + lifetime);
        await command.ExecuteNonQueryAsync(cancellationToken);
        return token;
    }

    private const string LookSql = """
        select user_id, email, used_at is not null, expires_at
        from accounts.email_tokens
        where secret_hash = $1
            and purpose = $2
        """;

    /// <summary>Looks at a token without using it up.</summary>
    public async Task<EmailToken> Look(string token, EmailTokenPurpose purpose, CancellationToken cancellationToken)
    {
        if (!SecretText.IsWellFormed(SecretText.MailToken, token))
        {
            return new EmailToken.Unknown();
        }

        await using var command = database.Sql(LookSql, hasher.Hash(token).ToBytes(), StoredWord.Of(purpose));
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        if (!await row.ReadAsync(cancellationToken))
        {
            return new EmailToken.Unknown();
        }

        if (row.GetBoolean(2))
        {
            return new EmailToken.Used();
        }

        return row.GetFieldValue<DateTimeOffset>(3) <= time.GetUtcNow()
            ? new EmailToken.Expired()
            : new EmailToken.Good(new UserId(row.GetGuid(0)), row.GetString(1));
    }

    // Of two who come with the same link, the second waits for the first and then finds it used.
    private const string UseSql = """
        update accounts.email_tokens
        set used_at = $3
        where secret_hash = $1
            and purpose = $2
            and used_at is null
            and expires_at > $3
        returning user_id, email
        """;

    /// <summary>Uses a token up.</summary>
    /// <returns>Null where it does not work (any more).</returns>
    public async Task<EmailToken.Good?> Use(
        NpgsqlTransaction transaction, string token, EmailTokenPurpose purpose, CancellationToken cancellationToken)
    {
        if (!SecretText.IsWellFormed(SecretText.MailToken, token))
        {
            return null;
        }

        await using var command = transaction.Sql(
            UseSql, hasher.Hash(token).ToBytes(), StoredWord.Of(purpose), Instant.Now(time));
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken)
            ? new EmailToken.Good(new UserId(row.GetGuid(0)), row.GetString(1))
            : null;
    }

    private const string VoidSql = """
        update accounts.email_tokens
        set used_at = $2
        where user_id = $1
            and used_at is null
        """;

    /// <summary>Makes every link of a person stop working.</summary>
    public async Task VoidAll(NpgsqlTransaction transaction, UserId user, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(VoidSql, user.Value, Instant.Now(time));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
