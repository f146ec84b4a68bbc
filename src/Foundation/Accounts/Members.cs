using Microsoft.AspNetCore.Http;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Who belongs to which organisation, who is invited, and handing organisations over: for the console.</summary>
public sealed class Members
{
    private readonly NpgsqlDataSource database;
    private readonly ListMembers listing;
    private readonly ManageMembers managing;
    private readonly OwnershipOffers offers;
    private readonly ManageInvitations inviting;

    internal Members(
        NpgsqlDataSource database,
        ListMembers listing,
        ManageMembers managing,
        OwnershipOffers offers,
        ManageInvitations inviting) =>
        (this.database, this.listing, this.managing, this.offers, this.inviting) =
            (database, listing, managing, offers, inviting);

    /// <summary>
    /// An organisation's people in the order they joined, straight from the database; at most
    /// <see cref="Limits.MembersMax"/>.
    /// </summary>
    public Task<IReadOnlyList<MemberProfile>> Of(OrgId org, CancellationToken cancellationToken) =>
        listing.Handle(org, after: null, Limits.MembersMax, cancellationToken);

    /// <summary>Gives a member another role, in the organisation the caller acts in.</summary>
    public Task<MemberOutcome> Change(
        Caller caller, UserId user, string role, string? reason, CancellationToken cancellationToken) =>
        managing.Change(caller, user, role, reason, cancellationToken);

    /// <summary>Ends somebody's belonging; the caller's own, where they leave.</summary>
    public Task<MemberOutcome> Remove(
        Caller caller, UserId user, string? reason, CancellationToken cancellationToken) =>
        managing.Remove(caller, user, reason, cancellationToken);

    /// <summary>Invitations that wait, newest first.</summary>
    public Task<IReadOnlyList<InvitationProfile>> Invited(OrgId org, CancellationToken cancellationToken) =>
        InvitationRows.Pending(database, org, cancellationToken);

    /// <summary>Invites somebody by mail, or renews the invitation that waits for them.</summary>
    /// <param name="caller">Who invites, and where.</param>
    /// <param name="wanted">Whom, as what.</param>
    /// <param name="request">Says how this host is reached, where nothing else does.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    public Task<InviteOutcome> Invite(
        Caller caller, NewInvitation wanted, HttpRequest request, CancellationToken cancellationToken) =>
        inviting.Invite(caller, wanted, request, cancellationToken);

    /// <summary>Mails an invitation again, with a new link.</summary>
    public Task<InviteOutcome> Resend(
        Caller caller, InvitationId invitation, HttpRequest request, CancellationToken cancellationToken) =>
        inviting.Resend(caller, invitation, request, cancellationToken);

    /// <summary>Revokes an invitation that waits.</summary>
    public Task<InviteOutcome> Revoke(
        Caller caller, InvitationId invitation, CancellationToken cancellationToken) =>
        inviting.Revoke(caller, invitation, cancellationToken);

    /// <summary>The offer of ownership that waits; null where there is none.</summary>
    public Task<OwnershipOffer?> Offer(OrgId org, CancellationToken cancellationToken) =>
        offers.Find(org, cancellationToken);

    /// <summary>Offers the organisation to a member.</summary>
    public Task<MemberOutcome> OfferOwnership(Caller caller, UserId to, CancellationToken cancellationToken) =>
        offers.Offer(caller, to, cancellationToken);

    /// <summary>Takes an offer of ownership up.</summary>
    public Task<MemberOutcome> TakeOwnership(Caller caller, CancellationToken cancellationToken) =>
        offers.Accept(caller, cancellationToken);

    /// <summary>Takes an offer back, or declines it.</summary>
    public Task<MemberOutcome> EndOffer(Caller caller, CancellationToken cancellationToken) =>
        offers.Withdraw(caller, cancellationToken);
}
