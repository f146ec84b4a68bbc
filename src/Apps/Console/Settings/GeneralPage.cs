using Microsoft.AspNetCore.Http;
using Quoin.Accounts;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.ConsolePages.Settings;

/// <summary>A page of settings.</summary>
/// <param name="Org">The organisation.</param>
internal sealed record SettingsRequest(OrgId? Org = null);

/// <summary>What an organisation is.</summary>
/// <param name="Organisation">The organisation.</param>
/// <param name="Complaint">Why a change came to nothing; null where none was tried.</param>
public sealed record GeneralSettings(OrganisationProfile Organisation, string? Complaint);

/// <summary>Shows what an organisation is; renames, deletes and restores it.</summary>
internal static class GeneralPage
{
    /// <summary><c>GET /console/settings</c>.</summary>
    public static Task<IResult> Show(
        Parameters<SettingsRequest> parameters,
        Visits visits,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context, parameters.Value.Org, frame => Task.FromResult(View(frame, null)), cancellationToken);

    /// <summary><c>POST /console/settings</c>.</summary>
    public static Task<IResult> Act(
        Parameters<SettingsRequest> parameters,
        Visits visits,
        OrganisationLife life,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame =>
        {
            var form = await PostedForm.Read(context.Request, cancellationToken);
            var caller = frame.Caller with { Org = frame.RequiredOrg.Id };
            var needed = form["act"] == "save" ? Permission.OrganisationManage : Permission.OrganisationDelete;
            if (!caller.May(needed))
            {
                return View(frame, "You may look, not change.");
            }

            if (form["act"] == "delete" && form["name"] != frame.RequiredOrg.Name)
            {
                return View(frame, "To delete it, write its name exactly.");
            }

            var outcome = form["act"] switch
            {
                "save" => await life.Change(
                    caller, new OrganisationChange(form["name"], form["slug"]), cancellationToken),
                "delete" => await life.Delete(caller, FormText.Of(form["reason"]), cancellationToken),
                _ => await life.Restore(caller, cancellationToken),
            };
            return SettingsText.Complaint(outcome) is { } complaint
                ? View(frame, complaint)
                : PostedForm.SeeOther(context, frame.To(Places.General));
        },
        cancellationToken);

    private static IResult View(Frame frame, string? complaint) => frame.Page<GeneralView, GeneralSettings>(
        new(frame.RequiredOrg, complaint),
        complaint is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity);
}
