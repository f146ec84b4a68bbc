using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.Accounts;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.ConsolePages.ChooseOrganisation;

/// <summary>Which organisations to offer.</summary>
/// <param name="Search">A part of the name, or the whole id; nothing offers the oldest ones.</param>
/// <param name="Part">Whether only the list is wanted, to be put into a page.</param>
/// <param name="Org">The organisation one comes from, as every address of the console names it.</param>
internal sealed record ChooseRequest(string? Search = null, bool Part = false, OrgId? Org = null);

/// <summary>Organisations to choose from.</summary>
/// <param name="Search">What was looked for.</param>
/// <param name="Found">The organisations.</param>
/// <param name="IsCut">Whether there are more.</param>
public sealed record OrganisationChoice(string Search, IReadOnlyList<OrganisationProfile> Found, bool IsCut);

/// <summary>Lets the operator choose an organisation, and people one they belong to.</summary>
internal static class ChooseOrganisationPage
{
    /// <summary><c>GET /console/organisations</c>.</summary>
    public static async Task<IResult> Show(
        Parameters<ChooseRequest> parameters,
        Organisations organisations,
        OrganisationLife life,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var frame = Visits.Outside(context);
        if (!frame.IsOperator)
        {
            return await OwnOrganisationsPage.Show(frame, life, complaint: null, cancellationToken);
        }

        var search = parameters.Value.Search ?? string.Empty;
        var found = await organisations.Search(search, Limits.OrganisationsOffered + 1, cancellationToken);
        var model = new OrganisationChoice(
            search, [.. found.Take(Limits.OrganisationsOffered)], found.Count > Limits.OrganisationsOffered);
        return parameters.Value.Part
            ? new RazorComponentResult<OrganisationList>(new { Model = model })
            : frame.Page<OrganisationsView, OrganisationChoice>(model);
    }
}
