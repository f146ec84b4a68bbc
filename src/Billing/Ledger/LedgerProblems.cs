using Quoin.Platform;

namespace Quoin.Ledger;

/// <summary>The ways asking the books can fail.</summary>
public static class LedgerProblems
{
    /// <summary>The amount is not one that can be posted.</summary>
    public static readonly ProblemCode InvalidAmount = new(
        "invalid_amount",
        422,
        "The amount cannot be posted.",
        "Send a positive amount in the billing account's currency, within the limit the detail names.");

    /// <summary>A member of the request cannot be put into the books.</summary>
    public static readonly ProblemCode InvalidLedgerInput = new(
        "invalid_ledger_input",
        422,
        "A member of the request cannot be put into the books.",
        "Correct the members listed in errors.");

    /// <summary>The key belongs to a transfer that says something else.</summary>
    public static readonly ProblemCode TransferKeyConflict = new(
        "transfer_key_conflict",
        409,
        "Another transfer has this key.",
        "Use a new key for a new fact; the transfer member names the one that has this key.");

    /// <summary>The key belongs to a hold that says something else.</summary>
    public static readonly ProblemCode HoldKeyConflict = new(
        "hold_key_conflict",
        409,
        "Another hold has this key.",
        "Use a new key for a new hold; the hold member names the one that has this key.");

    /// <summary>There is not enough to spend, or to hold.</summary>
    public static readonly ProblemCode InsufficientFunds = new(
        "insufficient_funds",
        402,
        "There is not enough credit.",
        "Ask for no more than the available member says, or grant credit first.");

    /// <summary>The chart has as many open grants as it may have.</summary>
    public static readonly ProblemCode TooManyGrants = new(
        "too_many_grants",
        409,
        "The billing account has as many open grants as it may have.",
        "Give fewer, larger grants; or void those nobody needs.");

    /// <summary>A balance would leave what 64 bits of micros can count.</summary>
    public static readonly ProblemCode BalanceOverflow = new(
        "balance_overflow",
        422,
        "The balance would become too large to be counted.",
        "Check the amounts: no real business comes near this limit.");

    /// <summary>The hold has ended.</summary>
    public static readonly ProblemCode HoldEnded = new(
        "hold_ended",
        409,
        "The hold has ended.",
        "Make a new hold; the state member says how this one ended.");

    /// <summary>More is to be captured than is held.</summary>
    public static readonly ProblemCode MoreThanHeld = new(
        "more_than_held",
        409,
        "The hold has less than that.",
        "Capture no more than the held member says, or send may_exceed.");

    /// <summary>The transfer was undone before.</summary>
    public static readonly ProblemCode TransferAlreadyReversed = new(
        "transfer_already_reversed",
        409,
        "The transfer was reversed before.",
        "Leave it: a transfer is reversed once. The transfer member names what reversed it.");

    /// <summary>More commands wait than can be carried out soon.</summary>
    public static readonly ProblemCode LedgerBusy = new(
        "ledger_busy",
        503,
        "Too many commands wait for the books.",
        "Wait as long as Retry-After says and send the same request again.",
        Retry.Later);
}
