using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Quoin.Platform;

/// <summary>
/// Carries hints between replicas by PostgreSQL's NOTIFY: one connection listens, another sends after commits.
/// </summary>
internal sealed class WakeUpRelay(
    NpgsqlDataSource database,
    WakeUps wakeUps,
    TimeProvider time,
    Replica replica,
    Jitter jitter,
    ILogger<WakeUpRelay> logger) : BackgroundService
{
    private const string PostgresChannel = "quoin_hint";

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Forever("listen", Listen, stoppingToken), Forever("send", Send, stoppingToken));

    private async Task Listen(CancellationToken stopping)
    {
        await using var connection = await database.OpenConnectionAsync(stopping);
        connection.Notification += (_, notification) => Receive(notification.Payload);
        await using (var listen = connection.Sql($"listen {PostgresChannel}"))
        {
            await listen.ExecuteNonQueryAsync(stopping);
        }

        // Whatever was said while nobody listened is lost.
        wakeUps.WakeAll();
        while (true)
        {
            if (!await connection.WaitAsync(WakeUpLimits.ProbeEvery, stopping))
            {
                await using var probe = connection.Sql("select 1");
                await probe.ExecuteScalarAsync(stopping);
            }
        }
    }

    private const string SendSql = """
        select pg_notify($1, $2 || ' ' || channel)
        from unnest($3::text[]) as hinted (channel)
        """;

    private async Task Send(CancellationToken stopping)
    {
        while (true)
        {
            var channels = await wakeUps.TakeUnsent(stopping);
            await using (var command = database.Sql(SendSql, PostgresChannel, replica.Name, channels))
            {
                await command.ExecuteNonQueryAsync(stopping);
            }

            await Task.Delay(WakeUpLimits.SendEvery, time, stopping);
        }
    }

    private void Receive(string payload)
    {
        // "replica channel"; the sender has woken its own listeners already.
        var space = payload.LastIndexOf(' ');
        if (space > 0 && !payload.AsSpan(0, space).SequenceEqual(replica.Name))
        {
            wakeUps.Wake(payload[(space + 1)..]);
        }
    }

    private async Task Forever(string side, Func<CancellationToken, Task> work, CancellationToken stopping)
    {
        for (var failures = 1; !stopping.IsCancellationRequested; failures++)
        {
            var started = time.GetTimestamp();
            try
            {
                await work(stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (NpgsqlException failure)
            {
                failures = time.GetElapsedTime(started) > WakeUpLimits.ReconnectLongest ? 1 : failures;
                Log.WakeUpsInterrupted(logger, side, failures, failure);
                var pause = Backoff.After(
                    failures, WakeUpLimits.ReconnectFirst, WakeUpLimits.ReconnectLongest, jitter.Next());
                await Task.Delay(pause, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
