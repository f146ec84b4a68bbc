using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Quoin.Platform;

namespace Quoin.Notifications;

/// <summary>
/// Serves the endpoints that have something due, many at once on each replica, each on one replica at a time. Receivers
/// that failed or were slow share half of the places, so that no number of them holds up the others.
/// </summary>
public sealed class DeliveryRunner : BackgroundService
{
    /// <summary>The wake-up channel of deliveries: hint at it after a commit that made some.</summary>
    public const string Channel = "notifications.deliveries";

    private readonly Internal.DueEndpoints endpoints;
    private readonly Internal.DeliveryTurn turns;
    private readonly WakeUps wakeUps;
    private readonly HostRoles roles;
    private readonly TimeProvider time;
    private readonly ILogger<DeliveryRunner> logger;

    internal DeliveryRunner(
        Internal.DueEndpoints endpoints,
        Internal.DeliveryTurn turns,
        WakeUps wakeUps,
        HostRoles roles,
        TimeProvider time,
        ILogger<DeliveryRunner> logger) =>
        (this.endpoints, this.turns, this.wakeUps, this.roles, this.time, this.logger) =
            (endpoints, turns, wakeUps, roles, time, logger);

    /// <summary>
    /// Serves what is due, one endpoint after the other, on the caller's thread, until nothing is: for tests and tools
    /// that run without the loop.
    /// </summary>
    /// <returns>How many turns were taken.</returns>
    public async Task<int> RunDue(CancellationToken cancellationToken)
    {
        var count = 0;
        while (await endpoints.Take(1, 1, cancellationToken) is [var endpoint])
        {
            await turns.Run(endpoint, cancellationToken);
            count++;
        }

        return count;
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!roles.Worker)
        {
            return;
        }

        await Task.Yield();
        using var hints = wakeUps.Listen(Channel, time);
        var running = new Dictionary<Task, bool>();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var taken = await Start(running, stoppingToken);
                await Wait(hints, running, taken, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (NpgsqlException failure)
            {
                Internal.Log.EndpointsNotTaken(logger, failure);
                await Task.Delay(Limits.DatabasePause, time, stoppingToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            foreach (var ended in running.Keys.Where(turn => turn.IsCompleted).ToList())
            {
                running.Remove(ended);
            }
        }

        await Task.WhenAll(running.Keys);
    }

    private async Task<int> Start(Dictionary<Task, bool> running, CancellationToken stopping)
    {
        var free = Limits.PlacesMax - running.Count;
        var suspects = Math.Min(free, Limits.SuspectPlacesMax - running.Values.Count(isSuspect => isSuspect));
        if (free == 0)
        {
            return 0;
        }

        var taken = await endpoints.Take(free, suspects, stopping);
        foreach (var endpoint in taken)
        {
            running.Add(Serve(endpoint, stopping), endpoint.IsSuspect);
        }

        return taken.Count;
    }

    // An endpoint whose turn failed is free again when its lease ends; the others go on.
    private async Task Serve(Internal.DueEndpoint endpoint, CancellationToken stopping)
    {
        try
        {
            await turns.Run(endpoint, stopping);
        }
        catch (Exception) when (stopping.IsCancellationRequested)
        {
            Internal.Log.TurnStopped(logger, endpoint.Id);
        }
        catch (Exception failure)
        {
            Internal.Log.TurnFailed(logger, endpoint.Id, failure);
        }
    }

    private static async Task Wait(
        WakeUpListener hints, Dictionary<Task, bool> running, int taken, CancellationToken stopping)
    {
        if (taken > 0 && running.Count < Limits.PlacesMax)
        {
            return;
        }

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var hint = hints.Wait(Limits.IdleLongest, ended.Token);
        await Task.WhenAny([.. running.Keys, hint]);
        await ended.CancelAsync();
        await ((Task)hint).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
