using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Which project.</summary>
/// <param name="Id">Its id.</param>
internal sealed record ProjectRequest(ProjectId Id);

/// <summary>An organisation's projects.</summary>
/// <param name="Data">Those in use first, the oldest first.</param>
public sealed record ProjectList(IReadOnlyList<ProjectProfile> Data);

/// <summary>Projects, over HTTP.</summary>
internal static class ProjectEndpoints
{
    /// <summary><c>GET /v1/projects</c>.</summary>
    public static async Task<Ok<ProjectList>> List(
        ManageProjects handler, HttpContext context, CancellationToken cancellationToken) =>
        TypedResults.Ok(new ProjectList(await handler.List(context.Caller().RequiredOrg, cancellationToken)));

    /// <summary><c>POST /v1/projects</c>.</summary>
    public static async Task<Results<Created<ProjectProfile>, Problem>> Create(
        NewProject body, ManageProjects handler, HttpContext context, CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        var outcome = await handler.Create(
            caller.RequiredOrg, body, caller.Actor, context.IdempotentRequest(), cancellationToken);
        return outcome is ProjectOutcome.Done(var project)
            ? TypedResults.Created((string?)null, project)
            : Refusal(outcome);
    }

    /// <summary><c>PATCH /v1/projects/{id}</c>.</summary>
    public static async Task<Results<Ok<ProjectProfile>, Problem>> Change(
        Parameters<ProjectRequest> parameters,
        ProjectChange body,
        ManageProjects handler,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        var outcome = await handler.Change(
            caller.RequiredOrg, parameters.Value.Id, body, caller.Actor, cancellationToken);
        return outcome is ProjectOutcome.Done(var project) ? TypedResults.Ok(project) : Refusal(outcome);
    }

    private static Problem Refusal(ProjectOutcome outcome) => outcome switch
    {
        ProjectOutcome.Invalid(var input) => AccountsProblems.Of(input),
        ProjectOutcome.NotFound => new Problem(PlatformProblems.NotFound, "There is no such project here."),
        ProjectOutcome.TooMany => new Problem(
            AccountsProblems.TooManyProjects, $"There are already {Limits.ProjectsMax} projects."),
        ProjectOutcome.SlugTaken(var slug) => new Problem(
            AccountsProblems.SlugTaken, $"Another project has the slug '{slug}'."),
        ProjectOutcome.InUse(var keys) => new Problem(AccountsProblems.ProjectInUse, $"{keys} of its keys still work."),
        _ => throw new UnreachableException(),
    };
}
