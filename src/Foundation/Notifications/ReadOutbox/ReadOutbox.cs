using Npgsql;
using Quoin.Platform;

namespace Quoin.Notifications.Internal;

/// <summary>Reads the mails that stay here because there is no mail server.</summary>
internal sealed class ReadOutbox(NpgsqlDataSource database, SealedMails mails, SmtpMailer mailer)
{
    public bool IsInUse => !mailer.IsAvailable;

    private const string LatestSql = """
        select mail_id, address, subject, purpose, sealed_text, created_at
        from notifications.sealed_mails
        where state in ('waiting', 'sending', 'kept')
        order by created_at desc, mail_id desc
        limit $1
        """;

    public async Task<IReadOnlyList<KeptMail>> Latest(CancellationToken cancellationToken)
    {
        if (!IsInUse)
        {
            return [];
        }

        var found = new List<KeptMail>();
        await using var command = database.Sql(LatestSql, Limits.OutboxShown);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            var id = row.GetGuid(0);
            found.Add(new KeptMail(
                new MailId(id),
                row.GetString(1),
                row.GetString(2),
                row.GetString(3),
                row.IsDBNull(4) ? null : mails.Open(id, row.GetFieldValue<byte[]>(4)),
                row.GetFieldValue<DateTimeOffset>(5)));
        }

        return found;
    }
}
