using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Which SSH key.</summary>
/// <param name="Id">Its id.</param>
internal sealed record SshKeyRequest(SshKeyId Id);

/// <summary>The API of one's own SSH keys.</summary>
internal static class SshKeyEndpoints
{
    /// <summary><c>GET /v1/me/ssh-keys</c>.</summary>
    public static async Task<Ok<Page<SshKeyProfile>>> List(
        ManageSshKeys handler, HttpContext context, CancellationToken cancellationToken) =>
        TypedResults.Ok(new Page<SshKeyProfile>(await handler.List(context.Caller().Person(), cancellationToken), null));

    /// <summary><c>POST /v1/me/ssh-keys</c>.</summary>
    public static async Task<Results<Created<SshKeyProfile>, Problem>> Add(
        NewSshKey body, ManageSshKeys handler, HttpContext context, CancellationToken cancellationToken) =>
        await handler.Add(context.Caller().Person(), body, cancellationToken) switch
        {
            SshKeyOutcome.Done(var key) => TypedResults.Created((string?)null, key),
            SshKeyOutcome.Known(var fingerprint) => new Problem(
                AccountsProblems.SshKeyKnown, $"You have the key {fingerprint} already."),
            SshKeyOutcome.TooMany => new Problem(
                AccountsProblems.TooManySshKeys, $"There are already {Limits.SshKeysMax} keys."),
            SshKeyOutcome.Invalid(var input) => AccountsProblems.Of(input),
            _ => throw new System.Diagnostics.UnreachableException(),
        };

    /// <summary><c>DELETE /v1/me/ssh-keys/{id}</c>.</summary>
    public static async Task<Results<NoContent, Problem>> Remove(
        Parameters<SshKeyRequest> parameters,
        ManageSshKeys handler,
        HttpContext context,
        CancellationToken cancellationToken) =>
        await handler.Remove(context.Caller().Person(), parameters.Value.Id, cancellationToken) is SshKeyOutcome.Done
            ? TypedResults.NoContent()
            : new Problem(PlatformProblems.NotFound, $"You have no SSH key {parameters.Value.Id}.");
}
