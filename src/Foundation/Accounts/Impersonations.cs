using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>
/// An operator acting in a person's stead: for an hour at most, in one organisation, with a reason; everything they do is
/// recorded under both names. It ends by itself when the person leaves the organisation or is shut out, or when the
/// operator may not do it any more.
/// </summary>
public sealed class Impersonations
{
    private readonly Impersonate handler;
    private readonly EndImpersonations ending;

    internal Impersonations(Impersonate handler, EndImpersonations ending) =>
        (this.handler, this.ending) = (handler, ending);

    /// <summary>
    /// What nobody does in another's stead: move money, make credentials that outlive it, decide who belongs to the
    /// organisation, and change the person's own account.
    /// </summary>
    public static IReadOnlySet<Permission> Withheld { get; } = new[]
    {
        Permission.BillingPurchase, Permission.BillingManage, Permission.LedgerWrite, Permission.LedgerCorrectApprove,
        Permission.KeysManage, Permission.MembersManage, Permission.OrganisationDelete, Permission.ProfileManage,
    }.ToFrozenSet();

    /// <summary>A person as an operator acts for them: in one organisation, without what is withheld.</summary>
    internal static Caller Limited(Caller person, string by, DateTimeOffset until)
    {
        var permissions = person.Permissions.Except(Withheld).ToFrozenSet();
        return person with
        {
            Permissions = permissions,
            Impersonator = by,
            ImpersonatedUntil = until,
            Choices =
            [
                .. person.Choices
                    .Where(choice => choice.Org == person.Org)
                    .Select(choice => choice with { Permissions = permissions }),
            ],
        };
    }

    /// <summary>Begins: the session the request was sent with acts in the person's stead from now on.</summary>
    /// <param name="context">The operator's request.</param>
    /// <param name="request">In whose stead, where, and why.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    public Task<ImpersonationOutcome> Start(
        HttpContext context, NewImpersonation request, CancellationToken cancellationToken) =>
        handler.Start(context, request, cancellationToken);

    /// <summary>Ends: the session is the operator's own again.</summary>
    /// <param name="context">The request of the session that acts in somebody's stead.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    public Task<ImpersonationOutcome> Stop(HttpContext context, CancellationToken cancellationToken) =>
        handler.Stop(context, cancellationToken);

    /// <summary>Ends and records those whose time is over, some at once; a job does so every minute.</summary>
    /// <param name="cancellationToken">Stops between two of them.</param>
    public Task EndThoseOver(CancellationToken cancellationToken) => ending.Run(cancellationToken);
}

/// <summary>In whose stead an operator wants to act.</summary>
/// <param name="UserId">The person.</param>
/// <param name="OrganisationId">The organisation they belong to.</param>
/// <param name="Reason">Why: 1 to 1000 letters, for the audit log.</param>
public sealed record NewImpersonation(UserId UserId, OrgId OrganisationId, string Reason);

/// <summary>An operator acts in somebody's stead.</summary>
/// <param name="UserId">The person.</param>
/// <param name="OrganisationId">The organisation.</param>
/// <param name="ExpiresAt">Until when.</param>
public sealed record ImpersonationProfile(UserId UserId, OrgId OrganisationId, DateTimeOffset ExpiresAt);

/// <summary>Every way beginning or ending it can end, in the order they are checked.</summary>
public abstract record ImpersonationOutcome
{
    private ImpersonationOutcome()
    {
    }

    /// <summary>The request was not sent by somebody signed in, or they act in nobody's stead.</summary>
    public sealed record NoSession : ImpersonationOutcome;

    /// <summary>Members of the request are wrong.</summary>
    public sealed record Invalid(InvalidInput Input) : ImpersonationOutcome;

    /// <summary>There is no such person in that organisation, or they are shut out.</summary>
    public sealed record NoSuchMember : ImpersonationOutcome;

    /// <summary>The person is an operator, too: nobody borrows what their own role lacks.</summary>
    public sealed record IsOperator : ImpersonationOutcome;

    /// <summary>It has begun.</summary>
    public sealed record Started(ImpersonationProfile Impersonation) : ImpersonationOutcome;

    /// <summary>It is over.</summary>
    public sealed record Stopped : ImpersonationOutcome;
}
