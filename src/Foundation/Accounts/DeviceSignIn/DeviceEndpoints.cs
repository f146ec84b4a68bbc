using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>
/// The API of device sign-in (RFC 8628), in JSON. Problems of the token endpoint have OAuth's <c>error</c> beside their
/// own <c>code</c>.
/// </summary>
internal static class DeviceEndpoints
{
    /// <summary>Where people enter codes.</summary>
    public const string Page = "/device";

    /// <summary><c>POST /v1/device-codes</c>.</summary>
    public static async Task<Results<Ok<DeviceCodeGrant>, Problem>> Issue(
        NewDeviceCode body,
        IssueDeviceCode handler,
        PublicLinks links,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        context.Response.Headers.CacheControl = "no-store";
        var ip = context.Connection.RemoteIpAddress?.ToString();
        var outcome = await handler.Handle(body, ip, Visitor.Of(context), cancellationToken);
        if (outcome is DeviceCodeOutcome.Granted(var secret, var request))
        {
            // Nobody else follows this link than who sent the request: without a public address their own word is good.
            var page = links.To(context.Request, Page) ?? $"{context.Request.Scheme}://{context.Request.Host}{Page}";
            return TypedResults.Ok(new DeviceCodeGrant(
                secret,
                request.UserCode,
                page,
                $"{page}?code={request.UserCode}",
                (int)Limits.DeviceCodeLifetime.TotalSeconds,
                (int)Limits.DevicePollInterval.TotalSeconds));
        }

        return outcome is DeviceCodeOutcome.Invalid(var input)
            ? AccountsProblems.Of(input)
            : new Problem(
                AccountsProblems.TooManyDevices,
                "Too many programs wait to be let in.",
                (int)Limits.DeviceCodeLifetime.TotalSeconds / 3);
    }

    /// <summary><c>POST /v1/device-codes/token</c>.</summary>
    public static async Task<Results<Ok<DeviceToken>, Problem>> Fetch(
        DevicePoll body, FetchDeviceKey handler, HttpContext context, CancellationToken cancellationToken)
    {
        context.Response.Headers.CacheControl = "no-store";
        return await handler.Handle(body.DeviceCode, cancellationToken) switch
        {
            DevicePollOutcome.LetIn(var token) => TypedResults.Ok(token),
            DevicePollOutcome.Pending => ProblemOf(
                AccountsProblems.AuthorizationPending, "authorization_pending", "Nobody has decided yet."),
            DevicePollOutcome.SlowDown(var interval) => ProblemOf(
                AccountsProblems.SlowDown,
                "slow_down",
                string.Create(CultureInfo.InvariantCulture, $"Wait {interval} seconds between two questions."),
                interval),
            DevicePollOutcome.Denied => ProblemOf(
                AccountsProblems.DeviceDenied, "access_denied", "Somebody said no, or may not say yes (any more)."),
            DevicePollOutcome.Expired => ProblemOf(
                AccountsProblems.DeviceCodeExpired, "expired_token", "Nobody decided in time."),
            _ => ProblemOf(
                AccountsProblems.DeviceCodeUnknown, "invalid_grant", "This device code was never given out, or was used."),
        };
    }

    private static Problem ProblemOf(ProblemCode code, string error, string detail, int? interval = null) => new(
        code,
        detail,
        interval,
        new Dictionary<string, object?>(StringComparer.Ordinal) { ["error"] = error, ["interval"] = interval });
}
