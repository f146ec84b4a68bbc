using Microsoft.AspNetCore.Http;
using Quoin.Accounts;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.ConsolePages.Settings;

/// <summary>A page of settings.</summary>
/// <param name="Org">The organisation.</param>
internal sealed record SettingsRequest(OrgId? Org = null);

/// <summary>Shows what an organisation is.</summary>
internal static class GeneralPage
{
    /// <summary><c>GET /console/settings</c>.</summary>
    public static Task<IResult> Show(
        Parameters<SettingsRequest> parameters,
        Visits visits,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        frame => Task.FromResult(frame.Page<GeneralView, OrganisationProfile>(frame.RequiredOrg)),
        cancellationToken);
}
