namespace Quoin.Ledger;

/// <summary>
/// Called before and after each round trip of a flush. A host passes through; a simulation decides here who goes on, and
/// what breaks.
/// </summary>
/// <param name="point">
/// <c>lock</c>, <c>locked</c>, <c>write</c>, then <c>written</c> in a caller's transaction, <c>committed</c> in its own.
/// </param>
/// <param name="cancellationToken">Stops waiting.</param>
public delegate ValueTask LedgerCheckpoint(string point, CancellationToken cancellationToken);
