using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Hosting;
using Quoin.Platform;

namespace Quoin.ConsolePages.Shell;

/// <summary>
/// Answers open pages that ask for news: waits until there is some, looks a few at a time, and tells one too many to come
/// back. Nothing is remembered between questions: each may go to another replica.
/// </summary>
internal sealed class LiveAnswers(WakeUps wakeUps, TimeProvider time, IHostApplicationLifetime lifetime) : IDisposable
{
    private readonly SemaphoreSlim waiters = new(Limits.LiveWaitersMax);
    private readonly SemaphoreSlim reads = new(Limits.LiveReadsMax);

    /// <summary>The changed parts, or 204 when nothing changed for a while.</summary>
    /// <param name="context">The request.</param>
    /// <param name="channel">What hints at news.</param>
    /// <param name="look">Looks for news; null where there are none.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task<IResult> Answer(
        HttpContext context,
        string channel,
        Func<CancellationToken, Task<IResult?>> look,
        CancellationToken cancellationToken)
    {
        context.Response.Headers["Quoin-Console"] = ConsoleAssets.Version;
        if (!await waiters.WaitAsync(TimeSpan.Zero, cancellationToken))
        {
            context.Response.Headers.RetryAfter = $"{Limits.LiveComeBackSeconds}";
            return TypedResults.NoContent();
        }

        // A stopping replica lets its pages go at once; the next one answers them.
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        try
        {
            return await News(channel, look, ended.Token) ?? TypedResults.NoContent();
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            return TypedResults.NoContent();
        }
        finally
        {
            waiters.Release();
        }
    }

    public void Dispose()
    {
        waiters.Dispose();
        reads.Dispose();
    }

    private async Task<IResult?> News(
        string channel, Func<CancellationToken, Task<IResult?>> look, CancellationToken cancellationToken)
    {
        using var hints = wakeUps.Listen(channel, time);
        var started = time.GetTimestamp();
        while (true)
        {
            await reads.WaitAsync(cancellationToken);
            try
            {
                if (await look(cancellationToken) is { } news)
                {
                    return news;
                }
            }
            finally
            {
                reads.Release();
            }

            var left = Limits.LiveHold - time.GetElapsedTime(started);
            if (left <= TimeSpan.Zero)
            {
                return null;
            }

            if (await hints.Wait(left < Limits.LiveLook ? left : Limits.LiveLook, cancellationToken))
            {
                await Task.Delay(Limits.LiveSettle, time, cancellationToken);
            }
        }
    }
}
