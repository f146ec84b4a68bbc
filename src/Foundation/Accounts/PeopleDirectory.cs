using Quoin.Kernel;

namespace Quoin.Accounts;

/// <summary>A person as the operator sees them.</summary>
/// <param name="User">The person.</param>
/// <param name="OperatorRoles">Their roles as one of the operator's people; empty for everybody else.</param>
/// <param name="Memberships">The organisations they belong to, the longest first; at most <see cref="Limits.MembershipsShown"/>.</param>
public sealed record PersonProfile(
    UserProfile User, IReadOnlyList<string> OperatorRoles, IReadOnlyList<PersonMembership> Memberships);

/// <summary>Where a person belongs.</summary>
/// <param name="OrganisationId">The organisation.</param>
/// <param name="OrganisationName">What that is called.</param>
/// <param name="Role">What they are there.</param>
public sealed record PersonMembership(OrgId OrganisationId, string OrganisationName, string Role);

/// <summary>Every way shutting a person out, or letting them in again, can end.</summary>
public abstract record SuspendUserOutcome
{
    private SuspendUserOutcome()
    {
    }

    /// <summary>The reason is not a proper text.</summary>
    public sealed record Invalid(InvalidInput Input) : SuspendUserOutcome;

    /// <summary>There is no such person, or their account is being removed.</summary>
    public sealed record NoSuchUser : SuspendUserOutcome;

    /// <summary>Nobody shuts themselves out.</summary>
    public sealed record IsOneself : SuspendUserOutcome;

    /// <summary>It is as asked, now or since before; every replica knows within a second.</summary>
    public sealed record Done(UserProfile User) : SuspendUserOutcome;
}

/// <summary>All people, for the operator.</summary>
public sealed class PeopleDirectory
{
    private readonly ReadPeople reading;
    private readonly SuspendUser suspending;
    private readonly FinishDeletions finishing;

    internal PeopleDirectory(ReadPeople reading, SuspendUser suspending, FinishDeletions finishing) =>
        (this.reading, this.suspending, this.finishing) = (reading, suspending, finishing);

    /// <summary>People, the newest first.</summary>
    /// <param name="text">A part of the name or address, or the whole id; empty for all.</param>
    /// <param name="before">Only people known before this one; null for the newest.</param>
    /// <param name="rowsMax">At most so many.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public Task<IReadOnlyList<PersonProfile>> Search(
        string text, UserId? before, int rowsMax, CancellationToken cancellationToken) =>
        reading.Search(text, before, rowsMax, cancellationToken);

    /// <summary>One person; null where there is none.</summary>
    public Task<PersonProfile?> Find(UserId user, CancellationToken cancellationToken) =>
        reading.Find(user, cancellationToken);

    /// <summary>Shuts a person out, ending their sessions, or lets them in again.</summary>
    /// <param name="user">The person.</param>
    /// <param name="suspended">Whether they shall be shut out.</param>
    /// <param name="reason">Why, for the audit log; may be null.</param>
    /// <param name="actor">Who does it.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    public Task<SuspendUserOutcome> Suspend(
        UserId user, bool suspended, string? reason, string actor, CancellationToken cancellationToken) =>
        suspending.Handle(user, suspended, reason, actor, cancellationToken);

    /// <summary>Deletes those for good whose grace period is over, some at once; a job does so every minute.</summary>
    /// <param name="cancellationToken">Stops between two of them.</param>
    public Task FinishDeletions(CancellationToken cancellationToken) => finishing.Run(cancellationToken);
}
