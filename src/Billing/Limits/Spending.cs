using Npgsql;
using Quoin.Kernel;

namespace Quoin.Limiting;

/// <summary>
/// The door for money about to be spent: reserved before on every budget and in the ledger, settled after with what it
/// came to. One durable decision, never over a hard budget or a prepaid balance on any number of replicas.
/// </summary>
public sealed class Spending
{
    /// <summary>Reserves money out of every budget of its scopes and in the ledger, or refuses, in one decision.</summary>
    /// <param name="request">What for, and how much.</param>
    /// <param name="cancellationToken">Stops waiting; it may be reserved all the same, and lapses.</param>
    public ValueTask<SpendOutcome> Reserve(SpendRequest request, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    /// <summary>Says that the holder of a reservation lives.</summary>
    /// <param name="org">Whose.</param>
    /// <param name="key">The reservation's key.</param>
    /// <param name="heldFor">How long from now it is believed to live.</param>
    /// <param name="details">What is to be known should it die now; null leaves what was said last.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public ValueTask<SpendChange> Renew(
        OrgId org, string key, TimeSpan heldFor, string? details, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    /// <summary>Gives a reservation back, as nothing was used: its budgets count it no longer and its hold is released.</summary>
    /// <param name="org">Whose.</param>
    /// <param name="key">The reservation's key.</param>
    /// <param name="cancellationToken">Stops waiting; it may be given back all the same.</param>
    public ValueTask<SpendChange> Cancel(OrgId org, string key, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    /// <summary>
    /// Settles reservations in the caller's transaction: budgets count what was spent instead of what was reserved. The
    /// holds stay until the posting of the usage that names them. The budgets stay locked until the caller commits, so it
    /// does so soon.
    /// </summary>
    /// <param name="transaction">The caller's transaction.</param>
    /// <param name="settlements">What each came to; a key once.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>What became of each, in order; never <see cref="SpendChange.Unavailable"/>.</returns>
    public Task<IReadOnlyList<SpendChange>> SettleWithin(
        NpgsqlTransaction transaction, IReadOnlyList<Settlement> settlements, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
