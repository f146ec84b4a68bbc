using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Which domain.</summary>
/// <param name="Domain">In lower case.</param>
internal sealed record DomainRequest(string Domain);

/// <summary>Which of one's own questions to join.</summary>
/// <param name="Id">The organisation one asked.</param>
internal sealed record OwnJoinRequest(OrgId Id);

/// <summary>Which organisation to join.</summary>
/// <param name="OrganisationId">One that is suggested.</param>
public sealed record JoinRequest(OrgId OrganisationId);

/// <summary>What became of wanting to join.</summary>
/// <param name="OrganisationId">The organisation.</param>
/// <param name="Role">What the person is in it; null while they wait to be let in.</param>
public sealed record JoinAnswer(OrgId OrganisationId, string? Role);

/// <summary>Whether to let somebody in who asked.</summary>
/// <param name="LetIn">Whether they become a member; else they are turned away.</param>
/// <param name="Role">What they become: one of <see cref="MemberRole.All"/>; a viewer where left out.</param>
public sealed record JoinDecision(bool LetIn, string? Role = null);

/// <summary>An organisation's mail domains.</summary>
/// <param name="Data">By name.</param>
public sealed record DomainList(IReadOnlyList<DomainProfile> Data);

/// <summary>Organisations a person may join.</summary>
/// <param name="Data">By name.</param>
public sealed record JoinSuggestionList(IReadOnlyList<JoinSuggestion> Data);

/// <summary>People who asked to join.</summary>
/// <param name="Data">Who asked first comes first; <c>joined_at</c> is when they asked.</param>
public sealed record JoinRequestList(IReadOnlyList<MemberProfile> Data);

/// <summary>Mail domains and joining by them, over HTTP.</summary>
internal static class DomainEndpoints
{
    /// <summary><c>GET /v1/domains</c>.</summary>
    public static async Task<Ok<DomainList>> List(
        ManageDomains handler, HttpContext context, CancellationToken cancellationToken) =>
        TypedResults.Ok(new DomainList(await handler.List(context.Caller().RequiredOrg, cancellationToken)));

    /// <summary><c>PUT /v1/domains</c>.</summary>
    public static async Task<Results<Ok<DomainProfile>, Problem>> Put(
        NewDomain body, ManageDomains handler, HttpContext context, CancellationToken cancellationToken) =>
        Answer(await handler.Put(context.Caller().RequiredOrg, body, context.Caller().Actor, cancellationToken));

    /// <summary><c>POST /v1/domains/{domain}/check</c>.</summary>
    public static async Task<Results<Ok<DomainProfile>, Problem>> Check(
        Parameters<DomainRequest> parameters,
        ManageDomains handler,
        HttpContext context,
        CancellationToken cancellationToken) =>
        Answer(await handler.Check(
            context.Caller().RequiredOrg, parameters.Value.Domain, context.Caller().Actor, cancellationToken));

    /// <summary><c>DELETE /v1/domains/{domain}</c>.</summary>
    public static async Task<Results<Ok<DomainProfile>, Problem>> Remove(
        Parameters<DomainRequest> parameters,
        ManageDomains handler,
        HttpContext context,
        CancellationToken cancellationToken) =>
        Answer(await handler.Remove(
            context.Caller().RequiredOrg, parameters.Value.Domain, context.Caller().Actor, cancellationToken));

    /// <summary><c>GET /v1/me/join-suggestions</c>.</summary>
    public static async Task<Ok<JoinSuggestionList>> Suggest(
        JoinByDomain handler, HttpContext context, CancellationToken cancellationToken) =>
        TypedResults.Ok(new JoinSuggestionList(
            await handler.Suggest(context.Caller().Person(), cancellationToken)));

