using Quoin.Platform;

namespace Quoin.Payments.Internal;

/// <summary>
/// Goes on with a list though one of it fails: what failed is thrown at the end, all of it, so that nothing is swallowed and
/// nothing held up.
/// </summary>
internal sealed class Failures
{
    private readonly List<Exception> all = [];

    /// <summary>Does something and keeps what it throws.</summary>
    public async Task Keep(Func<Task> act)
    {
        try
        {
            await act();
        }
        catch (Exception failure) when (failure is not (OperationCanceledException or LeaseLostException))
        {
            all.Add(failure);
        }
    }

    /// <summary>Throws what was kept.</summary>
    /// <exception cref="AggregateException">Something failed.</exception>
    public void ThrowIfAny()
    {
        if (all.Count > 0)
        {
            throw new AggregateException(all);
        }
    }
}
