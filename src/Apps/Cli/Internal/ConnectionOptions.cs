using System.CommandLine;

namespace Quoin.Cli;

/// <summary>
/// The options every command has that calls the API. What an option leaves out comes from the environment, then from the
/// profile that <c>quoin login</c> made. A profile's key is sent to the profile's own address and to no other.
/// </summary>
internal static class ConnectionOptions
{
    /// <summary>Where Quoin is, where nobody says.</summary>
    public const string UrlDefault = "http://localhost:8080";

    private static readonly Option<string[]> Url = new("--url")
    {
        Description = "Where Quoin is; may be given more than once, for several replicas. "
            + $"Default: QUOIN_URL, else the profile's, else {UrlDefault}.",
        HelpName = "URL",
    };

    private static readonly Option<string?> Key = new("--key")
    {
        Description = "The key. Default: QUOIN_KEY, which keeps it out of the list of processes, else the profile's.",
        HelpName = "KEY",
    };

    private static readonly Option<string?> Org = new("--org")
    {
        Description = "The organisation to act in. Needed with an operator's key; a key of an organisation knows its own.",
        HelpName = "org_…",
    };

    private static readonly Option<string?> ProfileName = new("--profile")
    {
        Description = "Which login to use. Default: QUOIN_PROFILE, else the one used last.",
        HelpName = "NAME",
    };

    /// <summary>Adds the options to a command.</summary>
    public static void AddConnection(this Command command)
    {
        command.Options.Add(Key);
        command.Options.Add(Org);
        command.AddPlace();
    }

    /// <summary>Adds only those that say where, for commands that bring their own key.</summary>
    public static void AddPlace(this Command command)
    {
        command.Options.Add(Url);
        command.Options.Add(ProfileName);
        command.Validators.Add(result =>
        {
            foreach (var text in result.GetValue(Url) ?? [])
            {
                if (AddressOf(text) is null)
                {
                    result.AddError($"--url '{text}' is no address such as {UrlDefault}.");
                }
            }
        });
    }

    /// <summary>Reads them, and the environment and the profile where they were left out.</summary>
    /// <exception cref="InvalidDataException">QUOIN_URL is no address, or there is no profile of the name.</exception>
    public static ApiSettings Connection(this ParseResult parsed)
    {
        var profile = parsed.NamedProfile();
        var given = Given(parsed);
        var urls = (given.Length > 0 ? given : [profile?.Url ?? UrlDefault]).Select(Address).ToList();
        var isProfiles = profile is not null && urls.TrueForAll(url => url == Address(profile.Url));
        var key = parsed.GetValue(Key) ?? Variable("QUOIN_KEY");
        return new ApiSettings(
            urls,
            key ?? (isProfiles ? profile!.Key : null),
            parsed.GetValue(Org) ?? (key is null && isProfiles ? profile!.Org : null));
    }

    /// <summary>Where to sign in: what the options or the environment say, else the profile's address.</summary>
    public static Uri Place(this ParseResult parsed) =>
        Address(Given(parsed) is [var first, ..] ? first : Existing(parsed)?.Url ?? UrlDefault);

    /// <summary>The name of the profile a command is about.</summary>
    public static string ProfileToKeep(this ParseResult parsed) =>
        parsed.GetValue(ProfileName) ?? Variable("QUOIN_PROFILE") ?? ProfileFile.Own().Read().Current;

    /// <summary>The profile a command uses; null where none was ever made.</summary>
    /// <exception cref="InvalidDataException">One was named, and does not exist.</exception>
    public static Profile? NamedProfile(this ParseResult parsed)
    {
        var named = parsed.GetValue(ProfileName) ?? Variable("QUOIN_PROFILE");
        return Existing(parsed)
            ?? (named is null ? null : throw new InvalidDataException($"There is no profile '{named}': quoin login --profile {named}"));
    }

    private static Profile? Existing(ParseResult parsed)
    {
        var all = ProfileFile.Own().Read();
        var name = parsed.GetValue(ProfileName) ?? Variable("QUOIN_PROFILE") ?? all.Current;
        return all.Profiles.GetValueOrDefault(name);
    }

    private static string[] Given(ParseResult parsed) =>
        parsed.GetValue(Url) is { Length: > 0 } given ? given
        : Variable("QUOIN_URL") is { } url ? [url]
        : [];

    private static Uri Address(string text) =>
        AddressOf(text) ?? throw new InvalidDataException($"'{text}' is no address such as {UrlDefault}.");

    private static Uri? AddressOf(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? url : null;

    private static string? Variable(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
