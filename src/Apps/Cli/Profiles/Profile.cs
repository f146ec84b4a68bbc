namespace Quoin.Cli;

/// <summary>Where and as whom commands call the API where they are not told otherwise.</summary>
/// <param name="Url">Where Quoin is.</param>
/// <param name="Key">The key.</param>
/// <param name="Org">The organisation to act in; null for a key's own.</param>
/// <param name="OrgName">What that is called.</param>
/// <param name="User">Whose key it is; null for a program's.</param>
/// <param name="ExpiresAt">Until when the key works; null for ever.</param>
public sealed record Profile(
    string Url, string Key, string? Org = null, string? OrgName = null, string? User = null, DateTimeOffset? ExpiresAt = null)
{
    /// <summary>Without the key, which belongs in no log.</summary>
    public override string ToString() => $"{Url} {Org}";
}

/// <summary>All profiles of a person on a machine.</summary>
/// <param name="Current">The one used where none is named.</param>
/// <param name="Profiles">The profiles by name.</param>
public sealed record ProfileSet(string Current, IReadOnlyDictionary<string, Profile> Profiles)
{
    /// <summary>What the first profile is called.</summary>
    public const string DefaultName = "default";

    /// <summary>None at all.</summary>
    public static ProfileSet Empty { get; } = new(DefaultName, new Dictionary<string, Profile>(StringComparer.Ordinal));

    /// <summary>The set with a profile added or changed, which becomes the current one.</summary>
    public ProfileSet With(string name, Profile profile) =>
        new(name, new Dictionary<string, Profile>(Profiles, StringComparer.Ordinal) { [name] = profile });

    /// <summary>The set without a profile.</summary>
    public ProfileSet Without(string name)
    {
        var rest = Profiles.Where(one => one.Key != name).ToDictionary(StringComparer.Ordinal);
        return new ProfileSet(Current == name ? rest.Keys.Order(StringComparer.Ordinal).FirstOrDefault(DefaultName) : Current, rest);
    }
}
