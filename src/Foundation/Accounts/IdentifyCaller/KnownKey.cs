using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>A key that was given out once, with all that a request needs to know of it.</summary>
internal sealed class KnownKey
{
    private int isUseNoted;

    /// <summary>A key as it was just read.</summary>
    /// <param name="owner">The organisation it belongs to; the operator's own place for its keys.</param>
    /// <param name="profile">What is known of it.</param>
    /// <param name="hash">Its secret's hash.</param>
    /// <param name="isMachineDisabled">Whether the service account that owns it is disabled.</param>
    /// <param name="role">The role of the person whose device it is; null where there is none (any more).</param>
    /// <param name="isOrganisationEnding">Whether its organisation is being deleted, or is closed.</param>
    /// <param name="account">Where a project's key has all billed: the project's account, else the default one.</param>
    public KnownKey(
        OrgId owner,
        KeyProfile profile,
        SecretHash hash,
        bool isMachineDisabled,
        string? role,
        bool isOrganisationEnding,
        BillingAccountId? account)
    {
        (Owner, Profile, Hash) = (owner, profile, hash);
        (IsMachineDisabled, IsOrganisationEnding) = (isMachineDisabled, isOrganisationEnding);
        IsOwnerGone = profile.UserId is not null && role is null;
        var scopes = profile.Scopes ?? [];
        var isOperator = owner == PlatformOrg.Id;
        var caller = new Caller(
            isOperator ? Realm.Operator : Realm.Organisation,
            profile.Id.ToString(),
            isOperator ? null : owner,
            isOperator ? OperatorRole.PermissionsOf(profile.Roles ?? [])
            : role is null ? KeyScopes.PermissionsOf(scopes)
            : KeyScopes.PermissionsOf(scopes, role))
        {
            BillingAccount = profile.ProjectId is null ? null : account,
        };
        Accepted = new CallerOutcome.Known(caller);
    }

    public OrgId Owner { get; }

    public KeyProfile Profile { get; }

    public SecretHash Hash { get; }

    /// <summary>Whether the service account that owns it is disabled.</summary>
    public bool IsMachineDisabled { get; }

    /// <summary>Whether the person whose device it is left the organisation or was shut out.</summary>
    public bool IsOwnerGone { get; }

    /// <summary>Whether its organisation is being deleted, or is closed.</summary>
    public bool IsOrganisationEnding { get; }

    /// <summary>The answer when the key is good and no organisation is named.</summary>
    public CallerOutcome.Known Accepted { get; }

    /// <summary>True for the first who asks, so that a busy key is noted once per reading of it.</summary>
    public bool ClaimUse() => Volatile.Read(ref isUseNoted) == 0 && Interlocked.Exchange(ref isUseNoted, 1) == 0;
}
