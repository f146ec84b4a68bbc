using System.CommandLine;

namespace Quoin.Cli;

/// <summary>
/// <c>quoin logout</c>: revokes the profile's key and forgets it. While the server is away the login stays, so that no key
/// lives on that nobody knows of; <c>--local</c> forgets it all the same.
/// </summary>
internal static class LogoutCommand
{
    private static readonly Option<bool> Local = new("--local")
    {
        Description = "Only forget the key here; it works on until it is revoked or ends.",
    };

    public static Command Create()
    {
        var command = new Command("logout", "Revoke this machine's key and forget it.") { Local };
        command.AddPlace();
        command.SetWork(Leave);
        return command;
    }

    private static async Task<int> Leave(ParseResult parsed, CancellationToken cancellationToken)
    {
        var file = ProfileFile.Own();
        var name = parsed.ProfileToKeep();
        if (!file.Read().Profiles.TryGetValue(name, out var profile))
        {
            Console.WriteLine($"There is no login '{name}'.");
            return ExitCodes.Done;
        }

        if (!parsed.GetValue(Local))
        {
            await Revoke(profile, cancellationToken);
        }

        file.Write(file.Read().Without(name));
        Console.WriteLine(parsed.GetValue(Local) ? $"'{name}' is forgotten here." : $"'{name}' is signed out, its key revoked.");
        return ExitCodes.Done;
    }

    private static async Task Revoke(Profile profile, CancellationToken cancellationToken)
    {
        using var api = new ApiClient(
            new ApiSettings([new Uri(profile.Url)], profile.Key, null) { Patience = Limits.LoginPatience }, TimeProvider.System);
        switch (await api.Send(HttpMethod.Post, "/v1/caller/revoke", null, null, cancellationToken))
        {
            case ApiOutcome.Unavailable unavailable:
                throw new ApiException($"{unavailable.Message} The login was kept; --local forgets it here.", null);
            case ApiOutcome.Refused { Status: not System.Net.HttpStatusCode.Unauthorized } refused:
                throw new ApiException(refused.Message, refused.Code);
            default:
                // Revoked now, or no longer a key before: either way it opens nothing.
                break;
        }
    }
}
