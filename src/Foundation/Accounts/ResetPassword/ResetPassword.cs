using Microsoft.AspNetCore.Http;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Every way asking for a new password can end, in the order they are checked.</summary>
internal abstract record AskForResetOutcome
{
    private AskForResetOutcome()
    {
    }

    /// <summary>What they wrote is no address.</summary>
    public sealed record Invalid(string Problem) : AskForResetOutcome;

    /// <summary>This host cannot put links into mails.</summary>
    public sealed record NoPublicUrl : AskForResetOutcome;

    /// <summary>Too many, from this visitor or to this address.</summary>
    public sealed record TooMany(TimeSpan Wait) : AskForResetOutcome;

    /// <summary>A mail was sent, whoever has the address.</summary>
    public sealed record MailSent : AskForResetOutcome;
}

/// <summary>Every way setting a new password with a mailed link can end, in the order they are checked.</summary>
internal abstract record ResetPasswordOutcome
{
    private ResetPasswordOutcome()
    {
    }

    /// <summary>The link does not work (any more).</summary>
    public sealed record DoesNotWork(EmailToken Token) : ResetPasswordOutcome;

    /// <summary>The password may not be chosen.</summary>
    public sealed record Invalid(string Problem) : ResetPasswordOutcome;

    /// <summary>It is set, every session has ended, and a new one begins.</summary>
    public sealed record Done(SessionStart Start) : ResetPasswordOutcome;
}

/// <summary>
/// Sets a new password with a mailed link. It always works, whatever was tried in vain before: who reads the mailbox is
/// not the one who guesses.
/// </summary>
internal sealed class ResetPassword(
    NpgsqlDataSource database,
    EmailTokens tokens,
    Rates rates,
    Attempts attempts,
    PasswordHashing hashing,
    StorePassword storing,
    SessionStarter starter,
    PublicLinks links,
    IMails mails)
{
    /// <summary>Sends a link; to an address without an account, a mail that says so.</summary>
    public async Task<AskForResetOutcome> Ask(
        HttpRequest request, string email, CancellationToken cancellationToken)
    {
        if (EmailAddress.Problem(email) is { } problem)
        {
            return new AskForResetOutcome.Invalid(problem);
        }

        if (links.To(request, SignUpEndpoints.Path) is not { } signUp)
        {
            return new AskForResetOutcome.NoPublicUrl();
        }

        var wait = await rates.Take(Limits.ResetsPerVisitor, Visitor.Of(request.HttpContext), cancellationToken)
            ?? await rates.Take(Limits.MailsPerAddress, EmailAddress.Folded(email), cancellationToken);
        if (wait is { } remaining)
        {
            return new AskForResetOutcome.TooMany(remaining);
        }

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var mail = PeopleMails.ResetOfNobody(email, signUp);
        if (await UserRows.FindByEmail(transaction, email, cancellationToken) is { State: UserState.Active or UserState.Deleting } user)
        {
            var token = await tokens.Create(
                transaction, user.Id, EmailTokenPurpose.Reset, user.Email!, Limits.ResetLifetime, cancellationToken);
            mail = PeopleMails.Reset(user.Email!, links.To(request, $"/reset-password?token={token}")!);
        }

        await mails.Send(transaction, mail, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        mails.Hint();
        return new AskForResetOutcome.MailSent();
    }

    /// <summary>Looks at a link without using it up.</summary>
    public Task<EmailToken> Look(string token, CancellationToken cancellationToken) =>
        tokens.Look(token, EmailTokenPurpose.Reset, cancellationToken);

    public async Task<ResetPasswordOutcome> Handle(
        HttpRequest request, string token, string password, SessionFacts facts, CancellationToken cancellationToken)
    {
        var looked = await Look(token, cancellationToken);
        if (looked is not EmailToken.Good(var user, var email))
        {
            return new ResetPasswordOutcome.DoesNotWork(looked);
        }

        if (PasswordRules.Problem(password, email) is { } problem)
        {
            return new ResetPasswordOutcome.Invalid(problem);
        }

        var hash = await hashing.Hash(password, cancellationToken);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await tokens.Use(transaction, token, EmailTokenPurpose.Reset, cancellationToken) is null)
        {
            return new ResetPasswordOutcome.DoesNotWork(new EmailToken.Used());
        }

        await tokens.VoidAll(transaction, user, cancellationToken);
        await attempts.Forgive(transaction, Attempts.Password, EmailAddress.Folded(email), cancellationToken);
        var ended = await storing.Handle(
            transaction, user, hash, provesEmail: true, user.ToString(), "password.reset", cancellationToken);
        await mails.Send(
            transaction,
            PeopleMails.PasswordChanged(email, links.To(request, ResetPasswordEndpoints.AskPath) ?? "/forgot-password"),
            cancellationToken);
        var start = await starter.Start(transaction, user, SessionMethod.Link, facts, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        storing.Forget(ended);
        mails.Hint();
        return new ResetPasswordOutcome.Done(start);
    }
}
