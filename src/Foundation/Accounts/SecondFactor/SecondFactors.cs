using System.Security.Cryptography;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>People's second factors: set up, checked, removed. Guesses are counted per person, over all replicas.</summary>
internal sealed class SecondFactors(
    NpgsqlDataSource database,
    Secrets secrets,
    RecoveryCodes codes,
    Attempts attempts,
    IAudit audit,
    IMails mails,
    TimeProvider time)
{
    private const string Purpose = "accounts.totp";

    private const string BeginSql = """
        update accounts.users
        set totp_secret = $2, totp_last_step = null
        where user_id = $1
            and totp_confirmed_at is null
        returning email
        """;

    /// <summary>Makes a secret that counts once a code of it was given; null where a second factor is set up already.</summary>
    public async Task<SecondFactorSecret?> Begin(UserId user, CancellationToken cancellationToken)
    {
        var secret = RandomNumberGenerator.GetBytes(Totp.SecretBytes);
        await using var command = database.Sql(BeginSql, user.Value, secrets.Protect(Purpose, secret, ContextOf(user)));
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken)
            ? new SecondFactorSecret(
                Totp.Text(secret), Totp.Uri(secret, row.IsDBNull(0) ? user.ToString() : row.GetString(0)))
            : null;
    }

    private const string ConfirmSql = """
        update accounts.users
        set totp_confirmed_at = $2
        where user_id = $1
            and totp_confirmed_at is null
        """;

    /// <summary>From now on it is asked for at signing in.</summary>
    public async Task<SecondFactorOutcome> Confirm(UserId user, string code, CancellationToken cancellationToken) =>
        await WithCode(user, code, isConfirmed: false, "second_factor.set", async transaction =>
        {
            await using var confirm = transaction.Sql(ConfirmSql, user.Value, Instant.Now(time));
            await confirm.ExecuteNonQueryAsync(cancellationToken);
            return await codes.Replace(transaction, user, cancellationToken);
        }, cancellationToken);

    /// <summary>Makes new recovery codes; the old ones stop working.</summary>
    public async Task<SecondFactorOutcome> RenewCodes(UserId user, string code, CancellationToken cancellationToken) =>
        await WithCode(
            user,
            code,
            isConfirmed: true,
            "second_factor.codes_renewed",
            transaction => codes.Replace(transaction, user, cancellationToken),
            cancellationToken);

    private const string RemoveSql = """
        update accounts.users
        set totp_secret = null, totp_confirmed_at = null, totp_last_step = null
        where user_id = $1
        """;

    /// <summary>From now on it is not asked for any more.</summary>
    public async Task<SecondFactorOutcome> Remove(UserId user, string code, CancellationToken cancellationToken) =>
        await WithCode(user, code, isConfirmed: true, "second_factor.removed", async transaction =>
        {
            await Clear(transaction, user, cancellationToken);
            return [];
        }, cancellationToken);

    /// <summary>Removes it without a code: on the machine this Quoin runs on, for who lost everything.</summary>
    public async Task<bool> Reset(UserId user, string actor, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await UserRows.Find(transaction, user, cancellationToken) is not { HasSecondFactor: true } person)
        {
            return false;
        }

        await Clear(transaction, user, cancellationToken);
        await Record(transaction, user, actor, "second_factor.reset", person, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        mails.Hint();
        return true;
    }

    private const string LockSql = """
        select totp_secret, totp_confirmed_at is not null, totp_last_step
        from accounts.users
        where user_id = $1
        for update
        """;

    private const string StepSql = "update accounts.users set totp_last_step = $2 where user_id = $1";

    /// <summary>
    /// Uses a code up: the app's, each step once, or where one is set up a recovery code. Counts the attempt.
    /// </summary>
    public async Task<CodeVerdict> Check(
        NpgsqlTransaction transaction, UserId user, string code, bool isConfirmed, CancellationToken cancellationToken)
    {
        if (await attempts.Begin(Attempts.SecondFactor, user.ToString(), cancellationToken) is { } wait)
        {
            return new CodeVerdict.TooMany(wait);
        }

        if (await Lock(transaction, user, cancellationToken) is not (var secret, var confirmed, var lastStep)
            || confirmed != isConfirmed)
        {
            return new CodeVerdict.NotSetUp();
        }

        var digits = code.Replace(" ", "", StringComparison.Ordinal);
        if (Totp.Match(secret, digits, time.GetUtcNow(), lastStep) is { } step)
        {
            await using var use = transaction.Sql(StepSql, user.Value, step);
            await use.ExecuteNonQueryAsync(cancellationToken);
        }
        else if (!isConfirmed || !await codes.Use(transaction, user, code, cancellationToken))
        {
            return new CodeVerdict.Wrong();
        }

        await attempts.Forgive(transaction, Attempts.SecondFactor, user.ToString(), cancellationToken);
        return new CodeVerdict.Right();
    }

    private async Task<(byte[] Secret, bool IsConfirmed, long? LastStep)?> Lock(
        NpgsqlTransaction transaction, UserId user, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(LockSql, user.Value);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken) && !row.IsDBNull(0)
            ? (secrets.Unprotect(Purpose, row.GetFieldValue<byte[]>(0), ContextOf(user)),
                row.GetBoolean(1),
                row.IsDBNull(2) ? null : row.GetInt64(2))
            : null;
    }

    private async Task<SecondFactorOutcome> WithCode(
        UserId user,
        string code,
        bool isConfirmed,
        string action,
        Func<NpgsqlTransaction, Task<IReadOnlyList<string>>> change,
        CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        switch (await Check(transaction, user, code, isConfirmed, cancellationToken))
        {
            case CodeVerdict.TooMany(var wait):
                return new SecondFactorOutcome.TooMany(wait);
            case CodeVerdict.NotSetUp:
                return new SecondFactorOutcome.NotSetUp();
            case CodeVerdict.Wrong:
                return new SecondFactorOutcome.WrongCode();
        }

        var person = (await UserRows.Find(transaction, user, cancellationToken))!;
        var made = await change(transaction);
        await Record(transaction, user, user.ToString(), action, person, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        mails.Hint();
        return new SecondFactorOutcome.Done(made);
    }

    private async Task Record(
        NpgsqlTransaction transaction,
        UserId user,
        string actor,
        string action,
        UserProfile person,
        CancellationToken cancellationToken)
    {
        var isSet = action is not ("second_factor.removed" or "second_factor.reset");
        if (person.Email is { } email && isSet != person.HasSecondFactor)
        {
            await mails.Send(transaction, PeopleMails.SecondFactorChanged(email, isSet), cancellationToken);
        }

        await audit.Record(
            transaction,
            new AuditEntry(
                null,
                actor,
                action,
                user.ToString(),
                Before: AuditState.Of(new { person.HasSecondFactor }),
                After: AuditState.Of(new { HasSecondFactor = isSet })),
            cancellationToken);
    }

    private static async Task Clear(NpgsqlTransaction transaction, UserId user, CancellationToken cancellationToken)
    {
        await using var remove = transaction.Sql(RemoveSql, user.Value);
        await remove.ExecuteNonQueryAsync(cancellationToken);
        await RecoveryCodes.Drop(transaction, user, cancellationToken);
    }

    private static byte[] ContextOf(UserId user) => user.Value.ToByteArray(bigEndian: true);
}

/// <summary>What a code of the second factor turns out to be.</summary>
internal abstract record CodeVerdict
{
    private CodeVerdict()
    {
    }

    /// <summary>Too many wrong ones before it.</summary>
    public sealed record TooMany(TimeSpan Wait) : CodeVerdict;

    /// <summary>There is nothing it could be a code of.</summary>
    public sealed record NotSetUp : CodeVerdict;

    /// <summary>It is none, or was used before.</summary>
    public sealed record Wrong : CodeVerdict;

    /// <summary>It is one, and is used up with the transaction.</summary>
    public sealed record Right : CodeVerdict;
}
