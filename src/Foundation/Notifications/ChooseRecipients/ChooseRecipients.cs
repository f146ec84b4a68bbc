using System.Net.Mail;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Notifications.Internal;

/// <summary>Chooses and reads who gets which mails.</summary>
internal sealed class ChooseRecipients(
    NpgsqlDataSource database, NotificationOptions options, IAudit audit, TimeProvider time)
{
    public bool IsMailAvailable => options.Smtp is not null;

    private const string ReadSql = """
        select address, topics
        from notifications.mail_recipients
        where org_id = $1
        order by address
        """;

    public async Task<IReadOnlyList<MailRecipient>> Read(OrgId org, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(ReadSql, org.Value);
        return await Read(command, cancellationToken);
    }

    public async Task<RecipientsOutcome> Handle(
        OrgId org, IReadOnlyList<MailRecipient> recipients, string actor, CancellationToken cancellationToken)
    {
        if (Check(recipients) is { Count: > 0 } errors)
        {
            return new RecipientsOutcome.Invalid(errors);
        }

        // One person may have written an address in two ways; mail servers take them as one.
        MailRecipient[] wanted = [.. recipients.Select(one => one with { Address = one.Address.ToLowerInvariant() })];
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var before = await Replace(transaction, org, wanted, actor, cancellationToken);
        await audit.Record(
            transaction,
            new AuditEntry(
                org,
                actor,
                "notification_recipients.chosen",
                org.ToString(),
                Before: AuditState.Of(before),
                After: AuditState.Of(wanted)),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new RecipientsOutcome.Chosen([.. wanted.OrderBy(one => one.Address, StringComparer.Ordinal)]);
    }

    private const string MailsSql = """
        select address, subject, state, last_error, created_at
        from notifications.mails
        where org_id = $1
        order by created_at desc, mail_id desc
        limit $2
        """;

    public async Task<IReadOnlyList<SentMail>> Mails(OrgId org, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(MailsSql, org.Value, Limits.MailsShown);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var mails = new List<SentMail>();
        while (await reader.ReadAsync(cancellationToken))
        {
            mails.Add(new SentMail(
                reader.GetString(0),
                reader.GetString(1),
                StoredWord.Read<MailState>(reader.GetString(2)),
                reader.IsDBNull(3) ? null : reader.GetString(3),
                reader.GetFieldValue<DateTimeOffset>(4)));
        }

        return mails;
    }

    private static Dictionary<string, string> Check(IReadOnlyList<MailRecipient> recipients)
    {
        var errors = new Dictionary<string, string>(StringComparer.Ordinal);
        if (recipients.Count > Limits.RecipientsMax)
        {
            errors["recipients"] = $"must be at most {Limits.RecipientsMax}";
        }

        var addresses = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (index, recipient) in recipients.Index())
        {
            if (recipient is null)
            {
                errors[$"recipients[{index}]"] = "must not be null";
                continue;
            }

            if (!IsAddress(recipient.Address) || !addresses.Add(recipient.Address))
            {
                errors[$"recipients[{index}].address"] = "must be an e-mail address, each once";
            }

            if (EndpointCheck.TopicsProblem(recipient.Topics) is { } wrong)
            {
                errors[$"recipients[{index}].topics"] = wrong;
            }
        }

        return errors;
    }

    // The bare address: no display name, which could say anything.
    private static bool IsAddress(string text) =>
        InputText.Problem(text, Limits.AddressLettersMax) is null
        && MailAddress.TryCreate(text, out var address)
        && string.Equals(address.Address, text, StringComparison.Ordinal);

    private const string RemoveSql = """
        delete from notifications.mail_recipients
        where org_id = $1
        returning address, topics
        """;

    private const string AddSql = """
        insert into notifications.mail_recipients (org_id, address, topics, created_by, created_at)
        values ($1, $2, $3, $4, $5)
        on conflict (org_id, address) do update
        set topics = excluded.topics
        """;

    private async Task<IReadOnlyList<MailRecipient>> Replace(
        NpgsqlTransaction transaction,
        OrgId org,
        IReadOnlyList<MailRecipient> wanted,
        string actor,
        CancellationToken cancellationToken)
    {
        IReadOnlyList<MailRecipient> before;
        await using (var remove = transaction.Sql(RemoveSql, org.Value))
        {
            before = await Read(remove, cancellationToken);
        }

        foreach (var recipient in wanted)
        {
            await using var add = transaction.Sql(
                AddSql, org.Value, recipient.Address, recipient.Topics.ToArray(), actor, Instant.Now(time));
            await add.ExecuteNonQueryAsync(cancellationToken);
        }

        return before;
    }

    private static async Task<IReadOnlyList<MailRecipient>> Read(
        NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var recipients = new List<MailRecipient>();
        while (await reader.ReadAsync(cancellationToken))
        {
            recipients.Add(new MailRecipient(reader.GetString(0), reader.GetFieldValue<string[]>(1)));
        }

        return recipients;
    }
}
