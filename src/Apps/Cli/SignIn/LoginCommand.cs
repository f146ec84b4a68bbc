using System.CommandLine;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Quoin.Cli;

/// <summary>
/// <c>quoin login</c>: lets this machine in (RFC 8628). Somebody who is signed in to the console enters the code shown here
/// and approves; the key that comes of it is kept in the configuration file. Nothing is kept before it is sure to work.
/// </summary>
internal static class LoginCommand
{
    private static readonly string[] ScopesDefault =
    [
        "events.write", "usage.read", "ledger.read", "prices.read", "plans.read", "organisation.read",
        "test_clock.advance", "webhooks.manage", "keys.manage",
    ];

    private static readonly Option<string[]> Scopes = new("--scope")
    {
        Description = "What to ask for; may be given more than once. Default: all that a person's device may do.",
        HelpName = "SCOPE",
        DefaultValueFactory = _ => ScopesDefault,
    };

    private static readonly Option<bool> WithKey = new("--with-key")
    {
        Description = "Read a key from the standard input and keep that, such as an operator's.",
    };

    private static readonly Option<bool> NoBrowser = new("--no-browser")
    {
        Description = "Only show the address, do not open it.",
    };

    public static Command Create()
    {
        var command = new Command("login", "Sign in on this machine, by a code entered in a browser.") { Scopes, WithKey, NoBrowser };
        command.AddPlace();
        command.SetWork((parsed, cancellationToken) =>
            parsed.GetValue(WithKey) ? KeepKey(parsed, cancellationToken) : AskToBeLetIn(parsed, cancellationToken));
        return command;
    }

    private static async Task<int> KeepKey(ParseResult parsed, CancellationToken cancellationToken)
    {
        var key = (await Console.In.ReadToEndAsync(cancellationToken)).Trim();
        var url = parsed.Place();
        using var api = new ApiClient(new ApiSettings([url], key, null), TimeProvider.System);
        var caller = await api.Get<CallerAnswer>("/v1/caller", cancellationToken);
        Keep(parsed, new Profile(Text(url), key, caller.Organisation?.Id, caller.Organisation?.Name, caller.User?.Name));
        Console.WriteLine(caller.Organisation is { } org
            ? $"Signed in with {caller.Actor}, in {org.Name} ({org.Id})."
            : $"Signed in with {caller.Actor}, of the operator. Choose where to act: quoin org use org_…");
        return ExitCodes.Done;
    }

    private static async Task<int> AskToBeLetIn(ParseResult parsed, CancellationToken cancellationToken)
    {
        var url = parsed.Place();
        using var api = new ApiClient(
            new ApiSettings([url], null, null) { Patience = Limits.LoginPatience }, TimeProvider.System);
        var asked = await api.Post<DeviceCodeAnswer>(
            "/v1/device-codes",
            new { client = $"quoin on {Environment.MachineName}", scopes = parsed.GetRequiredValue(Scopes) },
            cancellationToken);
        await Console.Error.WriteLineAsync(
            $"Open {asked.VerificationUri} and enter the code\n\n    {asked.UserCode}\n\nor open {asked.VerificationUriComplete}");
        if (!parsed.GetValue(NoBrowser) && !Console.IsErrorRedirected)
        {
            Open(asked.VerificationUriComplete);
        }

        var token = await Wait(api, asked, cancellationToken);
        var expiresAt = TimeProvider.System.GetUtcNow().AddSeconds(token.ExpiresIn);
        Keep(parsed, new Profile(
            Text(url), token.AccessToken, token.OrganisationId, token.OrganisationName, token.UserName, expiresAt));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Signed in as {token.UserName} in {token.OrganisationName} ({token.OrganisationId}), until {expiresAt:yyyy-MM-dd}."));
        return ExitCodes.Done;
    }

    // A server that is away for a moment ends nothing: the code outlives it.
    private static async Task<DeviceTokenAnswer> Wait(
        ApiClient api, DeviceCodeAnswer asked, CancellationToken cancellationToken)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(new { device_code = asked.DeviceCode });
        var interval = TimeSpan.FromSeconds(Math.Max(1, asked.Interval));
        var started = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(asked.ExpiresIn))
        {
            await Task.Delay(interval, TimeProvider.System, cancellationToken);
            switch (await api.Send(HttpMethod.Post, "/v1/device-codes/token", body, "application/json", cancellationToken))
            {
                case ApiOutcome.Answered answered:
                    return JsonSerializer.Deserialize<DeviceTokenAnswer>(answered.Body, ApiJson.Options)
                        ?? throw new ApiException("The server answered with nothing.", null);
                case ApiOutcome.Refused { Code: "authorization_pending" }:
                    break;
                case ApiOutcome.Refused { Code: "slow_down" }:
                    interval += TimeSpan.FromSeconds(Math.Max(1, asked.Interval));
                    break;
                case ApiOutcome.Refused refused:
                    throw new ApiException(refused.Message, refused.Code);
                default:
                    break;
            }
        }

        throw new ApiException("Nobody approved in time. Start again: quoin login", "expired_token");
    }

    private static void Keep(ParseResult parsed, Profile profile)
    {
        var file = ProfileFile.Own();
        file.Write(file.Read().With(parsed.ProfileToKeep(), profile));
    }

    private static void Open(string address)
    {
        try
        {
            using var browser = Process.Start(new ProcessStartInfo(address) { UseShellExecute = true });
        }
        catch (Exception failure) when (failure is Win32Exception or PlatformNotSupportedException)
        {
            // No browser here: the address was shown.
        }
    }

    private static string Text(Uri url) => url.GetLeftPart(UriPartial.Path).TrimEnd('/');
}
