using Npgsql;
using Quoin.Kernel;
using Quoin.Metering;
using Quoin.Platform;

namespace Quoin.Charging.Internal;

/// <summary>Tells that usage was set aside.</summary>
internal sealed class QuarantineNews(Outbox outbox, Metering.Metering metering)
{
    private const string RememberSql = """
        insert into charging.quarantine_news as known (org_id, billing_account_id, meter_id, reason, told_at)
        select org_id, billing_account_id, meter_id, reason, $5
        from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[]) as found (org_id, billing_account_id, meter_id, reason)
        on conflict (org_id, billing_account_id, meter_id, reason) do update
        set told_at = excluded.told_at
        where known.told_at <= $6
        returning org_id, billing_account_id, meter_id, reason
        """;

    /// <summary>Publishes news of what a step set aside, unless it was told lately; true when there is some.</summary>
    public async Task<bool> Tell(
        NpgsqlTransaction transaction, IReadOnlyList<SetAside> setAside, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var found = setAside
            .GroupBy(one => (one.Usage.Org, one.Usage.BillingAccount, one.Usage.Meter, one.Reason))
            .OrderBy(group => group.Key.Org.Value)
            .ThenBy(group => group.Key.BillingAccount.Value)
            .ThenBy(group => group.Key.Meter.Value)
            .ThenBy(group => group.Key.Reason, StringComparer.Ordinal)
            .ToArray();
        if (found.Length == 0)
        {
            return false;
        }

        var untold = new HashSet<(OrgId, BillingAccountId, MeterId, string)>();
        await using (var command = transaction.Sql(
            RememberSql,
            Array.ConvertAll(found, group => group.Key.Org.Value),
            Array.ConvertAll(found, group => group.Key.BillingAccount.Value),
            Array.ConvertAll(found, group => group.Key.Meter.Value),
            Array.ConvertAll(found, group => group.Key.Reason),
            now,
            now - Limits.TellAgainAfter))
        {
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                untold.Add((new(reader.GetGuid(0)), new(reader.GetGuid(1)), new(reader.GetGuid(2)), reader.GetString(3)));
            }
        }

        var meters = (await metering.Meters(cancellationToken)).ToDictionary(meter => meter.Id, meter => meter.Key);
        foreach (var group in found.Where(group => untold.Contains(group.Key)))
        {
            var (org, account, meter, reason) = group.Key;
            var news = new UsageSetAside(
                account,
                meters.GetValueOrDefault(meter, meter.ToString()),
                reason,
                group.Sum(one => one.Usage.EventCount),
                group.Min(one => one.Usage.RecordedAt));
            await outbox.Publish(transaction, org, account.ToString(), news, null, cancellationToken);
        }

        return untold.Count > 0;
    }
}
