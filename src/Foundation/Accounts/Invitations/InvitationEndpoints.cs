using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Which invitation.</summary>
/// <param name="Id">Its id.</param>
internal sealed record InvitationRequest(InvitationId Id);

/// <summary>An invitation's secret, from the mailed link.</summary>
/// <param name="Token">It begins with <c>qn_invite_</c>.</param>
public sealed record InvitationSecret(string Token);

/// <summary>Invitations that wait.</summary>
/// <param name="Data">The newest first.</param>
public sealed record InvitationList(IReadOnlyList<InvitationProfile> Data);

/// <summary>An organisation somebody belongs to.</summary>
/// <param name="OrganisationId">The organisation.</param>
/// <param name="Role">What they are in it.</param>
public sealed record Membership(OrgId OrganisationId, string Role);

/// <summary>Inviting people, over HTTP.</summary>
internal static class InvitationEndpoints
{
    /// <summary><c>POST /v1/invitations</c>.</summary>
    public static async Task<Results<Ok<InvitationProfile>, Problem>> Invite(
        NewInvitation body, ManageInvitations handler, HttpContext context, CancellationToken cancellationToken) =>
        Answer(await handler.Invite(context.Caller(), body, context.Request, cancellationToken));

    /// <summary><c>GET /v1/invitations</c>.</summary>
    public static async Task<Ok<InvitationList>> List(
        NpgsqlDataSource database, HttpContext context, CancellationToken cancellationToken) =>
        TypedResults.Ok(new InvitationList(
            await InvitationRows.Pending(database, context.Caller().RequiredOrg, cancellationToken)));

    /// <summary><c>POST /v1/invitations/{id}/resend</c>.</summary>
    public static async Task<Results<Ok<InvitationProfile>, Problem>> Resend(
        Parameters<InvitationRequest> parameters,
        ManageInvitations handler,
        HttpContext context,
        CancellationToken cancellationToken) =>
        Answer(await handler.Resend(context.Caller(), parameters.Value.Id, context.Request, cancellationToken));

    /// <summary><c>DELETE /v1/invitations/{id}</c>.</summary>
    public static async Task<Results<Ok<InvitationProfile>, Problem>> Revoke(
        Parameters<InvitationRequest> parameters,
        ManageInvitations handler,
        HttpContext context,
        CancellationToken cancellationToken) =>
        Answer(await handler.Revoke(context.Caller(), parameters.Value.Id, cancellationToken));

    /// <summary><c>POST /v1/invitations/look-up</c>.</summary>
    public static async Task<Results<Ok<InvitationPreview>, Problem>> LookUp(
        InvitationSecret body, AcceptInvitation handler, CancellationToken cancellationToken) =>
        await handler.Look(body.Token, cancellationToken) is { } preview
            ? TypedResults.Ok(preview)
            : DoesNotWork();

    /// <summary><c>POST /v1/invitations/accept</c>.</summary>
    public static async Task<Results<Ok<Membership>, Problem>> Accept(
        InvitationSecret body, AcceptInvitation handler, HttpContext context, CancellationToken cancellationToken)
    {
        if (!Id.TryParse<UserId>(context.Caller().Actor, out var person))
        {
            return DoesNotWork();
        }

        return await handler.Handle(person, body.Token, cancellationToken) switch
        {
            AcceptInvitationOutcome.Accepted(var org, var role) => TypedResults.Ok(new Membership(org, role)),
            AcceptInvitationOutcome.DoesNotWork => DoesNotWork(),
            AcceptInvitationOutcome.OtherAddress(var email) => new Problem(
                AccountsProblems.InvitationForAnother, $"The invitation was mailed to {email}."),
            AcceptInvitationOutcome.AddressNotProved(var email) => new Problem(
                AccountsProblems.AddressNotProved, $"Nothing has proved that {email} is yours."),
            _ => throw new UnreachableException(),
        };
    }

    private static Results<Ok<InvitationProfile>, Problem> Answer(InviteOutcome outcome) => outcome switch
    {
        InviteOutcome.Sent(var invitation) => TypedResults.Ok(invitation),
        InviteOutcome.Invalid(var input) => AccountsProblems.Of(input),
        InviteOutcome.RoleOutOfReach(var role) => AccountsProblems.OutOfReach(role),
        InviteOutcome.NoPublicUrl => new Problem(
            AccountsProblems.NoPublicUrl, "The mail's link would lead nowhere."),
        InviteOutcome.NotFound => new Problem(PlatformProblems.NotFound, "No such invitation waits."),
        InviteOutcome.Deleting => AccountsProblems.IsBeingDeleted(),
        InviteOutcome.AlreadyMember => new Problem(
            AccountsProblems.AlreadyMember, "Whoever has this address belongs to the organisation already."),
        InviteOutcome.TooMany => new Problem(
            AccountsProblems.TooManyMembers,
            $"At most {Limits.MembersMax} people and {Limits.InvitationsPendingMax} invitations that wait."),
        InviteOutcome.TooSoon(var wait) => new Problem(
            AccountsProblems.TooManyMails,
            "The last mail was sent not long ago.",
            (int)Math.Max(1, Math.Ceiling(wait.TotalSeconds))),
        _ => throw new UnreachableException(),
    };

    private static Problem DoesNotWork() =>
        new(AccountsProblems.InvitationNotFound, "It was used, revoked or sent again, has expired, or is not whole.");
}
