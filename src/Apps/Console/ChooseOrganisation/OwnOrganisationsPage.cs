using Microsoft.AspNetCore.Http;
using Quoin.Accounts;
using Quoin.ConsolePages.Settings;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.ConsolePages.ChooseOrganisation;

/// <summary>The organisations a person belongs to.</summary>
/// <param name="Own">The organisations, the one they have belonged to longest first.</param>
/// <param name="Complaint">Why one could not be made; null where none was tried.</param>
public sealed record OwnOrganisationsPage(IReadOnlyList<OwnOrganisation> Own, string? Complaint)
{
    /// <summary>The page of whoever looks.</summary>
    internal static async Task<IResult> Show(
        Frame frame, OrganisationLife life, string? complaint, CancellationToken cancellationToken) =>
        frame.Page<OwnOrganisationsView, OwnOrganisationsPage>(
            new(await life.Of(PersonOf(frame), cancellationToken), complaint),
            complaint is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity);

    /// <summary><c>POST /console/organisations</c>.</summary>
    internal static async Task<IResult> Create(
        OrganisationLife life, HttpContext context, CancellationToken cancellationToken)
    {
        var frame = Visits.Outside(context);
        var form = await PostedForm.Read(context.Request, cancellationToken);
        var mode = form["mode"] == "test" ? OrganisationMode.Test : OrganisationMode.Live;
        var outcome = await life.Create(
            PersonOf(frame), new NewOwnOrganisation(form["name"], mode, FormText.Of(form["slug"])), cancellationToken);
        return outcome is CreateOrganisationOutcome.Created(var made)
            ? PostedForm.SeeOther(context, $"{Places.Overview}?org={made.Id}")
            : await Show(frame, life, SettingsText.Complaint(outcome), cancellationToken);
    }

    private static UserId PersonOf(Frame frame) => Id.TryParse<UserId>(frame.Caller.Actor, out var person) ? person : default;
}
