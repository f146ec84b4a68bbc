namespace Quoin.Platform;

/// <summary>Renews a claim while the work done under it runs, and cancels the work when the claim is gone.</summary>
/// <param name="time">The system clock.</param>
/// <param name="duration">How long a claim lasts without being renewed.</param>
internal sealed class Upkeep(TimeProvider time, TimeSpan duration)
{
    /// <summary>Runs the work to its end, or until the claim is lost.</summary>
    /// <param name="work">What to do; its token is cancelled when the claim is lost.</param>
    /// <param name="renew">Renews the claim; false when another has taken it.</param>
    /// <param name="what">Named in the exception.</param>
    /// <param name="cancellationToken">Stops the work from outside.</param>
    /// <exception cref="LeaseLostException">The claim was lost and the work stopped for it.</exception>
    public async Task While(
        Func<CancellationToken, Task> work,
        Func<CancellationToken, Task<bool>> renew,
        string what,
        CancellationToken cancellationToken)
    {
        using var lost = new CancellationTokenSource();
        using var finished = new CancellationTokenSource();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(lost.Token, cancellationToken);
        var renewing = Renew(renew, lost, finished.Token);
        try
        {
            await work(either.Token);
        }
        catch (OperationCanceledException)
            when (lost.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new LeaseLostException(what);
        }
        finally
        {
            await finished.CancelAsync();
            await renewing;
        }
    }

    private async Task Renew(
        Func<CancellationToken, Task<bool>> renew, CancellationTokenSource lost, CancellationToken finished)
    {
        var every = duration / LeaseLimits.RenewalsPerDuration;
        var expiresAt = time.GetUtcNow() + duration;
        try
        {
            while (true)
            {
                await Task.Delay(every, time, finished);
                var asked = time.GetUtcNow();
                var isHeld = await TryRenew(renew, finished);
                expiresAt = isHeld == true ? asked + duration : expiresAt;

                // Unknown is not lost until the claim runs out: a stalled database stalls all replicas alike.
                if (isHeld == false || (isHeld is null && time.GetUtcNow() >= expiresAt))
                {
                    await lost.CancelAsync();
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (finished.IsCancellationRequested)
        {
            return;
        }
    }

    private static async Task<bool?> TryRenew(Func<CancellationToken, Task<bool>> renew, CancellationToken finished)
    {
        try
        {
            return await renew(finished);
        }
        catch (Exception failure) when (TransientFailure.Is(failure))
        {
            return null;
        }
    }
}
