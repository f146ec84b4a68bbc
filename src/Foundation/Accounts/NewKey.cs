using Quoin.Kernel;

namespace Quoin.Accounts;

/// <summary>A key to be created for an organisation.</summary>
/// <param name="Label">What it is for: 1 to 200 letters.</param>
/// <param name="ExpiresAt">From when it is refused; never where left out.</param>
/// <param name="Reason">Why, for the audit log.</param>
/// <param name="Scopes">What it may do; all that its creator may do and a key may hold, where left out.</param>
/// <param name="Preset">Scopes by the name of a preset, <c>full</c>, <c>ingest</c> or <c>read</c>, instead of Scopes.</param>
/// <param name="ProjectId">
/// The project it is used for, whose billing account alone it may use; none where left out.
/// </param>
/// <param name="ServiceAccountId">The machine that owns it; none where left out.</param>
public sealed record NewKey(
    string Label,
    DateTimeOffset? ExpiresAt = null,
    string? Reason = null,
    IReadOnlyList<string>? Scopes = null,
    string? Preset = null,
    ProjectId? ProjectId = null,
    ServiceAccountId? ServiceAccountId = null);

/// <summary>A key to be created for a machine of the operator.</summary>
/// <param name="Label">What it is for: 1 to 200 letters.</param>
/// <param name="Roles">What it may do; see <see cref="OperatorRole.All"/>.</param>
/// <param name="ExpiresAt">From when it is refused; never where left out.</param>
/// <param name="Reason">Why, for the audit log.</param>
public sealed record NewOperatorKey(
    string Label, IReadOnlyList<string> Roles, DateTimeOffset? ExpiresAt = null, string? Reason = null);

/// <summary>Every way creating a key can end, in the order they are checked.</summary>
public abstract record CreateKeyOutcome
{
    private CreateKeyOutcome()
    {
    }

    /// <summary>Members of the request are wrong.</summary>
    public sealed record Invalid(InvalidInput Input) : CreateKeyOutcome;

    /// <summary>There is no such organisation.</summary>
    public sealed record NoSuchOrganisation : CreateKeyOutcome;

    /// <summary>There are already <see cref="Limits.KeysInUseMax"/> keys that are not revoked.</summary>
    public sealed record TooManyKeys : CreateKeyOutcome;

    /// <summary>There is no such project in the organisation, or it is archived.</summary>
    public sealed record NoSuchProject : CreateKeyOutcome;

    /// <summary>There is no such service account in the organisation, or it is disabled.</summary>
    public sealed record NoSuchServiceAccount : CreateKeyOutcome;

    /// <summary>It exists; the secret can be told this once.</summary>
    public sealed record Created(CreatedKey Key) : CreateKeyOutcome;
}

/// <summary>Every way revoking a key can end.</summary>
public abstract record RevokeKeyOutcome
{
    private RevokeKeyOutcome()
    {
    }

    /// <summary>The reason is not a proper text.</summary>
    public sealed record Invalid(InvalidInput Input) : RevokeKeyOutcome;

    /// <summary>There is no such key here.</summary>
    public sealed record NoSuchKey : RevokeKeyOutcome;

    /// <summary>It is revoked, now or since before; every replica refuses it within a second.</summary>
    public sealed record Revoked(KeyProfile Key) : RevokeKeyOutcome;
}

/// <summary>Every way changing when a key ends can end, in the order they are checked.</summary>
public abstract record SetKeyExpiryOutcome
{
    private SetKeyExpiryOutcome()
    {
    }

    /// <summary>The instant has passed.</summary>
    public sealed record Invalid(InvalidInput Input) : SetKeyExpiryOutcome;

    /// <summary>There is no such key here.</summary>
    public sealed record NoSuchKey : SetKeyExpiryOutcome;

    /// <summary>It was revoked or replaced, or has expired: it is not brought back.</summary>
    public sealed record HasEnded : SetKeyExpiryOutcome;

    /// <summary>It ends then; every replica knows within a second.</summary>
    public sealed record Set(KeyProfile Key) : SetKeyExpiryOutcome;
}

/// <summary>How a key is replaced by a new one.</summary>
/// <param name="OverlapHours">How long the old one works on: 0 to 168 hours; 24 where left out.</param>
/// <param name="ExpiresAt">From when the new one is refused; where left out it lives as long as the old one was to.</param>
/// <param name="Reason">Why, for the audit log.</param>
public sealed record KeyRotation(int? OverlapHours = null, DateTimeOffset? ExpiresAt = null, string? Reason = null);

/// <summary>Every way replacing a key can end, in the order they are checked.</summary>
public abstract record RotateKeyOutcome
{
    private RotateKeyOutcome()
    {
    }

    /// <summary>Members of the request are wrong.</summary>
    public sealed record Invalid(InvalidInput Input) : RotateKeyOutcome;

    /// <summary>There is no such key here.</summary>
    public sealed record NoSuchKey : RotateKeyOutcome;

    /// <summary>It was revoked or has expired: there is nothing to go on with.</summary>
    public sealed record NotInUse : RotateKeyOutcome;

    /// <summary>The key was replaced already, or the one it replaced still works.</summary>
    public sealed record AlreadyRunning : RotateKeyOutcome;

    /// <summary>It belongs to a person's device: a new secret would let somebody else stand for them.</summary>
    public sealed record IsAPersons : RotateKeyOutcome;

    /// <summary>It may do more than who asks: the new secret would be a way to more.</summary>
    public sealed record BeyondOwn(IReadOnlyList<string> Permissions) : RotateKeyOutcome;

    /// <summary>The new key exists; its secret can be told this once.</summary>
    /// <param name="Old">The old key, with the instant it ends.</param>
    /// <param name="Key">The new one.</param>
    public sealed record Rotated(KeyProfile Old, CreatedKey Key) : RotateKeyOutcome;
}
