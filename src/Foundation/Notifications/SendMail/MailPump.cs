using System.Net.Mail;
using Microsoft.Extensions.Logging;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Notifications.Internal;

/// <summary>A mail that is being handed over.</summary>
internal sealed record DueMail(OrgId Org, Guid Id, string Address, string Subject, string Body, int Attempts);

/// <summary>
/// Hands mails to the mail server, one replica at a time. A mail is marked before it is handed over: whoever dies
/// meanwhile leaves it uncertain, because a person would rather miss one mail than get it again and again.
/// </summary>
internal sealed class MailPump(
    NpgsqlDataSource database,
    SmtpMailer mailer,
    NotificationsMetrics metrics,
    Jitter jitter,
    TimeProvider time,
    ILogger<MailPump> logger)
{
    /// <summary>The pump's name and wake-up channel.</summary>
    public const string Channel = "notifications.mails";

    private const string GiveUpSql = """
        update notifications.mails
        set state = 'uncertain',
            finished_at = $1
        where state = 'sending'
          and due_at <= $1
        """;

    private const string TakeSql = """
        with due as (
            select org_id, mail_id
            from notifications.mails
            where state = 'waiting'
              and due_at <= $1
            order by due_at, mail_id
            limit $2
            for update skip locked
        )
        update notifications.mails mail
        set state = 'sending',
            attempts = attempts + 1,
            due_at = $3
        from due
        where mail.org_id = due.org_id
          and mail.mail_id = due.mail_id
        returning mail.org_id, mail.mail_id, address, subject, body, attempts
        """;

    /// <summary>One step: hands over some mails that are due.</summary>
    public async Task<bool> Step(PumpTurn turn, CancellationToken cancellationToken)
    {
        if (!mailer.IsAvailable)
        {
            return false;
        }

        // One at a time, so that a host that dies leaves one uncertain and not all of a batch.
        for (var count = 0; count < Limits.MailsPerStep; count++)
        {
            if (await Take(turn, cancellationToken) is not { } mail)
            {
                return false;
            }

            await HandOver(mail, cancellationToken);
        }

        return true;
    }

    private async Task<DueMail?> Take(PumpTurn turn, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var giveUp = transaction.Sql(GiveUpSql, now))
        {
            await giveUp.ExecuteNonQueryAsync(cancellationToken);
        }

        var mail = await Read(transaction, now, cancellationToken);
        await turn.Guard(transaction, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return mail;
    }

    private static async Task<DueMail?> Read(
        NpgsqlTransaction transaction, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(TakeSql, now, 1, now + Limits.MailLease);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new DueMail(
                new OrgId(reader.GetGuid(0)),
                reader.GetGuid(1),
                reader.GetString(2),
                reader.GetString(3),
                reader.GetString(4),
                reader.GetInt32(5))
            : null;
    }

    private async Task HandOver(DueMail mail, CancellationToken cancellationToken)
    {
        try
        {
            await mailer.Send(mail, cancellationToken);
            await Write(mail, MailFate.Sent);
        }
        catch (Exception failure) when (failure is SmtpException or OperationCanceledException)
        {
            Log.MailFailed(logger, mail.Attempts, failure);
            await Write(mail, MailFate.After(failure, mail.Attempts, jitter.Next()));
        }
    }

    private const string WriteSql = """
        update notifications.mails
        set state = $3,
            due_at = $4,
            finished_at = $5,
            last_error = $6
        where org_id = $1
          and mail_id = $2
          and state = 'sending'
        """;

    // It was handed over, or refused: a host that stops now still says so.
    private async Task Write(DueMail mail, MailFate fate)
    {
        var now = Instant.Now(time);
        var state = StoredWord.Of(fate.State);
        metrics.Mailed(state);
        await using var command = database.Sql(
            WriteSql,
            mail.Org.Value,
            mail.Id,
            state,
            now + fate.Pause,
            fate.State == MailState.Waiting ? null : now,
            fate.Error);
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }
}
