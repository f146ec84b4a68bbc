namespace Quoin.Ledger;

/// <summary>
/// Called before and after each round trip of a flush. A host passes through; a simulation decides here who goes on, and
/// what breaks.
/// </summary>
/// <param name="point">
/// <c>lock</c>, <c>locked</c>, <c>write</c>, then <c>written</c> in a caller's transaction, <c>committed</c> in its own. A
/// flush that has decided from memory is at <c>remembered</c>, then <c>committed</c>; or at <c>lock</c>, when memory was wrong.
/// </param>
/// <param name="cancellationToken">Stops waiting.</param>
public delegate ValueTask LedgerCheckpoint(string point, CancellationToken cancellationToken);
