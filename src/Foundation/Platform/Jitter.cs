namespace Quoin.Platform;

/// <summary>The chance in waiting times: keeps replicas from retrying in step. A seed makes it repeat itself.</summary>
/// <param name="random">Where it comes from; tests and simulations pass a seeded one.</param>
public sealed class Jitter(Random random)
{
    private readonly Lock gate = new();

    /// <summary>The next number, from 0 to below 1.</summary>
    public double Next()
    {
        lock (gate)
        {
            return random.NextDouble();
        }
    }
}
