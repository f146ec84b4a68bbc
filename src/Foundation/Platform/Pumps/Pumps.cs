using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Quoin.Platform;

/// <summary>
/// Runs this replica's pumps. Each loops: see to the leases, step while there is work, wait for a hint. Whatever a step
/// throws is logged, counted and tried again after a growing pause: the loop itself never ends before the host does.
/// </summary>
public sealed class Pumps : BackgroundService
{
    private readonly Dictionary<string, Pump> pumps;
    private readonly WakeUps wakeUps;
    private readonly TimeProvider time;
    private readonly Jitter jitter;
    private readonly PumpMetrics metrics;
    private readonly HostRoles roles;
    private readonly ILogger<Pumps> logger;

    internal Pumps(
        IEnumerable<PumpOptions> options,
        Func<PumpOptions, Pump> create,
        WakeUps wakeUps,
        TimeProvider time,
        Jitter jitter,
        PumpMetrics metrics,
        HostRoles roles,
        ILogger<Pumps> logger)
    {
        pumps = options.ToDictionary(pump => pump.Name, create, StringComparer.Ordinal);
        (this.wakeUps, this.time, this.jitter) = (wakeUps, time, jitter);
        (this.metrics, this.roles, this.logger) = (metrics, roles, logger);
    }

    /// <summary>
    /// Takes turns of one pump, on the caller's thread, until a step finds nothing, and gives its leases back: for
    /// tests, simulations and tools that run without the loops.
    /// </summary>
    /// <exception cref="InvalidOperationException">It does not come to rest.</exception>
    public async Task RunUntilIdle(string pump, CancellationToken cancellationToken)
    {
        for (var turn = 0; turn < PumpLimits.TurnsUntilIdleMax; turn++)
        {
            if (!await pumps[pump].Turn(cancellationToken))
            {
                await pumps[pump].Leave(cancellationToken);
                return;
            }
        }

        throw new InvalidOperationException($"Pump {pump} found work {PumpLimits.TurnsUntilIdleMax} times in a row.");
    }

    /// <inheritdoc />
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        roles.Worker ? Task.WhenAll(pumps.Values.Select(pump => Loop(pump, stoppingToken))) : Task.CompletedTask;

    private async Task Loop(Pump pump, CancellationToken stopping)
    {
        // The first steps would otherwise run on the thread that starts the host.
        await Task.Yield();
        using var hints = wakeUps.Listen(pump.Options.Name, time);
        var failures = 0;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                var worked = await pump.Turn(stopping);
                failures = 0;
                await Pause(pump, worked, hints, stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                break;
            }
            catch (LeaseLostException lost)
            {
                Log.PumpLostLease(logger, pump.Options.Name, lost);
            }
            catch (Exception failure)
            {
                failures++;
                metrics.Failed(pump.Options.Name);
                var pause = Backoff.After(failures, PumpLimits.RetryFirst, PumpLimits.RetryLongest, jitter.Next());
                Log.PumpFailed(logger, pump.Options.Name, failures, pause, failure);
                await Task.Delay(pause, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        await Leave(pump);
    }

    private async Task Pause(Pump pump, bool worked, WakeUpListener hints, CancellationToken stopping)
    {
        if (!worked)
        {
            var longest = TimeSpan.FromTicks(Math.Min(pump.Options.IdleLongest.Ticks, pump.UntilBalance.Ticks));
            await hints.Wait(longest, stopping);
        }
        else if (pump.Options.Rest > TimeSpan.Zero)
        {
            await Task.Delay(pump.Options.Rest, time, stopping);
        }
    }

    private async Task Leave(Pump pump)
    {
        try
        {
            await pump.Leave(CancellationToken.None);
        }
        catch (NpgsqlException failure)
        {
            Log.PumpNotLeft(logger, pump.Options.Name, failure);
        }
    }
}
