using Quoin.Kernel;

namespace Quoin.Accounts;

/// <summary>Programs that ask to be let in, for the page where people decide.</summary>
public sealed class Devices
{
    private readonly DecideDevice deciding;

    internal Devices(DecideDevice deciding) => this.deciding = deciding;

    /// <summary>The program that waits with a code. Wrong codes are counted: only so many in a quarter of an hour.</summary>
    /// <param name="user">Who asks.</param>
    /// <param name="typed">The code as they typed it.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public Task<DeviceDecisionOutcome> Find(UserId user, string typed, CancellationToken cancellationToken) =>
        deciding.Find(user, typed, cancellationToken);

    /// <summary>Lets a program in, or not.</summary>
    /// <param name="user">Who decides; a key made for the program is theirs.</param>
    /// <param name="typed">The code as they typed it.</param>
    /// <param name="org">The organisation the key shall act in; null to say no.</param>
    /// <param name="scopes">What it may do: some of what was asked; null for all of that.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    public Task<DeviceDecisionOutcome> Decide(
        UserId user, string typed, OrgId? org, IReadOnlyList<string>? scopes, CancellationToken cancellationToken) =>
        deciding.Decide(user, typed, org, scopes, cancellationToken);
}
