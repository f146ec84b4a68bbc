using Quoin.Kernel;

namespace Quoin.Accounts;

/// <summary>People's SSH public keys, for the console and for whoever makes machines for them.</summary>
public sealed class SshKeys
{
    private readonly ManageSshKeys managing;

    internal SshKeys(ManageSshKeys managing) => this.managing = managing;

    /// <summary>All keys of a person, newest first.</summary>
    public Task<IReadOnlyList<SshKeyProfile>> Of(UserId user, CancellationToken cancellationToken) =>
        managing.List(user, cancellationToken);

    /// <summary>Adds a key.</summary>
    /// <param name="user">Whose it is.</param>
    /// <param name="request">The key.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    public Task<SshKeyOutcome> Add(UserId user, NewSshKey request, CancellationToken cancellationToken) =>
        managing.Add(user, request, cancellationToken);

    /// <summary>Removes a key.</summary>
    /// <param name="user">Whose it is.</param>
    /// <param name="key">The key.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    public Task<SshKeyOutcome> Remove(UserId user, SshKeyId key, CancellationToken cancellationToken) =>
        managing.Remove(user, key, cancellationToken);
}
