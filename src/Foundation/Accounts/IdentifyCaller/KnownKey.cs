using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>A key that was given out once, with all that a request needs to know of it.</summary>
internal sealed class KnownKey
{
    private int isUseNoted;

    public KnownKey(OrgId owner, KeyProfile profile, SecretHash hash, bool isMachineDisabled)
    {
        (Owner, Profile, Hash, IsMachineDisabled) = (owner, profile, hash, isMachineDisabled);
        var isOperator = owner == PlatformOrg.Id;
        var caller = new Caller(
            isOperator ? Realm.Operator : Realm.Organisation,
            profile.Id.ToString(),
            isOperator ? null : owner,
            isOperator ? OperatorRole.PermissionsOf(profile.Roles ?? []) : KeyScopes.PermissionsOf(profile.Scopes ?? []));
        Accepted = new CallerOutcome.Known(caller);
    }

    public OrgId Owner { get; }

    public KeyProfile Profile { get; }

    public SecretHash Hash { get; }

    /// <summary>Whether the service account that owns it is disabled.</summary>
    public bool IsMachineDisabled { get; }

    /// <summary>The answer when the key is good and no organisation is named.</summary>
    public CallerOutcome.Known Accepted { get; }

    /// <summary>True for the first who asks, so that a busy key is noted once per reading of it.</summary>
    public bool ClaimUse() => Volatile.Read(ref isUseNoted) == 0 && Interlocked.Exchange(ref isUseNoted, 1) == 0;
}
