using System.Net.Mail;
using Microsoft.Extensions.Logging;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Notifications.Internal;

/// <summary>
/// Hands mails to people over, one replica at a time, and removes their text once that is done. Marked before it is handed
/// over, as <see cref="MailPump"/> does. Without a mail server they are kept to be read in the outbox.
/// </summary>
internal sealed class SealedMailPump(
    NpgsqlDataSource database,
    SealedMails mails,
    SmtpMailer mailer,
    NotificationsMetrics metrics,
    Jitter jitter,
    TimeProvider time,
    ILogger<SealedMailPump> logger)
{
    /// <summary>The pump's name and wake-up channel.</summary>
    public const string Channel = "notifications.sealed_mails";

    private const string GiveUpSql = """
        update notifications.sealed_mails
        set state = 'uncertain',
            sealed_text = null,
            finished_at = $1
        where state = 'sending'
          and due_at <= $1
        """;

    private const string TakeSql = """
        with due as (
            select org_id, mail_id
            from notifications.sealed_mails
            where state = 'waiting'
              and due_at <= $1
            order by due_at, mail_id
            limit 1
            for update skip locked
        )
        update notifications.sealed_mails mail
        set state = 'sending',
            attempts = attempts + 1,
            due_at = $2
        from due
        where mail.org_id = due.org_id
          and mail.mail_id = due.mail_id
        returning mail.org_id, mail.mail_id, address, subject, sealed_text, attempts
        """;

    /// <summary>One step: hands over some mails that are due.</summary>
    public async Task<bool> Step(PumpTurn turn, CancellationToken cancellationToken)
    {
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

    private async Task<DueMail?> Read(
        NpgsqlTransaction transaction, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(TakeSql, now, now + Limits.MailLease);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        if (!await row.ReadAsync(cancellationToken))
        {
            return null;
        }

        var id = row.GetGuid(1);
        return new DueMail(
            new OrgId(row.GetGuid(0)),
            id,
            row.GetString(2),
            row.GetString(3),
            mails.Open(id, row.GetFieldValue<byte[]>(4)),
            row.GetInt32(5));
    }

    private async Task HandOver(DueMail mail, CancellationToken cancellationToken)
    {
        try
        {
            if (mailer.IsAvailable)
            {
                await mailer.Send(mail, cancellationToken);
                await Write(mail, MailFate.Sent, "sent");
            }
            else
            {
                await mailer.Keep(mail, cancellationToken);
                await Write(mail, MailFate.Sent, "kept");
            }
        }
        catch (Exception failure) when (failure is SmtpException or OperationCanceledException)
        {
            Log.MailFailed(logger, mail.Attempts, failure);
            var fate = MailFate.After(failure, mail.Attempts, jitter.Next());
            await Write(mail, fate, StoredWord.Of(fate.State));
        }
    }

    private const string WriteSql = """
        update notifications.sealed_mails
        set state = $3,
            sealed_text = case when $3 in ('waiting', 'kept') then sealed_text end,
            due_at = $4,
            finished_at = $5,
            last_error = $6
        where org_id = $1
          and mail_id = $2
          and state = 'sending'
        """;

    // It was handed over, or refused: a host that stops now still says so.
    private async Task Write(DueMail mail, MailFate fate, string state)
    {
        var now = Instant.Now(time);
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
