using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Creating and revoking keys, for the command line and the demo; people use <c>/v1/keys</c>.</summary>
public sealed class Keys
{
    private readonly CreateKey creating;
    private readonly ListKeys listing;
    private readonly RevokeKey revoking;
    private readonly FindKeyOrigin origins;

    internal Keys(CreateKey creating, ListKeys listing, RevokeKey revoking, FindKeyOrigin origins) =>
        (this.creating, this.listing, this.revoking, this.origins) = (creating, listing, revoking, origins);

    /// <summary>Creates a key of an organisation, for its mode.</summary>
    /// <param name="org">The organisation it acts in.</param>
    /// <param name="request">What to create.</param>
    /// <param name="actor">Who does it, for the audit log: the id of a person or key, or <c>system</c>.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    public Task<CreateKeyOutcome> CreateForOrganisation(
        OrgId org, NewKey request, string actor, CancellationToken cancellationToken) =>
        creating.ForOrganisation(org, request, actor, IdempotentRequest.None, cancellationToken);

    /// <summary>Creates a key of the operator.</summary>
    /// <param name="request">What to create.</param>
    /// <param name="actor">Who does it, for the audit log.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    public Task<CreateKeyOutcome> CreateForOperator(
        NewOperatorKey request, string actor, CancellationToken cancellationToken) =>
        creating.ForOperator(request, actor, IdempotentRequest.None, cancellationToken);

    /// <summary>The newest keys of an organisation, or of the operator, revoked ones too: one page of them.</summary>
    /// <param name="org">The organisation; null for the operator's.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<IReadOnlyList<KeyProfile>> Newest(OrgId? org, CancellationToken cancellationToken)
    {
        var request = new KeyPageRequest(new PageLimit(PageLimit.RowsMax));
        return (await listing.Handle(org ?? PlatformOrg.Id, request, cancellationToken)).Data;
    }

    /// <summary>Revokes a key; every replica refuses it within <see cref="Limits.FreshFor"/>.</summary>
    /// <param name="org">The organisation it belongs to; null for one of the operator's.</param>
    /// <param name="key">The key.</param>
    /// <param name="reason">Why, for the audit log; may be null.</param>
    /// <param name="actor">Who does it, for the audit log.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    public Task<RevokeKeyOutcome> Revoke(
        OrgId? org, KeyId key, string? reason, string actor, CancellationToken cancellationToken) =>
        revoking.Handle(org ?? PlatformOrg.Id, new RevokeKeyRequest(key, reason), actor, cancellationToken);

    /// <summary>
    /// Who stands behind an actor of the operator: the person who made a key, directly or through other keys; where no
    /// person did, the first key of that line. Who is no key is their own origin.
    /// </summary>
    /// <param name="actor">The id of a person or key, as in <see cref="Platform.Caller.Actor"/>.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public Task<string> OriginOf(string actor, CancellationToken cancellationToken) => origins.Handle(actor, cancellationToken);
}
