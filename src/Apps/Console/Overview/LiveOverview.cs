using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Hosting;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.ConsolePages.Overview;

/// <summary>What news an open overview asks for.</summary>
/// <param name="Org">The organisation.</param>
/// <param name="Range">As the page has it.</param>
/// <param name="Window">As the page has it.</param>
/// <param name="From">As the page has it.</param>
/// <param name="To">As the page has it.</param>
/// <param name="Seen">What it shows already.</param>
internal sealed record LiveRequest(
    OrgId? Org = null,
    string? Range = null,
    string? Window = null,
    string? From = null,
    string? To = null,
    string? Seen = null);

/// <summary>
/// Keeps open overviews up to date. A page asks for what it has not seen; the answer waits until there is something
/// and holds the changed parts as HTML. Nothing is remembered between questions: each may go to another replica.
/// </summary>
internal sealed class LiveOverview(
    OverviewReader reader,
    WakeUps wakeUps,
    TimeProvider time,
    IHostApplicationLifetime lifetime) : IDisposable
{
    private readonly SemaphoreSlim waiters = new(Limits.LiveWaitersMax);
    private readonly SemaphoreSlim reads = new(Limits.LiveReadsMax);

    /// <summary><c>GET /console/live</c>: changed parts, or 204 when nothing changed for a while.</summary>
    public static Task<IResult> Show(
        Parameters<LiveRequest> parameters,
        Visits visits,
        LiveOverview live,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        frame => live.Answer(frame, parameters.Value, context, cancellationToken),
        cancellationToken);

    public void Dispose()
    {
        waiters.Dispose();
        reads.Dispose();
    }

    private async Task<IResult> Answer(
        Frame frame, LiveRequest request, HttpContext context, CancellationToken cancellationToken)
    {
        context.Response.Headers["Quoin-Console"] = ConsoleAssets.Version;
        if (!await waiters.WaitAsync(TimeSpan.Zero, cancellationToken))
        {
            context.Response.Headers.RetryAfter = $"{Limits.LiveComeBackSeconds}";
            return TypedResults.NoContent();
        }

        // A stopping replica lets its pages go at once; the next one answers them.
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(
            cancellationToken, lifetime.ApplicationStopping);
        try
        {
            return await News(frame, request, context, ended.Token) ?? TypedResults.NoContent();
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

    private async Task<IResult?> News(
        Frame frame, LiveRequest request, HttpContext context, CancellationToken cancellationToken)
    {
        using var hints = wakeUps.Listen(Metering.Metering.UnratedChannel, time);
        var started = time.GetTimestamp();
        while (true)
        {
            if (await Look(frame, request, cancellationToken) is { } model)
            {
                context.Response.Headers["Quoin-Seen"] = model.Seen.ToString();
                return new RazorComponentResult<OverviewParts>(new { Frame = frame, Model = model });
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

    private async Task<OverviewModel?> Look(Frame frame, LiveRequest request, CancellationToken cancellationToken)
    {
        await reads.WaitAsync(cancellationToken);
        try
        {
            var org = frame.RequiredOrg.Id;
            var seen = Seen.Read(request.Seen);
            var now = await reader.Now(org, frame.Caller.May(Permission.LedgerRead), cancellationToken);
            var instant = time.GetUtcNow();
            var width = frame.Viewer.ChartWidth;
            var wantsCharts = seen.WantsCharts(now.Tag, width, instant);
            if (now.Tag == seen.Now && !wantsCharts)
            {
                return null;
            }

            var asked = new OverviewRequest(request.Org, request.Range, request.Window, request.From, request.To);
            var range = await reader.Range(org, asked, cancellationToken);
            return new OverviewModel(
                range,
                now.Tag == seen.Now ? null : now,
                wantsCharts ? await reader.Usage(org, frame.Currency, range, cancellationToken) : null,
                wantsCharts ? await reader.Waiting(org, frame.Currency, cancellationToken) : null,
                wantsCharts ? new Seen(now.Tag, now.Tag, instant, width) : seen with { Now = now.Tag });
        }
        finally
        {
            reads.Release();
        }
    }
}
