using Microsoft.Extensions.DependencyInjection;

namespace Quoin.Platform;

/// <summary>
/// One pump on one replica: takes its share of the leases and steps while there is work. One turn at a time.
/// </summary>
internal sealed class Pump(
    PumpOptions options,
    ShardLeases leases,
    TimeSpan lease,
    IServiceProvider services,
    TimeProvider time,
    PumpMetrics metrics)
{
    private readonly TimeSpan balanceEvery = lease / LeaseLimits.RenewalsPerDuration;

    private long? balancedAt;
    private long? measuredAt;

    public PumpOptions Options => options;

    /// <summary>How long until leases want attention again.</summary>
    public TimeSpan UntilBalance => balancedAt is { } at ? Left(balanceEvery - time.GetElapsedTime(at)) : TimeSpan.Zero;

    /// <summary>Sees to the leases when it is time, then does one step.</summary>
    /// <returns>Whether there was work.</returns>
    /// <exception cref="LeaseLostException">Another took a lease while the step ran.</exception>
    public async Task<bool> Turn(CancellationToken cancellationToken)
    {
        if (UntilBalance == TimeSpan.Zero)
        {
            await leases.Balance(cancellationToken);
            balancedAt = time.GetTimestamp();
        }

        if (leases.Held.Count == 0)
        {
            return false;
        }

        await Measure(cancellationToken);
        return await Step(cancellationToken);
    }

    /// <summary>Gives the leases back.</summary>
    public Task Leave(CancellationToken cancellationToken)
    {
        balancedAt = null;
        return leases.Leave(cancellationToken);
    }

    private async Task<bool> Step(CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var worked = false;
        await using var scope = services.CreateAsyncScope();
        var turn = new PumpTurn(scope.ServiceProvider, leases.Shards, leases.Held);
        try
        {
            await new Upkeep(time, lease).While(
                async token => worked = await options.Step(turn, token),
                leases.Renew,
                options.Name,
                cancellationToken);
        }
        catch (LeaseLostException)
        {
            // What is still held must be found out before the next step.
            balancedAt = null;
            throw;
        }

        metrics.Stepped(options.Name, time.GetElapsedTime(started), worked);
        return worked;
    }

    private async Task Measure(CancellationToken cancellationToken)
    {
        // Only who holds the first shard: one reading for the whole platform.
        var isDue = measuredAt is not { } at || time.GetElapsedTime(at) >= PumpLimits.MeasureEvery;
        if (options.Depth is null || !isDue)
        {
            return;
        }

        if (leases.Shards[0] != 0)
        {
            metrics.Forget(options.Name);
            return;
        }

        measuredAt = time.GetTimestamp();
        metrics.Measured(options.Name, await options.Depth(services, cancellationToken));
    }

    private static TimeSpan Left(TimeSpan span) => span > TimeSpan.Zero ? span : TimeSpan.Zero;
}
