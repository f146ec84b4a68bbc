using Microsoft.AspNetCore.Http;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Changes a signed-in person's password, or gives them a first one.</summary>
internal sealed class ChangePassword(
    NpgsqlDataSource database,
    Attempts attempts,
    PasswordHashing hashing,
    StorePassword storing,
    SessionStarter starter,
    SessionCookie cookie,
    PresentSession present,
    PublicLinks links,
    IMails mails)
{
    private const string KeptSql = "select password_hash, email, name from accounts.users where user_id = $1";

    public async Task<ChangePasswordOutcome> Handle(
        HttpContext context, UserId user, string current, string wanted, CancellationToken cancellationToken)
    {
        var (kept, email, name) = await Kept(user, cancellationToken);
        var session = await present.Of(context, user, cancellationToken);
        if (session is null || (kept is null && !session.IsRecent))
        {
            return new ChangePasswordOutcome.ProofTooOld();
        }

        if (PasswordRules.Problem(wanted, email, name) is { } problem)
        {
            return new ChangePasswordOutcome.Invalid(problem);
        }

        var key = email is null ? user.ToString() : EmailAddress.Folded(email);
        if (kept is not null && await attempts.Begin(Attempts.Password, key, cancellationToken) is { } wait)
        {
            return new ChangePasswordOutcome.TooMany(wait);
        }

        if (kept is not null && await hashing.Verify(kept, current, cancellationToken) == PasswordVerdict.Wrong)
        {
            return new ChangePasswordOutcome.WrongPassword();
        }

        var hash = await hashing.Hash(wanted, cancellationToken);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var ended = await storing.Handle(
            transaction, user, hash, provesEmail: false, user.ToString(), "password.changed", cancellationToken);
        await attempts.Forgive(transaction, Attempts.Password, key, cancellationToken);
        if (email is not null)
        {
            var reset = links.To(context.Request, ResetPasswordEndpoints.AskPath) ?? ResetPasswordEndpoints.AskPath;
            await mails.Send(transaction, PeopleMails.PasswordChanged(email, reset), cancellationToken);
        }

        var next = await starter.Begin(
            transaction, user, session.Method, SessionFacts.Of(context), session.HasSecondFactor, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        storing.Forget(ended);
        mails.Hint();
        cookie.Write(context, next);
        return new ChangePasswordOutcome.Changed();
    }

    private async Task<(string? Hash, string? Email, string? Name)> Kept(
        UserId user, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(KeptSql, user.Value);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken)
            ? (row.IsDBNull(0) ? null : row.GetString(0),
                row.IsDBNull(1) ? null : row.GetString(1),
                row.IsDBNull(2) ? null : row.GetString(2))
            : (null, null, null);
    }
}
