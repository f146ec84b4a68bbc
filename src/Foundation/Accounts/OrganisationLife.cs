using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>How organisations begin, change and end, by the people in them: for the console.</summary>
public sealed class OrganisationLife
{
    private readonly OwnOrganisations own;
    private readonly ChangeOrganisation changing;
    private readonly CloseOrganisations closing;

    internal OrganisationLife(OwnOrganisations own, ChangeOrganisation changing, CloseOrganisations closing) =>
        (this.own, this.changing, this.closing) = (own, changing, closing);

    /// <summary>What a person belongs to, the longest first; straight from the database.</summary>
    public Task<IReadOnlyList<OwnOrganisation>> Of(UserId person, CancellationToken cancellationToken) =>
        own.Of(person, cancellationToken);

    /// <summary>Creates an organisation that a person owns.</summary>
    public Task<CreateOrganisationOutcome> Create(
        UserId person, NewOwnOrganisation wanted, CancellationToken cancellationToken) =>
        own.Create(person, wanted, IdempotentRequest.None, cancellationToken);

    /// <summary>Changes name and slug of the organisation the caller acts in.</summary>
    public Task<OrganisationOutcome> Change(
        Caller caller, OrganisationChange change, CancellationToken cancellationToken) =>
        changing.Rename(caller, change, cancellationToken);

    /// <summary>Begins to delete the organisation the caller acts in.</summary>
    public Task<OrganisationOutcome> Delete(Caller caller, string? reason, CancellationToken cancellationToken) =>
        changing.Delete(caller, reason, cancellationToken);

    /// <summary>Takes the deletion back.</summary>
    public Task<OrganisationOutcome> Restore(Caller caller, CancellationToken cancellationToken) =>
        changing.Restore(caller, cancellationToken);

    /// <summary>Closes organisations for good whose grace period is over, some at once; a job does so all the time.</summary>
    public Task CloseDue(CancellationToken cancellationToken) => closing.Run(cancellationToken);
}
