using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>A member's new role.</summary>
/// <param name="Role">One of <see cref="MemberRole.All"/>.</param>
/// <param name="Reason">Why, for the audit log.</param>
public sealed record MemberChange(string Role, string? Reason = null);

/// <summary>Whom an owner wants to hand the organisation to.</summary>
/// <param name="UserId">A member.</param>
public sealed record NewOwner(UserId UserId);

/// <summary>Which member.</summary>
/// <param name="Id">The person.</param>
internal sealed record MemberRequest(UserId Id);

/// <summary>Which member to remove.</summary>
/// <param name="Id">The person.</param>
/// <param name="Reason">Why, for the audit log.</param>
internal sealed record RemoveMemberRequest(UserId Id, string? Reason = null);

/// <summary>Changing who belongs to an organisation, over HTTP.</summary>
internal static class MemberEndpoints
{
    /// <summary><c>PATCH /v1/members/{id}</c>.</summary>
    public static async Task<Results<Ok<MemberProfile>, Problem>> Change(
        Parameters<MemberRequest> parameters,
        MemberChange body,
        ManageMembers handler,
        HttpContext context,
        CancellationToken cancellationToken) =>
        Answer(await handler.Change(
            context.Caller(), parameters.Value.Id, body.Role, body.Reason, cancellationToken));

    /// <summary><c>DELETE /v1/members/{id}</c>.</summary>
    public static async Task<Results<Ok<MemberProfile>, Problem>> Remove(
        Parameters<RemoveMemberRequest> parameters,
        ManageMembers handler,
        HttpContext context,
        CancellationToken cancellationToken) =>
        Answer(await handler.Remove(
            context.Caller(), parameters.Value.Id, parameters.Value.Reason, cancellationToken));

    /// <summary><c>POST /v1/organisation/leave</c>.</summary>
    public static async Task<Results<Ok<MemberProfile>, Problem>> Leave(
        ManageMembers handler, HttpContext context, CancellationToken cancellationToken) =>
        Id.TryParse<UserId>(context.Caller().Actor, out var person)
            ? Answer(await handler.Remove(context.Caller(), person, reason: null, cancellationToken))
            : Answer(new MemberOutcome.NoSuchMember());

    /// <summary><c>POST /v1/organisation/ownership-offer</c>.</summary>
    public static async Task<Results<Ok<MemberProfile>, Problem>> Offer(
        NewOwner body, OwnershipOffers handler, HttpContext context, CancellationToken cancellationToken) =>
        Answer(await handler.Offer(context.Caller(), body.UserId, cancellationToken));

    /// <summary><c>GET /v1/organisation/ownership-offer</c>.</summary>
    public static async Task<Results<Ok<OwnershipOffer>, Problem>> ShowOffer(
        OwnershipOffers handler, HttpContext context, CancellationToken cancellationToken) =>
        await handler.Find(context.Caller().RequiredOrg, cancellationToken) is { } offer
            ? TypedResults.Ok(offer)
            : new Problem(PlatformProblems.NotFound, "No offer of ownership waits.");

    /// <summary><c>POST /v1/organisation/ownership-offer/accept</c>.</summary>
    public static async Task<Results<Ok<MemberProfile>, Problem>> Accept(
        OwnershipOffers handler, HttpContext context, CancellationToken cancellationToken) =>
        Answer(await handler.Accept(context.Caller(), cancellationToken));

    /// <summary><c>DELETE /v1/organisation/ownership-offer</c>.</summary>
    public static async Task<Results<Ok<MemberProfile>, Problem>> Withdraw(
        OwnershipOffers handler, HttpContext context, CancellationToken cancellationToken) =>
        Answer(await handler.Withdraw(context.Caller(), cancellationToken));

    private static Results<Ok<MemberProfile>, Problem> Answer(MemberOutcome outcome) => outcome switch
    {
        MemberOutcome.Done(var member) => TypedResults.Ok(member),
        MemberOutcome.Invalid(var input) => AccountsProblems.Of(input),
        MemberOutcome.NoSuchMember => new Problem(PlatformProblems.NotFound, "They do not belong to this organisation."),
        MemberOutcome.RoleOutOfReach(var role) => AccountsProblems.OutOfReach(role),
        MemberOutcome.LastOwner => new Problem(
            AccountsProblems.LastOwner, "They are the only owner; make another one first, or delete the organisation."),
        MemberOutcome.NoOffer => new Problem(PlatformProblems.NotFound, "No offer of ownership waits for you."),
        _ => throw new UnreachableException(),
    };
}
