using Microsoft.AspNetCore.Http;
using Quoin.Charging;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.ConsolePages.Diagnose;

/// <summary>Which request to follow.</summary>
/// <param name="CorrelationId">Its name.</param>
/// <param name="Org">The organisation.</param>
internal sealed record DiagnosticsPageRequest(string? CorrelationId = null, OrgId? Org = null);

/// <summary>A request and what it led to.</summary>
/// <param name="Asked">The name that was asked for.</param>
/// <param name="Trail">The trail; null where no name was given.</param>
public sealed record DiagnosticsModel(string Asked, Trail? Trail);

/// <summary>Follows a request from its events to the books.</summary>
internal static class DiagnosticsPage
{
    /// <summary><c>GET /console/diagnostics</c>.</summary>
    public static Task<IResult> Show(
        Parameters<DiagnosticsPageRequest> parameters,
        Visits visits,
        Trails trails,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame =>
        {
            var asked = parameters.Value.CorrelationId?.Trim() ?? string.Empty;
            var trail = asked.Length is > 0 and <= Charging.Limits.CorrelationLettersMax
                ? await trails.Of(frame.RequiredOrg.Id, asked, cancellationToken)
                : null;
            return frame.Page<DiagnosticsView, DiagnosticsModel>(new(asked, trail));
        },
        cancellationToken);
}
