namespace Quoin.Ledger;

/// <summary>
/// Tells who stands behind an actor, so that nobody approves with one key what they asked for with another. The ledger
/// may not know Accounts; Server wires this to it.
/// </summary>
public interface IActorOrigin
{
    /// <summary>
    /// The person who made a key, directly or through other keys; where no person did, the first key of that line. Who is
    /// no key is their own origin.
    /// </summary>
    ValueTask<string> Of(string actor, CancellationToken cancellationToken);
}
