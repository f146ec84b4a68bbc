using System.CommandLine;

namespace Quoin.Cli;

/// <summary>The options every command has that calls the API.</summary>
internal static class ConnectionOptions
{
    private const string UrlDefault = "http://localhost:8080";

    private static readonly Option<string[]> Url = new("--url")
    {
        Description = $"Where Quoin is; may be given more than once, for several replicas. Default: QUOIN_URL, else {UrlDefault}.",
        HelpName = "URL",
    };

    private static readonly Option<string?> Key = new("--key")
    {
        Description = "The key. Default: QUOIN_KEY, which keeps it out of the list of processes.",
        HelpName = "KEY",
    };

    private static readonly Option<string?> Org = new("--org")
    {
        Description = "The organisation to act in. Needed with an operator's key; a key of an organisation knows its own.",
        HelpName = "org_…",
    };

    /// <summary>Adds the options to a command.</summary>
    public static void AddConnection(this Command command)
    {
        command.Options.Add(Url);
        command.Options.Add(Key);
        command.Options.Add(Org);
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

    /// <summary>Reads them, and the environment where they were left out.</summary>
    /// <exception cref="InvalidDataException">QUOIN_URL is no address.</exception>
    public static ApiSettings Connection(this ParseResult parsed)
    {
        string[] urls = parsed.GetValue(Url) is { Length: > 0 } given ? given : [Variable("QUOIN_URL") ?? UrlDefault];
        return new ApiSettings(
            [.. urls.Select(text => AddressOf(text) ?? throw new InvalidDataException($"QUOIN_URL '{text}' is no address."))],
            parsed.GetValue(Key) ?? Variable("QUOIN_KEY"),
            parsed.GetValue(Org));
    }

    private static Uri? AddressOf(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? url : null;

    private static string? Variable(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
