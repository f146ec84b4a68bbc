using Npgsql;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>What a sign-up's link turns out to be.</summary>
internal abstract record SignUpLink
{
    private SignUpLink()
    {
    }

    /// <summary>No link of ours: cut off, misspelt or made up.</summary>
    public sealed record Unknown : SignUpLink;

    /// <summary>It has done its work already.</summary>
    public sealed record Used : SignUpLink;

    /// <summary>It came too late.</summary>
    public sealed record Expired : SignUpLink;

    /// <summary>It works.</summary>
    public sealed record Good(string Name, string Email, string PasswordHash, string ReturnTo) : SignUpLink;
}

/// <summary>Every way finishing a sign-up can end, in the order they are checked.</summary>
internal abstract record FinishSignUpOutcome
{
    private FinishSignUpOutcome()
    {
    }

    /// <summary>The link does not work (any more).</summary>
    public sealed record DoesNotWork(SignUpLink Link) : FinishSignUpOutcome;

    /// <summary>Too many wrong passwords with this link.</summary>
    public sealed record TooMany(TimeSpan Wait) : FinishSignUpOutcome;

    /// <summary>The password is not the one chosen with this link.</summary>
    public sealed record WrongPassword : FinishSignUpOutcome;

    /// <summary>The address got an account meanwhile, by another link.</summary>
    public sealed record AddressTaken : FinishSignUpOutcome;

    /// <summary>They are known now, their address is proved, and they are in.</summary>
    public sealed record Done(SessionStart Start, string ReturnTo) : FinishSignUpOutcome;
}

/// <summary>
/// Finishes a sign-up where the mailed link and the password chosen with it come together: the mailbox's owner alone, who
/// did not choose the password, cannot be made to take over an account somebody else prepared.
/// </summary>
internal sealed class FinishSignUp(
    NpgsqlDataSource database,
    SecretHasher hasher,
    Attempts attempts,
    PasswordHashing hashing,
    RegisterPerson registering,
    SessionStarter starter,
    TimeProvider time)
{
    private const string LookSql = """
        select name, email, password_hash, return_to, used_at is not null, expires_at
        from accounts.sign_ups
        where secret_hash = $1
        """;

    /// <summary>Looks at a link without using it up.</summary>
    public async Task<SignUpLink> Look(string token, CancellationToken cancellationToken)
    {
        if (!SecretText.IsWellFormed(SecretText.SignUpToken, token))
        {
            return new SignUpLink.Unknown();
        }

        await using var command = database.Sql(LookSql, hasher.Hash(token).ToBytes());
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        if (!await row.ReadAsync(cancellationToken))
        {
            return new SignUpLink.Unknown();
        }

        if (row.GetBoolean(4))
        {
            return new SignUpLink.Used();
        }

        return row.GetFieldValue<DateTimeOffset>(5) <= time.GetUtcNow()
            ? new SignUpLink.Expired()
            : new SignUpLink.Good(row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3));
    }

    public async Task<FinishSignUpOutcome> Handle(
        string token, string password, SessionFacts facts, CancellationToken cancellationToken)
    {
        var looked = await Look(token, cancellationToken);
        if (looked is not SignUpLink.Good link)
        {
            return new FinishSignUpOutcome.DoesNotWork(looked);
        }

        if (await attempts.Begin(Attempts.SignUp, token, cancellationToken) is { } wait)
        {
            return new FinishSignUpOutcome.TooMany(wait);
        }

        if (await hashing.Verify(link.PasswordHash, password, cancellationToken) == PasswordVerdict.Wrong)
        {
            return new FinishSignUpOutcome.WrongPassword();
        }

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (!await UseUp(transaction, token, cancellationToken))
        {
            return new FinishSignUpOutcome.DoesNotWork(new SignUpLink.Used());
        }

        var created = await registering.Handle(
            transaction,
            new NewUser(link.Name, link.Email, EmailIsVerified: true) { PasswordHash = link.PasswordHash },
            cancellationToken);
        if (created is not CreateUserOutcome.Created(var user))
        {
            await transaction.CommitAsync(cancellationToken);
            return new FinishSignUpOutcome.AddressTaken();
        }

        await attempts.Forgive(transaction, Attempts.SignUp, token, cancellationToken);
        var start = await starter.Start(transaction, user.Id, SessionMethod.Password, facts, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new FinishSignUpOutcome.Done(start, link.ReturnTo);
    }

    private const string UseSql = """
        update accounts.sign_ups
        set used_at = $2
        where secret_hash = $1
            and used_at is null
            and expires_at > $2
        """;

    private async Task<bool> UseUp(NpgsqlTransaction transaction, string token, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(UseSql, hasher.Hash(token).ToBytes(), Instant.Now(time));
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }
}
