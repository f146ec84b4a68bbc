using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Takes a person's deletion back: they signed in before the day.</summary>
internal sealed class KeepPerson(IAudit audit, IMails mails)
{
    private const string KeepSql = """
        update accounts.users
        set state = 'active', deletes_at = null
        where user_id = $1
            and state = 'deleting'
        returning email
        """;

    /// <summary>In the transaction their session begins in; nothing happens to everybody else.</summary>
    public async Task Handle(NpgsqlTransaction transaction, UserId user, CancellationToken cancellationToken)
    {
        string? email;
        await using (var keep = transaction.Sql(KeepSql, user.Value))
        {
            await using var row = await keep.ExecuteReaderAsync(cancellationToken);
            if (!await row.ReadAsync(cancellationToken))
            {
                return;
            }

            email = row.IsDBNull(0) ? null : row.GetString(0);
        }

        if (email is not null)
        {
            await mails.Send(transaction, PeopleMails.DeletionTakenBack(email), cancellationToken);
        }

        await audit.Record(
            transaction,
            new AuditEntry(null, user.ToString(), "user.deletion_taken_back", user.ToString()),
            cancellationToken);
    }
}
