using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace Quoin.Platform;

/// <summary>
/// Whether this replica should get requests. All checks run at once; an answer is good for a second, so that asking
/// often costs the database nothing. A stopping replica is not ready, whatever its checks say.
/// </summary>
internal sealed class Readiness(IEnumerable<IReadinessCheck> checks, IHostApplicationLifetime lifetime, TimeProvider time)
    : IDisposable
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    // Below the patience of every load balancer's default.
    private static readonly TimeSpan CheckTimeout = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim looking = new(1);
    private IReadOnlyList<Found> last = [];
    private long lastAt = long.MinValue;

    /// <inheritdoc />
    public void Dispose() => looking.Dispose();

    /// <summary><c>/health/live</c>: the process answers.</summary>
    public static IResult Live() => Results.Json(new { status = "live" });

    /// <summary><c>/health/ready</c>: the process can work.</summary>
    public static async Task<IResult> Ready(Readiness readiness, CancellationToken cancellationToken)
    {
        var found = await readiness.Look(cancellationToken);
        var shown = found.Select(one => new { one.Name, Status = one.Missing is null ? "ready" : "not_ready", one.Missing }).ToArray();
        return found.All(one => one.Missing is null)
            ? Results.Json(new { status = "ready", checks = shown }, JsonConventions.Options)
            : new Problem(
                PlatformProblems.NotReady,
                string.Join(' ', found.Where(one => one.Missing is not null).Select(one => $"{one.Name}: {one.Missing}")),
                retryAfterSeconds: 1,
                members: new Dictionary<string, object?> { ["checks"] = shown });
    }

    private async Task<IReadOnlyList<Found>> Look(CancellationToken cancellationToken)
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            return [new Found("host", "The replica is stopping.")];
        }

        await looking.WaitAsync(cancellationToken);
        try
        {
            if (lastAt == long.MinValue || time.GetElapsedTime(lastAt) >= Fresh)
            {
                last = await Task.WhenAll(checks.Select(check => Look(check, cancellationToken)));
                lastAt = time.GetTimestamp();
            }

            return last;
        }
        finally
        {
            looking.Release();
        }
    }

    private async Task<Found> Look(IReadinessCheck check, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(CheckTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            return new Found(check.Name, await check.Check(either.Token));
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            return new Found(check.Name, "It did not answer in time.");
        }
    }

    private sealed record Found(string Name, string? Missing);
}
