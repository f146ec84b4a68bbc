using Microsoft.Extensions.DependencyInjection;

namespace Quoin.Platform;

/// <summary>How modules add pumps.</summary>
public static class PumpRegistration
{
    /// <summary>Adds background work that every working replica does its share of.</summary>
    public static IServiceCollection AddPump(this IServiceCollection services, PumpOptions pump)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pump.Shards, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pump.Shards, LeaseLimits.ShardsMax);
        return services.AddSingleton(pump);
    }
}
