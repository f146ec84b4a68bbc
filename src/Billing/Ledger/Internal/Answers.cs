using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Ledger.Internal;

/// <summary>Problems that several endpoints answer, each worded once.</summary>
internal static class Answers
{
    public static Problem NoSuch(BillingAccountId account) =>
        new(PlatformProblems.NotFound, $"There is no billing account {account}.");

    public static Problem NoSuch(GrantId grant) => new(PlatformProblems.NotFound, $"There is no grant {grant}.");

    public static Problem NoSuch(HoldId hold) => new(PlatformProblems.NotFound, $"There is no hold {hold}.");

    public static Problem NoSuch(TransferId transfer) =>
        new(PlatformProblems.NotFound, $"There is no transfer {transfer}.");

    public static Problem NoSuch(AccountId account) =>
        new(PlatformProblems.NotFound, $"There is no account {account}.");

    public static Problem KeyConflict(TransferId first) =>
        With(LedgerProblems.TransferKeyConflict, $"{first} has this key and says something else.", "transfer", first);

    public static Problem InsufficientFunds(Money available) => With(
        LedgerProblems.InsufficientFunds,
        $"There are {available.Micros} micros of {available.Currency} available.",
        "available",
        available);

    public static Problem BalanceOverflow() => new(
        LedgerProblems.BalanceOverflow, $"An account may hold at most {Limits.BalanceMicrosMax} micros, and owe as many.");

    public static Problem HoldEnded(HoldId hold, HoldState how) =>
        With(LedgerProblems.HoldEnded, $"{hold} is {how.Name()}.", "state", how);

    public static Problem Busy() => new(
        LedgerProblems.LedgerBusy, "The queues are full; nothing was done.", Limits.BusyRetryAfterSeconds);

    /// <summary>A transfer that was not posted; where several were sent, with its place among them.</summary>
    public static Problem NotPosted(PostOutcome outcome, int? index = null)
    {
        var (code, detail, name, value) = outcome switch
        {
            PostOutcome.KeyConflict(var first) => (
                LedgerProblems.TransferKeyConflict, $"{first} has this key and says something else.", "transfer", (object)first),
            PostOutcome.AlreadyReversed(var by) => (
                LedgerProblems.TransferAlreadyReversed, $"{by} reversed it.", "transfer", by),
            PostOutcome.NoSuchGrant(var grant) => (
                PlatformProblems.NotFound, $"This billing account has no grant {grant} in this currency.", "grant", grant),
            PostOutcome.InsufficientFunds(var available) => (
                LedgerProblems.InsufficientFunds,
                $"There are {available.Micros} micros of {available.Currency} available.",
                "available",
                available),
            PostOutcome.BalanceOverflow => (
                LedgerProblems.BalanceOverflow,
                $"An account may hold at most {Limits.BalanceMicrosMax} micros, and owe as many.",
                "max_micros",
                Limits.BalanceMicrosMax),
            _ => throw new InvalidOperationException($"Posting ended as {outcome}."),
        };
        var members = new Dictionary<string, object?>(StringComparer.Ordinal) { [name] = value };
        if (index is not null)
        {
            members["index"] = index;
        }

        return new Problem(code, detail, members: members);
    }

    private static Problem With(ProblemCode code, string detail, string name, object value) =>
        new(code, detail, members: new Dictionary<string, object?>(StringComparer.Ordinal) { [name] = value });
}
