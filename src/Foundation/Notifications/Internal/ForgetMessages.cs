using Npgsql;
using Quoin.Platform;

namespace Quoin.Notifications.Internal;

/// <summary>Forgets old messages with their deliveries, attempts and mails.</summary>
internal sealed class ForgetMessages(NpgsqlDataSource database, TimeProvider time)
{
    private const string PurgeSql = """
        with old as (
            select org_id, message_id
            from notifications.messages message
            where created_at < $1
              and not exists (
                  select
                  from notifications.deliveries delivery
                  where delivery.org_id = message.org_id
                    and delivery.message_id = message.message_id
                    and delivery.state = 'waiting')
            order by created_at
            limit $2
        ), old_deliveries as (
            delete from notifications.deliveries delivery
            using old
            where delivery.org_id = old.org_id
              and delivery.message_id = old.message_id
            returning delivery.org_id, delivery.delivery_id
        ), old_attempts as (
            delete from notifications.delivery_attempts attempt
            using old_deliveries
            where attempt.org_id = old_deliveries.org_id
              and attempt.delivery_id = old_deliveries.delivery_id
        ), old_mails as (
            delete from notifications.mails mail
            using old
            where mail.org_id = old.org_id
              and mail.message_id = old.message_id
        )
        delete from notifications.messages message
        using old
        where message.org_id = old.org_id
          and message.message_id = old.message_id
        """;

    public async Task Run(CancellationToken cancellationToken)
    {
        int removed;
        do
        {
            await using var command = database.Sql(PurgeSql, time.GetUtcNow() - Limits.KeptFor, Limits.PurgedAtOnce);
            removed = await command.ExecuteNonQueryAsync(cancellationToken);
        }
        while (removed == Limits.PurgedAtOnce);
        await ForgetSealedMails(cancellationToken);
    }

    private const string ScrubSql = """
        update notifications.sealed_mails
        set sealed_text = null
        where sealed_text is not null
          and state = 'kept'
          and created_at < $1
        """;

    private const string ForgetSealedSql = """
        delete from notifications.sealed_mails
        where created_at < $1
          and state not in ('waiting', 'sending')
        """;

    private async Task ForgetSealedMails(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using (var scrub = database.Sql(ScrubSql, now - Limits.KeptMailsReadableFor))
        {
            await scrub.ExecuteNonQueryAsync(cancellationToken);
        }

        await using var forget = database.Sql(ForgetSealedSql, now - Limits.KeptFor);
        await forget.ExecuteNonQueryAsync(cancellationToken);
    }
}
