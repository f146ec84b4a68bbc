using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Creating and revoking keys, for the command line and the demo; people use <c>/v1/keys</c>.</summary>
public sealed class Keys
{
    private readonly CreateKey creating;
    private readonly ListKeys listing;
    private readonly RevokeKey revoking;
    private readonly RotateKey rotating;
    private readonly SetKeyExpiry expiring;
    private readonly FindKeyOrigin origins;
    private readonly FindKeyBySecret secrets;
    private readonly FindLines lines;

    internal Keys(
        CreateKey creating,
        ListKeys listing,
        RevokeKey revoking,
        RotateKey rotating,
        SetKeyExpiry expiring,
        FindKeyOrigin origins,
        FindKeyBySecret secrets,
        FindLines lines)
    {
        (this.creating, this.listing, this.revoking, this.rotating) = (creating, listing, revoking, rotating);
        (this.expiring, this.origins, this.secrets, this.lines) = (expiring, origins, secrets, lines);
    }

    /// <summary>Creates a key of an organisation, for its mode.</summary>
    /// <param name="org">The organisation it acts in.</param>
    /// <param name="request">What to create.</param>
    /// <param name="actor">Who does it, for the audit log: the id of a person or key, or <c>system</c>.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    public Task<CreateKeyOutcome> CreateForOrganisation(
        OrgId org, NewKey request, string actor, CancellationToken cancellationToken) =>
        creating.ForOrganisation(org, request, actor, held: null, IdempotentRequest.None, cancellationToken);

    /// <summary>Creates a key of an organisation that may do no more than who asks for it.</summary>
    /// <param name="org">The organisation it acts in.</param>
    /// <param name="request">What to create.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    public Task<CreateKeyOutcome> CreateAs(
        OrgId org, NewKey request, Caller caller, CancellationToken cancellationToken) =>
        creating.ForOrganisation(
            org, request, caller.Actor, caller.Permissions, IdempotentRequest.None, cancellationToken);

    /// <summary>Creates a key of the operator that may do no more than who asks for it.</summary>
    /// <param name="request">What to create.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    public Task<CreateKeyOutcome> CreateForOperatorAs(
        NewOperatorKey request, Caller caller, CancellationToken cancellationToken) =>
        creating.ForOperator(request, caller.Actor, caller.Permissions, IdempotentRequest.None, cancellationToken);

    /// <summary>Replaces a key by a new one that may do the same; both work until the old one ends.</summary>
    /// <param name="org">The organisation it belongs to; null for one of the operator's.</param>
    /// <param name="key">The key.</param>
    /// <param name="rotation">How long the old one works on, and until when the new one does.</param>
    /// <param name="caller">Who asks; replaces no key that may do more than they.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    public Task<RotateKeyOutcome> RotateAs(
        OrgId? org, KeyId key, KeyRotation rotation, Caller caller, CancellationToken cancellationToken) =>
        rotating.Handle(
            org ?? PlatformOrg.Id,
            key,
            rotation,
            caller.Actor,
            caller.Permissions,
            IdempotentRequest.None,
            cancellationToken);

    /// <summary>A key of an organisation, or of the operator; null where there is none.</summary>
    /// <param name="org">The organisation; null for the operator's.</param>
    /// <param name="key">The key.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public Task<KeyProfile?> Find(OrgId? org, KeyId key, CancellationToken cancellationToken) =>
        listing.Find(org ?? PlatformOrg.Id, key, cancellationToken);

    /// <summary>A page of an organisation's keys, or of the operator's, newest first.</summary>
    /// <param name="org">The organisation; null for the operator's.</param>
    /// <param name="before">Only keys made before this one; null for the newest.</param>
    /// <param name="rowsMax">At most so many.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public Task<IReadOnlyList<KeyProfile>> Before(
        OrgId? org, KeyId? before, int rowsMax, CancellationToken cancellationToken) =>
        listing.Rows(org ?? PlatformOrg.Id, before, rowsMax, cancellationToken);

    /// <summary>Creates a key of the operator.</summary>
    /// <param name="request">What to create.</param>
    /// <param name="actor">Who does it, for the audit log.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    public Task<CreateKeyOutcome> CreateForOperator(
        NewOperatorKey request, string actor, CancellationToken cancellationToken) =>
        creating.ForOperator(request, actor, held: null, IdempotentRequest.None, cancellationToken);

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

    /// <summary>Changes from when a key that works is refused.</summary>
    /// <param name="org">The organisation it belongs to; null for one of the operator's.</param>
    /// <param name="key">The key.</param>
    /// <param name="expiresAt">From when; null for never.</param>
    /// <param name="actor">Who does it, for the audit log.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    public Task<SetKeyExpiryOutcome> SetExpiry(
        OrgId? org, KeyId key, DateTimeOffset? expiresAt, string actor, CancellationToken cancellationToken) =>
        expiring.Handle(org ?? PlatformOrg.Id, key, expiresAt, actor, cancellationToken);

    /// <summary>
    /// Who stands behind an actor of the operator: the person who made a key, directly or through other keys; where no
    /// person did, the first key of that line. Who is no key is their own origin.
    /// </summary>
    /// <param name="actor">The id of a person or key, as in <see cref="Platform.Caller.Actor"/>.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public Task<string> OriginOf(string actor, CancellationToken cancellationToken) => origins.Handle(actor, cancellationToken);

    /// <summary>The key of an organisation whose secret somebody shows; null where it has none of this secret.</summary>
    /// <param name="org">The organisation.</param>
    /// <param name="secret">What may be a secret.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public Task<KeyProfile?> FindBySecret(OrgId org, string secret, CancellationToken cancellationToken) =>
        secrets.Handle(org, secret, cancellationToken);

    /// <summary>
    /// The keys of a line that work now, the newest first: one, or two while a program is changed over; none once the line
    /// has ended.
    /// </summary>
    /// <param name="org">The organisation.</param>
    /// <param name="first">The first key of the line, <see cref="KeyProfile.FirstKeyId"/> of each of its keys.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public Task<IReadOnlyList<KeyProfile>> WorkingOfLine(OrgId org, KeyId first, CancellationToken cancellationToken) =>
        lines.Working(org, first, cancellationToken);

    /// <summary>
    /// The newest working key of each line that works, as many as may be in use; an overlap does not count twice.
    /// </summary>
    /// <param name="org">The organisation.</param>
    /// <param name="scopes">Only keys that may do exactly this.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public Task<IReadOnlyList<KeyProfile>> WorkingLines(
        OrgId org, IReadOnlyList<string> scopes, CancellationToken cancellationToken) =>
        lines.AllWorking(org, scopes, cancellationToken);

    /// <summary>The ids of the keys of some lines, whether they work or not, the newest first.</summary>
    /// <param name="org">The organisation.</param>
    /// <param name="firsts">The first keys of the lines.</param>
    /// <param name="rowsMax">At most so many altogether: the oldest are left out.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public Task<IReadOnlyList<KeyId>> IdsOfLines(
        OrgId org, IReadOnlyCollection<KeyId> firsts, int rowsMax, CancellationToken cancellationToken) =>
        lines.Ids(org, firsts, rowsMax, cancellationToken);
}
