using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>An organisation's projects: for the console and other modules.</summary>
public sealed class Projects
{
    private readonly ManageProjects managing;

    internal Projects(ManageProjects managing) => this.managing = managing;

    /// <summary>All projects, those in use first; straight from the database.</summary>
    public Task<IReadOnlyList<ProjectProfile>> Of(OrgId org, CancellationToken cancellationToken) =>
        managing.List(org, cancellationToken);

    /// <summary>Makes a project.</summary>
    public Task<ProjectOutcome> Create(
        OrgId org, NewProject wanted, string actor, CancellationToken cancellationToken) =>
        managing.Create(org, wanted, actor, IdempotentRequest.None, cancellationToken);

    /// <summary>Renames a project, puts it away or takes it out again.</summary>
    public Task<ProjectOutcome> Change(
        OrgId org, ProjectId project, ProjectChange change, string actor, CancellationToken cancellationToken) =>
        managing.Change(org, project, change, actor, cancellationToken);
}
