using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Machines of organisations, for the console; programs use <c>/v1/service-accounts</c>.</summary>
public sealed class ServiceAccounts
{
    private readonly ManageServiceAccounts managing;

    internal ServiceAccounts(ManageServiceAccounts managing) => this.managing = managing;

    /// <summary>All service accounts of an organisation, newest first.</summary>
    public Task<IReadOnlyList<ServiceAccountProfile>> Of(OrgId org, CancellationToken cancellationToken) =>
        managing.List(org, before: null, Limits.ServiceAccountsMax, cancellationToken);

    /// <summary>Creates one.</summary>
    /// <param name="org">The organisation it belongs to.</param>
    /// <param name="request">What to create.</param>
    /// <param name="actor">Who does it, for the audit log.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    public Task<ServiceAccountOutcome> Create(
        OrgId org, NewServiceAccount request, string actor, CancellationToken cancellationToken) =>
        managing.Create(org, request, actor, IdempotentRequest.None, cancellationToken);

    /// <summary>Disables one, with all its keys, or enables it again; every replica knows within a second.</summary>
    /// <param name="org">The organisation it belongs to.</param>
    /// <param name="id">The service account.</param>
    /// <param name="on">Whether it shall be enabled.</param>
    /// <param name="reason">Why, for the audit log; may be null.</param>
    /// <param name="actor">Who does it, for the audit log.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    public Task<ServiceAccountOutcome> Turn(
        OrgId org, ServiceAccountId id, bool on, string? reason, string actor, CancellationToken cancellationToken) =>
        managing.Turn(org, id, on, reason, actor, cancellationToken);
}
