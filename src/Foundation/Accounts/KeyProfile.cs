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
    DateTimeOffset? LastUsedAt);

/// <summary>A new key and, this once, its secret.</summary>
/// <param name="Key">The key.</param>
/// <param name="Secret">The text to send as <c>Authorization: Bearer …</c>; it cannot be shown again.</param>
public sealed record CreatedKey(KeyProfile Key, string Secret)
{
    /// <summary>Without the secret, which belongs in no log.</summary>
    public override string ToString() => Key.ToString();
}
