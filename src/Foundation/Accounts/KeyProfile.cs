using Quoin.Kernel;

namespace Quoin.Accounts;

/// <summary>A key as it is shown after its creation: everything but the secret.</summary>
/// <param name="Id">Its id, also the actor's name in audit logs.</param>
/// <param name="Prefix">What its secret begins with: <c>qn_live</c>, <c>qn_test</c> or <c>qn_op</c>.</param>
/// <param name="LastFour">The secret's last four letters, to tell keys apart.</param>
/// <param name="Label">What it is for.</param>
/// <param name="Roles">What an operator key may do; null for an organisation's keys.</param>
/// <param name="CreatedBy">Who created it.</param>
/// <param name="CreatedAt">When it was created.</param>
/// <param name="ExpiresAt">From when it is refused; null for never.</param>
/// <param name="RevokedBy">Who revoked it; null while it is good.</param>
/// <param name="RevokedAt">When it was revoked; null while it is good.</param>
/// <param name="LastUsedAt">When it was last used, to the minute; null for never.</param>
/// <param name="Scopes">What an organisation's key may do; null for operator keys.</param>
/// <param name="ProjectId">The project it is used for, whose billing account alone it may use; null for none.</param>
/// <param name="ServiceAccountId">The machine that owns it; null for none.</param>
/// <param name="ReplacesKeyId">The key it was made to replace; null for none.</param>
/// <param name="ReplacedByKeyId">The key that replaces it; null for none.</param>
/// <param name="RetiresAt">From when it is refused because it was replaced; null while it was not.</param>
/// <param name="UserId">The person whose device it is; null for keys of programs.</param>
public sealed record KeyProfile(
    KeyId Id,
    string Prefix,
    string LastFour,
    string Label,
    IReadOnlyList<string>? Roles,
    string CreatedBy,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ExpiresAt,
    string? RevokedBy,
    DateTimeOffset? RevokedAt,
    DateTimeOffset? LastUsedAt,
    IReadOnlyList<string>? Scopes = null,
    ProjectId? ProjectId = null,
    ServiceAccountId? ServiceAccountId = null,
    KeyId? ReplacesKeyId = null,
    KeyId? ReplacedByKeyId = null,
    DateTimeOffset? RetiresAt = null,
    UserId? UserId = null)
{
    /// <summary>The first key of its line of keys that replaced each other; it itself where it replaces none.</summary>
    public KeyId FirstKeyId { get; init; } = Id;

    /// <summary>The first instant at which it is refused without being revoked; null for never.</summary>
    internal DateTimeOffset? EndsAt => RetiresAt < ExpiresAt || ExpiresAt is null ? RetiresAt ?? ExpiresAt : ExpiresAt;

    /// <summary>Whether it works at an instant, as far as the key itself says.</summary>
    public bool WorksAt(DateTimeOffset now) => RevokedAt is null && !(EndsAt <= now);
}

/// <summary>A new key and, this once, its secret.</summary>
/// <param name="Key">The key.</param>
/// <param name="Secret">The text to send as <c>Authorization: Bearer …</c>; it cannot be shown again.</param>
public sealed record CreatedKey(KeyProfile Key, string Secret)
{
    /// <summary>Without the secret, which belongs in no log.</summary>
    public override string ToString() => Key.ToString();
}

/// <summary>A replaced key and the one that takes its place.</summary>
/// <param name="Old">The old key, with the instant it ends.</param>
/// <param name="Key">The new key.</param>
/// <param name="Secret">The new key's text to send as <c>Authorization: Bearer …</c>; it cannot be shown again.</param>
public sealed record RotatedKey(KeyProfile Old, KeyProfile Key, string Secret)
{
    /// <summary>Without the secret, which belongs in no log.</summary>
    public override string ToString() => $"{Old} {Key}";
}
