using Quoin.Ledger;

namespace Quoin.ConsolePages.BrowseCorrections;

/// <summary>What people read about corrections.</summary>
public static class CorrectionText
{
    /// <summary>How a transfer is corrected.</summary>
    public static string Of(CorrectionKind kind) => kind == CorrectionKind.Reversal ? "Reversal" : "Adjustment";

    /// <summary>Where a correction stands.</summary>
    public static string Of(CorrectionState state) => state switch
    {
        CorrectionState.Requested => "Waiting",
        CorrectionState.Posted => "Approved",
        CorrectionState.Rejected => "Rejected",
        _ => "Withdrawn",
    };

    /// <summary>Why a decision came to nothing; null when it did not.</summary>
    public static string? Complaint(CorrectionDecisionOutcome outcome) => outcome switch
    {
        CorrectionDecisionOutcome.Decided => null,
        CorrectionDecisionOutcome.NotFound => "It is not there.",
        CorrectionDecisionOutcome.AlreadyDecided(var correction) =>
            $"Meanwhile it was decided: {Of(correction.State).ToLowerInvariant()}. Nothing changed.",
        CorrectionDecisionOutcome.SecondPersonNeeded => "You asked for it, so somebody else decides it. Nothing changed.",
        CorrectionDecisionOutcome.RequesterNeeded => "Only who asked for it takes it back. Nothing changed.",
        CorrectionDecisionOutcome.Refused(var why) => $"{Why(why)} Nothing changed; it still waits.",
        CorrectionDecisionOutcome.NotPosted(var why) => $"{Why(why)} Nothing changed; it still waits.",
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, "A decision cannot end so."),
    };

    /// <summary>Why asking for a correction came to nothing; null when it did not.</summary>
    public static string? Complaint(CorrectionRequestOutcome outcome) => outcome switch
    {
        CorrectionRequestOutcome.Requested => null,
        CorrectionRequestOutcome.NoSuchTransfer => "The transfer is not there.",
        CorrectionRequestOutcome.Invalid(var errors) => string.Join(' ', errors.Select(error => $"{error.Member} {error.Detail}.")),
        CorrectionRequestOutcome.KeyConflict => "This form was sent before, saying something else. Open the page again.",
        CorrectionRequestOutcome.Refused(var why) => Why(why),
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, "A request cannot end so."),
    };

    private static string Why(CorrectionRefusal refusal) => refusal switch
    {
        CorrectionRefusal.AlreadyReversed => "The transfer is undone already.",
        CorrectionRefusal.NotReversible => "A transfer of this kind would be made again at once.",
        CorrectionRefusal.MovedNothing => "The transfer moved nothing.",
        CorrectionRefusal.Adjusted => "The transfer was adjusted; its adjustment has to be undone first.",
        CorrectionRefusal.AlreadyRequested => "Its reversal waits for a decision already.",
        CorrectionRefusal.TooMany(var max) => $"The transfer has {max} corrections, as many as one may have.",
        _ => throw new ArgumentOutOfRangeException(nameof(refusal), refusal, "No such refusal."),
    };

    private static string Why(PostOutcome outcome) => outcome switch
    {
        PostOutcome.InsufficientFunds(var available) =>
            $"A grant it takes from has only {Format.Exact(available)} that may be taken.",
        PostOutcome.AlreadyReversed => "The transfer is undone already.",
        PostOutcome.NoSuchGrant => "A grant it names is not in this chart.",
        PostOutcome.BalanceOverflow => "A balance would become too large.",
        PostOutcome.KeyConflict => "Its key is taken by another transfer.",
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, "Posting cannot end so."),
    };
}
