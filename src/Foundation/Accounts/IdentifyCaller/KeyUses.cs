using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>
/// Writes down when keys were last used, to the minute and apart from the requests that use them. A replica that dies
/// loses at most a minute of it: the column tells an unused key from a used one and decides nothing.
/// </summary>
internal sealed class KeyUses(NpgsqlDataSource database, TimeProvider time, ILogger<KeyUses> logger) : BackgroundService
{
    private readonly ConcurrentDictionary<(OrgId Owner, KeyId Key), DateTimeOffset> uses = new();

    public void Note(KnownKey key)
    {
        if (uses.Count < Limits.KeyUsesNotedMax)
        {
            uses[(key.Owner, key.Profile.Id)] = time.GetUtcNow();
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await Write(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Limits.KeyUsesWrittenEvery, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            // Its notes are taken out first, so a writing that has begun is finished.
            await Write(CancellationToken.None);
        }
    }

    private async Task Write(CancellationToken cancellationToken)
    {
        var noted = new List<KeyValuePair<(OrgId Owner, KeyId Key), DateTimeOffset>>();
        foreach (var use in uses)
        {
            if (uses.TryRemove(use))
            {
                noted.Add(use);
            }
        }

        try
        {
            foreach (var part in noted.Chunk(Limits.KeyUsesWrittenAtOnceMax))
            {
                await WriteSome(part, cancellationToken);
            }
        }
        catch (NpgsqlException failure)
        {
            Log.KeyUsesNotWritten(logger, failure);
        }
    }

    // Replicas meet on the same keys: what another one is writing now needs no second writer. Rows are locked in order.
    private const string WriteSql = """
        with due as (
            select k.org_id, k.key_id, used.used_at
            from unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) as used (org_id, key_id, used_at)
            join accounts.keys k using (org_id, key_id)
            where k.last_used_at is null or k.last_used_at <= used.used_at - $4::interval
            order by k.org_id, k.key_id
            for update of k skip locked
        )
        update accounts.keys k
        set last_used_at = due.used_at
        from due
        where k.org_id = due.org_id
            and k.key_id = due.key_id
        """;

    private async Task WriteSome(
        KeyValuePair<(OrgId Owner, KeyId Key), DateTimeOffset>[] part, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(
            WriteSql,
            part.Select(use => use.Key.Owner.Value).ToArray(),
            part.Select(use => use.Key.Key.Value).ToArray(),
            part.Select(use => use.Value).ToArray(),
            Limits.KeyUsesWrittenEvery);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
