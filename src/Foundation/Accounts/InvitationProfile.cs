namespace Quoin.Accounts;

/// <summary>An invitation that waits for the person it was mailed to.</summary>
/// <param name="Id">Its id; the link is another secret, in the mail alone.</param>
/// <param name="Email">The address it was mailed to.</param>
/// <param name="Role">What they would be.</param>
/// <param name="InvitedBy">Who invited them: a person or the operator.</param>
/// <param name="CreatedAt">When they were first invited.</param>
/// <param name="SentAt">When the mail was sent last.</param>
/// <param name="ExpiresAt">Until when its link works; past, it waits to be sent again.</param>
public sealed record InvitationProfile(
    InvitationId Id,
    string Email,
    string Role,
    string InvitedBy,
    DateTimeOffset CreatedAt,
    DateTimeOffset SentAt,
    DateTimeOffset ExpiresAt);

/// <summary>What whoever holds an invitation's link may see of it before they say who they are.</summary>
/// <param name="OrganisationName">What the organisation is called.</param>
/// <param name="Email">The address it was mailed to.</param>
/// <param name="Role">What they would be.</param>
/// <param name="ExpiresAt">Until when its link works.</param>
public sealed record InvitationPreview(string OrganisationName, string Email, string Role, DateTimeOffset ExpiresAt);

/// <summary>Somebody to invite.</summary>
/// <param name="Email">Their address; the link is mailed there, and works for nobody else.</param>
/// <param name="Role">What they would be: one of <see cref="MemberRole.All"/>.</param>
/// <param name="Reason">Why, for the audit log.</param>
public sealed record NewInvitation(string Email, string Role, string? Reason = null);

/// <summary>Every way inviting somebody can end, in the order they are checked.</summary>
public abstract record InviteOutcome
{
    private InviteOutcome()
    {
    }

    /// <summary>Members of the request are wrong.</summary>
    public sealed record Invalid(InvalidInput Input) : InviteOutcome;

    /// <summary>Who asks lacks permissions of the role they would give.</summary>
    public sealed record RoleOutOfReach(string Role) : InviteOutcome;

    /// <summary>This host cannot put links into mails: it does not know how it is reached.</summary>
    public sealed record NoPublicUrl : InviteOutcome;

    /// <summary>Too many mails, from this organisation or to this address.</summary>
    public sealed record TooSoon(TimeSpan Wait) : InviteOutcome;

    /// <summary>There is no such organisation, no such invitation, or it does not wait any more.</summary>
    public sealed record NotFound : InviteOutcome;

    /// <summary>The organisation is being deleted.</summary>
    public sealed record Deleting : InviteOutcome;

    /// <summary>They belong to the organisation already.</summary>
    public sealed record AlreadyMember : InviteOutcome;

    /// <summary>The organisation has as many people and invitations as it may have.</summary>
    public sealed record TooMany : InviteOutcome;

    /// <summary>A mail is on its way.</summary>
    public sealed record Sent(InvitationProfile Invitation) : InviteOutcome;
}

/// <summary>Every way accepting an invitation can end, in the order they are checked.</summary>
public abstract record AcceptInvitationOutcome
{
    private AcceptInvitationOutcome()
    {
    }

    /// <summary>The link is not whole, was used, revoked or replaced by a later one, or has expired.</summary>
    public sealed record DoesNotWork : AcceptInvitationOutcome;

    /// <summary>It was mailed to another address than the person's.</summary>
    public sealed record OtherAddress(string Email) : AcceptInvitationOutcome;

    /// <summary>It is their address, but nothing has proved it so far.</summary>
    public sealed record AddressNotProved(string Email) : AcceptInvitationOutcome;

    /// <summary>They belong to the organisation.</summary>
    public sealed record Accepted(Quoin.Kernel.OrgId Org, string Role) : AcceptInvitationOutcome;
}
