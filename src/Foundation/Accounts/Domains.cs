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
    public Task<bool> Decide(Caller caller, UserId person, bool isLetIn, CancellationToken cancellationToken) =>
        joining.Decide(caller, person, isLetIn, cancellationToken);

    /// <summary>What a person may join by their proved address.</summary>
    public Task<IReadOnlyList<JoinSuggestion>> SuggestedTo(UserId person, CancellationToken cancellationToken) =>
        joining.Suggest(person, cancellationToken);

    /// <summary>Joins, or asks to.</summary>
    /// <returns>False when it is not suggested to them, or the organisation is full.</returns>
    public async Task<bool> Join(UserId person, OrgId org, CancellationToken cancellationToken) =>
        await joining.Join(person, org, cancellationToken) is JoinOutcome.Joined or JoinOutcome.Asked;
}
