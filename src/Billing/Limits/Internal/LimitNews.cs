using System.Collections.Concurrent;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Limiting.Internal;

/// <summary>Tells once what is to be told once: a row is the memory of it, in the transaction of the news.</summary>
internal sealed class LimitNews(Outbox outbox, Jobs jobs, TimeProvider time)
{
    // A saving, not the truth: what is known to be told needs no question to the database.
    private readonly ConcurrentDictionary<(Guid Org, string Key), bool> told = new();

    private const string RememberSql = """
        insert into limits.notices (org_id, key, told_at)
        select org_id, key, $3
        from unnest($1::uuid[], $2::text[]) as told (org_id, key)
        on conflict do nothing
        returning org_id, key
        """;

    /// <summary>Tells of the thresholds a flush reached, in its transaction.</summary>
    /// <returns>Whether anything was told.</returns>
    public async Task<bool> Reached(
        NpgsqlTransaction transaction, LimitBook book, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (book.Reached.Count == 0)
        {
            return false;
        }

        var found = book.Reached.Select(pair => (
            pair.Key.Counter.Org,
            Key: KeyOf(pair.Key.Counter, pair.Key.Percent),
            News: new LimitReached(
                pair.Key.Counter.Code,
                pair.Key.Percent,
                book.TotalOf(pair.Key.Counter),
                pair.Value.Terms.Limit!.Value,
                pair.Value.Terms.Enforcement,
                pair.Value.ResetsAt is null ? null : pair.Key.Counter.WindowStart,
                pair.Value.ResetsAt,
                now)));
        return await Once(transaction, [.. found], cancellationToken);
    }

    /// <summary>Tells of limits on metered usage, which nobody asks for beforehand.</summary>
    public Task<bool> Reached(
        NpgsqlTransaction transaction, OrgId org, IEnumerable<LimitStanding> standings, CancellationToken cancellationToken)
    {
        var now = Instant.Now(time);
        var found =
            from standing in standings
            let reached = LimitDecision.ThresholdReached(standing.Used, standing.Terms.Limit)
            from percent in Limits.ThresholdsPercent
            where percent <= reached
            let start = standing.Window?.Start ?? LimitWindows.Standing.Start
            select (
                org,
                KeyOf(new CounterKey(org, standing.Terms.Code, start), percent),
                new LimitReached(
                    standing.Terms.Code,
                    percent,
                    standing.Used,
                    standing.Terms.Limit!.Value,
                    standing.Terms.Enforcement,
                    standing.Window?.Start,
                    standing.Window?.End,
                    now));
        return Once(transaction, [.. found], cancellationToken);
    }

    /// <summary>Tells what was not told before under its key.</summary>
    /// <returns>Whether anything was told.</returns>
    public async Task<bool> Once<TNews>(
        NpgsqlTransaction transaction,
        IReadOnlyList<(OrgId Org, string Key, TNews News)> found,
        CancellationToken cancellationToken)
        where TNews : IOutboxEvent
    {
        // In the order of their keys, as all who insert do: two replicas wait for each other, never in a circle.
        var sorted = found
            .Where(one => !told.ContainsKey((one.Org.Value, one.Key)))
            .OrderBy(one => one.Org.Value)
            .ThenBy(one => one.Key, StringComparer.Ordinal)
            .ToArray();
        if (sorted.Length == 0)
        {
            return false;
        }

        var untold = new HashSet<(Guid, string)>();
        await using (var command = transaction.Sql(
            RememberSql,
            Array.ConvertAll(sorted, one => one.Org.Value),
            Array.ConvertAll(sorted, one => one.Key),
            time.GetUtcNow()))
        {
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                untold.Add((reader.GetGuid(0), reader.GetString(1)));
            }
        }

        foreach (var (org, key, one) in sorted)
        {
            if (untold.Contains((org.Value, key)))
            {
                await outbox.Publish(transaction, org, key, one, correlationId: null, cancellationToken);
            }
            else
            {
                Remember(org, key);
            }
        }

        return untold.Count > 0;
    }

    // Only what was there before: this transaction may still be rolled back.
    private void Remember(OrgId org, string key)
    {
        if (told.Count >= Limits.ToldRememberedMax)
        {
            told.Clear();
        }

        told[(org.Value, key)] = true;
    }

    /// <summary>After the commit: lets deliveries begin at once.</summary>
    public void Hint() => jobs.Hint();

    private static string KeyOf(CounterKey counter, int percent) => string.Create(
        System.Globalization.CultureInfo.InvariantCulture,
        $"limit/{counter.Code}/{counter.WindowStart.ToUnixTimeSeconds()}/{percent:000}");
}
