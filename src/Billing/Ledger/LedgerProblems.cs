using Quoin.Platform;

namespace Quoin.Ledger;

/// <summary>The ways asking the books can fail.</summary>
public static class LedgerProblems
{
    /// <summary>The amount is not one that can be granted.</summary>
    public static readonly ProblemCode InvalidAmount = new(
        "invalid_amount",
        422,
        "The amount cannot be posted.",
        "Send a positive amount in the billing account's currency, within the limit the detail names.");

    /// <summary>The key belongs to a transfer that says something else.</summary>
    public static readonly ProblemCode TransferKeyConflict = new(
        "transfer_key_conflict",
        409,
        "Another transfer has this key.",
        "Use a new key for a new fact; the detail names the transfer that has this one.");
}
