using System.Globalization;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>What is mailed to people about who belongs to an organisation.</summary>
internal static class MemberMails
{
    public static Mail Invited(InvitationProfile sent, string organisation, string link, OrgId org) => new(
        sent.Email,
        $"You are invited to {organisation}",
        $"""
        Hello,

        you are invited to the organisation "{organisation}" on Quoin, as {sent.Role}. To accept, open

        {link}

        and sign in, or sign up, with this address. The link works for {Limits.InvitationLifetime.Days} days, for nobody
        else.

        If you do not know who invited you, do nothing.

        """,
        "invitation.sent",
        org);

    public static Mail AskedToJoin(string decider, string organisation, string email, OrgId org) => new(
        decider,
        $"Somebody asks to join {organisation}",
        $"""
        Hello,

        {email}, which is proved to be theirs, asks to join the organisation "{organisation}" on Quoin. Let them in, or
        turn them away, in the console under Settings, Members.

        """,
        "member.asked_to_join",
        org);

    public static Mail LetIn(string email, string organisation, string role, OrgId org) => new(
        email,
        $"You belong to {organisation} now",
        $"""
        Hello,

        you asked to join the organisation "{organisation}" on Quoin. You were let in, as {role}.

        """,
        "member.let_in",
        org);

    public static Mail Removed(string email, string organisation, OrgId org) => new(
        email,
        $"You do not belong to {organisation} any more",
        $"""
        Hello,

        you were removed from the organisation "{organisation}" on Quoin. Your own account stays as it is; keys of your
        devices that acted there work no more.

        If you think that is a mistake, ask an owner of the organisation.

        """,
        "member.removed",
        org);

    public static Mail OwnershipOffered(string email, string organisation, DateTimeOffset expiresAt, OrgId org) => new(
        email,
        $"You are offered {organisation}",
        $"""
        Hello,

        an owner of the organisation "{organisation}" on Quoin wants to hand it over to you. Take it, or decline, in the
        console under Settings, Members, before {expiresAt.ToString("d MMMM yyyy", CultureInfo.InvariantCulture)}.

        If you do nothing, nothing changes.

        """,
        "organisation.ownership_offered",
        org);
}
