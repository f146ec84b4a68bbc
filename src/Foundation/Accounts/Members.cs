using Quoin.Kernel;

namespace Quoin.Accounts;

/// <summary>Who belongs to which organisation: what other modules and the console ask, and change.</summary>
public sealed class Members
{
    private readonly ListMembers listing;

    internal Members(ListMembers listing) => this.listing = listing;

    /// <summary>
    /// An organisation's people in the order they joined, straight from the database; at most
    /// <see cref="Limits.MembersMax"/>.
    /// </summary>
    public Task<IReadOnlyList<MemberProfile>> Of(OrgId org, CancellationToken cancellationToken) =>
        listing.Handle(org, after: null, Limits.MembersMax, cancellationToken);
}
