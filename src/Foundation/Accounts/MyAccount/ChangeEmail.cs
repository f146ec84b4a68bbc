using Microsoft.AspNetCore.Http;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>
/// Has a signed-in person prove their address, or a new one: the link that is mailed there does the rest. An address that
/// somebody else has gets no mail, and the answer is the same.
/// </summary>
internal sealed class ChangeEmail(
    NpgsqlDataSource database,
    EmailTokens tokens,
    Rates rates,
    PresentSession present,
    PublicLinks links,
    IMails mails)
{
    public async Task<ChangeEmailOutcome> Handle(
        HttpContext context, UserId user, string wanted, CancellationToken cancellationToken)
    {
        if (EmailAddress.Problem(wanted) is { } problem)
        {
            return new ChangeEmailOutcome.Invalid(problem);
        }

        if (links.To(context.Request, string.Empty) is null)
        {
            return new ChangeEmailOutcome.NoPublicUrl();
        }

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var person = await UserRows.Find(transaction, user, cancellationToken);
        var isOwn = person?.Email is { } own && EmailAddress.Folded(own) == EmailAddress.Folded(wanted);
        if (!isOwn && await present.Of(context, user, cancellationToken) is not { IsRecent: true })
        {
            return new ChangeEmailOutcome.ProofTooOld();
        }

        var wait = await rates.Take(Limits.MailsPerAddress, user.ToString(), cancellationToken)
            ?? await rates.Take(Limits.MailsPerAddress, EmailAddress.Folded(wanted), cancellationToken);
        if (wait is { } remaining)
        {
            return new ChangeEmailOutcome.TooMany(remaining);
        }

        if (isOwn || await UserRows.FindByEmail(transaction, wanted, cancellationToken) is null)
        {
            var token = await tokens.Create(
                transaction,
                user,
                isOwn ? EmailTokenPurpose.Verify : EmailTokenPurpose.Change,
                wanted,
                Limits.EmailTokenLifetime,
                cancellationToken);
            var link = links.To(context.Request, $"/verify-email?token={token}")!;
            await mails.Send(
                transaction,
                isOwn ? PeopleMails.Verify(wanted, link) : PeopleMails.Change(wanted, link),
                cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        mails.Hint();
        return new ChangeEmailOutcome.MailSent();
    }
}
