using System.Text;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Notifications.Internal;

/// <summary>Keeps mails to people until they leave: encrypted, each readable in its own row only.</summary>
internal sealed class SealedMails(Secrets secrets, IdSource ids, WakeUps wakeUps, TimeProvider time) : IMails
{
    private const string Purpose = "notifications.sealed_mail";

    private const string InsertSql = """
        insert into notifications.sealed_mails (org_id, mail_id, address, subject, purpose, sealed_text, state, due_at,
            created_at)
        values ($1, $2, $3, $4, $5, $6, 'waiting', $7, $7)
        """;

    public async Task Send(NpgsqlTransaction transaction, Mail mail, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(mail.To.Length, Limits.AddressLettersMax, nameof(mail));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(mail.Subject.Length, Limits.SubjectLettersMax, nameof(mail));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(mail.Text.Length, Limits.MailLettersMax, nameof(mail));
        var id = ids.Next();
        await using var command = transaction.Sql(
            InsertSql,
            mail.Org?.Value ?? Guid.Empty,
            id,
            mail.To,
            mail.Subject,
            mail.Purpose,
            secrets.Protect(Purpose, Encoding.UTF8.GetBytes(mail.Text), id.ToByteArray()),
            Instant.Now(time));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public void Hint() => wakeUps.Hint(SealedMailPump.Channel);

    /// <summary>What a mail says.</summary>
    public string Open(Guid mail, byte[] text) =>
        Encoding.UTF8.GetString(secrets.Unprotect(Purpose, text, mail.ToByteArray()));
}
