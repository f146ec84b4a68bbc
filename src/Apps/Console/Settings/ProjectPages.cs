using Microsoft.AspNetCore.Http;
using Quoin.Accounts;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.ConsolePages.Settings;

/// <summary>What an organisation divides itself into.</summary>
/// <param name="Projects">Its projects, those in use first.</param>
/// <param name="Complaint">Why a change came to nothing; null where none was tried.</param>
public sealed record ProjectList(IReadOnlyList<ProjectProfile> Projects, string? Complaint);

/// <summary>Shows and changes an organisation's projects.</summary>
internal static class ProjectPages
{
    /// <summary><c>GET /console/projects</c>.</summary>
    public static Task<IResult> List(
        Parameters<SettingsRequest> parameters,
        Visits visits,
        Projects projects,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        frame => All(frame, projects, null, cancellationToken),
        cancellationToken);

    /// <summary><c>POST /console/projects</c>.</summary>
    public static Task<IResult> Act(
        Parameters<SettingsRequest> parameters,
        Visits visits,
        Projects projects,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame =>
        {
            var form = await PostedForm.Read(context.Request, cancellationToken);
            var (org, actor) = (frame.RequiredOrg.Id, frame.Caller.Actor);
            _ = Id.TryParse<ProjectId>(form["project"], out var project);
            var outcome = form["act"] switch
            {
                "create" => await projects.Create(
                    org, new NewProject(form["name"], FormText.Of(form["slug"])), actor, cancellationToken),
                "save" => await projects.Change(
                    org, project, new ProjectChange(form["name"]), actor, cancellationToken),
                _ => await projects.Change(
                    org, project, new ProjectChange(IsArchived: form["act"] == "archive"), actor, cancellationToken),
            };
            return SettingsText.Complaint(outcome) is { } complaint
                ? await All(frame, projects, complaint, cancellationToken)
                : PostedForm.SeeOther(context, frame.To(Places.Projects));
        },
        cancellationToken);

    private static async Task<IResult> All(
        Frame frame,
        Projects projects,
        string? complaint,
        CancellationToken cancellationToken)
    {
        var org = frame.RequiredOrg.Id;
        return frame.Page<ProjectsView, ProjectList>(
            new(
                await projects.Of(org, cancellationToken),
                complaint),
            complaint is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity);
    }
}
