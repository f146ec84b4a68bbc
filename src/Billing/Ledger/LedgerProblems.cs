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

    /// <summary>Undoing the transfer would change nothing.</summary>
    public static readonly ProblemCode TransferNotReversible = new(
        "transfer_not_reversible",
        409,
        "This transfer cannot be reversed.",
        "Where a grant has ended, make a new one; what moved nothing needs no reversal.");

    /// <summary>The transfer was adjusted, and the adjustment stands.</summary>
    public static readonly ProblemCode TransferAdjusted = new(
        "transfer_adjusted",
        409,
        "The transfer was adjusted.",
        "Reverse the adjustment first; the transfer member names it.");

    /// <summary>The key belongs to a correction that says something else.</summary>
    public static readonly ProblemCode CorrectionKeyConflict = new(
        "correction_key_conflict",
        409,
        "Another correction has this key.",
        "Use a new key for a new correction; the correction member names the one that has this key.");

    /// <summary>The transfer's reversal waits for its decision.</summary>
    public static readonly ProblemCode CorrectionOpen = new(
        "correction_open",
        409,
        "The transfer's reversal is asked for already.",
        "Let the correction that the correction member names be decided.");

    /// <summary>The transfer has as many corrections as it may have.</summary>
    public static readonly ProblemCode TooManyCorrections = new(
        "too_many_corrections",
        409,
        "The transfer has as many corrections as it may have.",
        "Find out why it is corrected again and again.");

    /// <summary>The correction is decided.</summary>
    public static readonly ProblemCode CorrectionDecided = new(
        "correction_decided",
        409,
        "The correction was decided before.",
        "Leave it: the state member says how it was decided.");

    /// <summary>Who asked for a correction does not decide it.</summary>
    public static readonly ProblemCode SecondOperatorRequired = new(
        "second_operator_required",
        403,
        "A correction is decided by somebody else than who asked for it.",
        "Let another operator decide; another key of the same person is not another operator.");

    /// <summary>Only who asked for a correction takes it back.</summary>
    public static readonly ProblemCode RequesterRequired = new(
        "requester_required",
        403,
        "A correction is taken back by who asked for it.",
        "Reject it instead.");

    /// <summary>More commands wait than can be carried out soon.</summary>
    public static readonly ProblemCode LedgerBusy = new(
        "ledger_busy",
        503,
        "Too many commands wait for the books.",
        "Wait as long as Retry-After says and send the same request again.",
        Retry.Later);
}