    /// <summary><c>POST /v1/me/join</c>.</summary>
    public static async Task<Results<Ok<JoinAnswer>, Problem>> Join(
        JoinRequest body, JoinByDomain handler, HttpContext context, CancellationToken cancellationToken)
    {
        var person = context.Caller().Person();
        return await handler.Join(person, body.OrganisationId, cancellationToken) switch
        {
            JoinOutcome.Joined(var role) => TypedResults.Ok(new JoinAnswer(body.OrganisationId, role)),
            JoinOutcome.Asked => TypedResults.Ok(new JoinAnswer(body.OrganisationId, Role: null)),
            JoinOutcome.TooSoon(var wait) => new Problem(
                AccountsProblems.TooManyAttempts, "You asked several times.", Seconds(wait)),
            JoinOutcome.NotSuggested => AccountsProblems.NoSuchOrganisation(body.OrganisationId),
            JoinOutcome.TooMany => TooManyMembers(),
            _ => throw new UnreachableException(),
        };
    }

    /// <summary><c>GET /v1/join-requests</c>.</summary>
    public static async Task<Ok<JoinRequestList>> Asked(
        JoinByDomain handler, HttpContext context, CancellationToken cancellationToken) =>
        TypedResults.Ok(new JoinRequestList(await handler.Asked(context.Caller().RequiredOrg, cancellationToken)));

    /// <summary><c>DELETE /v1/me/join-requests/{id}</c>.</summary>
    public static async Task<Results<NoContent, Problem>> Withdraw(
        Parameters<OwnJoinRequest> parameters,
        JoinByDomain handler,
        HttpContext context,
        CancellationToken cancellationToken) =>
        await handler.Withdraw(context.Caller().Person(), parameters.Value.Id, cancellationToken)
            ? TypedResults.NoContent()
            : NotWaiting();

    /// <summary><c>POST /v1/join-requests/{id}</c>.</summary>
    public static async Task<Results<NoContent, Problem>> Decide(
        Parameters<MemberRequest> parameters,
        JoinDecision body,
        JoinByDomain handler,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var role = body.LetIn ? body.Role ?? MemberRole.Viewer : null;
        return await handler.Decide(context.Caller(), parameters.Value.Id, role, cancellationToken) switch
        {
            JoinDecisionOutcome.Done => TypedResults.NoContent(),
            JoinDecisionOutcome.Invalid(var input) => AccountsProblems.Of(input),
            JoinDecisionOutcome.RoleOutOfReach(var beyond) => AccountsProblems.OutOfReach(beyond),
            JoinDecisionOutcome.NotWaiting => NotWaiting(),
            JoinDecisionOutcome.TooMany => TooManyMembers(),
            _ => throw new UnreachableException(),
        };
    }

    private static Problem NotWaiting() => new(PlatformProblems.NotFound, "They do not wait to be let in.");

    private static Problem TooManyMembers() =>
        new(AccountsProblems.TooManyMembers, $"At most {Limits.MembersMax} people.");

    private static int Seconds(TimeSpan wait) => (int)Math.Max(1, Math.Ceiling(wait.TotalSeconds));

    private static Results<Ok<DomainProfile>, Problem> Answer(DomainOutcome outcome) => outcome switch
    {
        DomainOutcome.Done(var domain) => TypedResults.Ok(domain),
        DomainOutcome.Invalid(var input) => AccountsProblems.Of(input),
        DomainOutcome.NotFound => new Problem(PlatformProblems.NotFound, "The organisation has no such domain."),
        DomainOutcome.TooMany => new Problem(
            AccountsProblems.TooManyDomains, $"There are already {Limits.DomainsMax} domains."),
        DomainOutcome.TooSoon(var wait) => new Problem(
            AccountsProblems.TooManyAttempts,
            "The DNS was asked a moment ago.",
            Seconds(wait)),
        DomainOutcome.NotProved(var domain) => new Problem(
            AccountsProblems.DomainNotProved,
            $"No TXT record of {domain.RecordName} says {domain.RecordValue} so far."),
        _ => throw new UnreachableException(),
    };
}
