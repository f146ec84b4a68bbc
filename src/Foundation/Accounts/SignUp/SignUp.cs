using Microsoft.AspNetCore.Http;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Somebody who wants to sign up.</summary>
internal sealed record NewSignUp(string Name, string Email, string Password, string ReturnTo);

/// <summary>Every way beginning to sign up can end, in the order they are checked.</summary>
internal abstract record SignUpOutcome
{
    private SignUpOutcome()
    {
    }

    /// <summary>What they wrote is not right.</summary>
    public sealed record Invalid(InvalidInput Input) : SignUpOutcome;

    /// <summary>This host cannot put links into mails.</summary>
    public sealed record NoPublicUrl : SignUpOutcome;

    /// <summary>Too many, from this visitor or to this address.</summary>
    public sealed record TooMany(TimeSpan Wait) : SignUpOutcome;

    /// <summary>A mail was sent, whoever has the address.</summary>
    public sealed record MailSent : SignUpOutcome;
}

/// <summary>
/// Begins a sign-up: a mail goes to the address, and nobody is known by it before its link and the password come together.
/// An address that has an account gets a mail that says so; whoever asks sees no difference.
/// </summary>
internal sealed class SignUp(
    NpgsqlDataSource database,
    SecretHasher hasher,
    Rates rates,
    PasswordHashing hashing,
    PublicLinks links,
    IMails mails,
    IdSource ids,
    TimeProvider time)
{
    private const string InsertSql = """
        insert into accounts.sign_ups (sign_up_id, secret_hash, name, email, password_hash, return_to, created_at,
            expires_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        """;

    public async Task<SignUpOutcome> Handle(
        HttpRequest request, NewSignUp wanted, CancellationToken cancellationToken)
    {
        var invalid = InvalidInput.Of(
            ("name", InputText.Problem(wanted.Name, Limits.NameLettersMax)),
            ("email", EmailAddress.Problem(wanted.Email)),
            ("password", PasswordRules.Problem(wanted.Password, wanted.Email, wanted.Name)));
        if (invalid is not null)
        {
            return new SignUpOutcome.Invalid(invalid);
        }

        var token = SecretText.Create(SecretText.SignUpToken);
        if (links.To(request, $"/verify-email?token={token}") is not { } link)
        {
            return new SignUpOutcome.NoPublicUrl();
        }

        var wait = await rates.Take(Limits.SignUpsPerVisitor, Visitor.Of(request.HttpContext), cancellationToken)
            ?? await rates.Take(Limits.MailsPerAddress, EmailAddress.Folded(wanted.Email), cancellationToken);
        if (wait is { } remaining)
        {
            return new SignUpOutcome.TooMany(remaining);
        }

        var hash = await hashing.Hash(wanted.Password, cancellationToken);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var known = await UserRows.FindByEmail(transaction, wanted.Email, cancellationToken);

        // A row is written either way, so that neither the answer nor its time tells whether anybody has the address.
        await Insert(transaction, wanted, known is null ? token : SecretText.Create(SecretText.SignUpToken), hash, cancellationToken);
        await mails.Send(
            transaction,
            known is null
                ? PeopleMails.SignUp(wanted.Email, wanted.Name, link)
                : PeopleMails.AlreadySignedUp(
                    known.Email!, links.To(request, RedirectsToSignIn.Path)!, links.To(request, "/forgot-password")!),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        mails.Hint();
        return new SignUpOutcome.MailSent();
    }

    private async Task Insert(
        NpgsqlTransaction transaction, NewSignUp wanted, string token, string hash, CancellationToken cancellationToken)
    {
        var now = Instant.Now(time);
        await using var command = transaction.Sql(
            InsertSql,
            ids.Next(),
            hasher.Hash(token).ToBytes(),
            wanted.Name,
            wanted.Email,
            hash,
            wanted.ReturnTo,
            now,
            now + Limits.SignUpLifetime);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
