using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Hosting;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.ConsolePages.WatchStages;

/// <summary>Stages, as they are asked for.</summary>
/// <param name="Org">The organisation that stands in the menu.</param>
/// <param name="Seen">When those the page shows were read; left out by a page that shows none.</param>
internal sealed record StagesRequest(OrgId? Org = null, string? Seen = null);

/// <summary>Everything the page shows.</summary>
/// <param name="Report">What the platform says.</param>
/// <param name="SetAside">Usage of all organisations that cannot be rated.</param>
public sealed record StagesModel(StageReport Report, StageDepth SetAside);

/// <summary>
/// Shows how far behind each stage is. An open page asks for more; an answer waits a little, so that it is worth drawing,
/// and nothing is remembered between questions.
/// </summary>
internal sealed class StagePages(
    Stages stages, Charging.Charging charging, TimeProvider time, IHostApplicationLifetime lifetime) : IDisposable
{
    private readonly SemaphoreSlim waiters = new(Limits.StageWatchersMax);

    /// <summary><c>GET /console/stages</c>.</summary>
    public static Task<IResult> Show(
        Parameters<StagesRequest> parameters,
        Visits visits,
        StagePages pages,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame => frame.Page<StagesView, StagesModel>(await pages.Read(cancellationToken)),
        cancellationToken);

    /// <summary><c>GET /console/stages/live</c>: the same a little later.</summary>
    public static Task<IResult> Live(
        Parameters<StagesRequest> parameters,
        Visits visits,
        StagePages pages,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        frame => pages.Answer(frame, parameters.Value.Seen is not null, context, cancellationToken),
        cancellationToken);

    public void Dispose() => waiters.Dispose();

    private async Task<StagesModel> Read(CancellationToken cancellationToken) =>
        new(await stages.Read(cancellationToken), await charging.UnpricedDepth(cancellationToken));

    private async Task<IResult> Answer(Frame frame, bool waits, HttpContext context, CancellationToken cancellationToken)
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
            if (waits)
            {
                await Task.Delay(Limits.StagesEvery, time, ended.Token);
            }

            var model = await Read(ended.Token);
            context.Response.Headers["Quoin-Seen"] = Rfc3339.Format(model.Report.At);
            return new RazorComponentResult<StagesParts>(new { Frame = frame, Model = model });
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
}
