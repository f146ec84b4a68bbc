namespace Quoin.Accounts;

/// <summary>What Accounts finds in the directory, without knowing the organisation it belongs to.</summary>
internal static class DirectoryKinds
{
    /// <summary>A key, by the peppered hash of its secret.</summary>
    public const string Key = "accounts.key";

    /// <summary>An organisation, by the hash of its slug.</summary>
    public const string Slug = "accounts.slug";

    /// <summary>An invitation, by the peppered hash of its mailed secret.</summary>
    public const string Invitation = "accounts.invitation";
}
