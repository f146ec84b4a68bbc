using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>An organisation's mail domains, and who joins by them: for the console.</summary>
public sealed class Domains
{
    private readonly ManageDomains managing;
    private readonly JoinByDomain joining;

    internal Domains(ManageDomains managing, JoinByDomain joining) => (this.managing, this.joining) = (managing, joining);

    /// <summary>All domains, by name; straight from the database.</summary>
    public Task<IReadOnlyList<DomainProfile>> Of(OrgId org, CancellationToken cancellationToken) =>
        managing.List(org, cancellationToken);

    /// <summary>Adds a domain, or changes how people of it come to belong.</summary>
    public Task<DomainOutcome> Put(OrgId org, NewDomain wanted, string actor, CancellationToken cancellationToken) =>
        managing.Put(org, wanted, actor, cancellationToken);

    /// <summary>Asks the DNS whether the record is there.</summary>
    public Task<DomainOutcome> Check(OrgId org, string domain, string actor, CancellationToken cancellationToken) =>
        managing.Check(org, domain, actor, cancellationToken);

    /// <summary>Removes a domain.</summary>
    public Task<DomainOutcome> Remove(OrgId org, string domain, string actor, CancellationToken cancellationToken) =>
        managing.Remove(org, domain, actor, cancellationToken);

    /// <summary>Who asked to join.</summary>
    public Task<IReadOnlyList<MemberProfile>> Asked(OrgId org, CancellationToken cancellationToken) =>
        joining.Asked(org, cancellationToken);

    /// <summary>Lets somebody in who asked, or turns them away.</summary>
    /// <param name="caller">Who decides, and where.</param>
    /// <param name="person">Who asked.</param>
    /// <param name="role">What they shall be; null turns them away.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    public Task<JoinDecisionOutcome> Decide(
        Caller caller, UserId person, string? role, CancellationToken cancellationToken) =>
        joining.Decide(caller, person, role, cancellationToken);

    /// <summary>What a person may join by their proved address.</summary>
    public Task<IReadOnlyList<JoinSuggestion>> SuggestedTo(UserId person, CancellationToken cancellationToken) =>
        joining.Suggest(person, cancellationToken);

    /// <summary>Joins, or asks to.</summary>
    public Task<JoinOutcome> Join(UserId person, OrgId org, CancellationToken cancellationToken) =>
        joining.Join(person, org, cancellationToken);

    /// <summary>Asks no more.</summary>
    /// <returns>False when they did not (any more).</returns>
    public Task<bool> Withdraw(UserId person, OrgId org, CancellationToken cancellationToken) =>
        joining.Withdraw(person, org, cancellationToken);
}
