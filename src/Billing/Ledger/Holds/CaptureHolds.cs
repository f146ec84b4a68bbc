using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Ledger.Internal;

/// <summary>What of a hold becomes revenue.</summary>
/// <param name="Amount">How much; positive, in the hold's currency.</param>
/// <param name="Key">The fact's natural key: the same key captures once, for ever.</param>
/// <param name="Reference">What led to it, for a person: ids, not content.</param>
/// <param name="IsLast">Whether the hold ends with it and gives back what is left; left out, it does.</param>
/// <param name="MayExceed">Whether more than the hold has may be captured, as its overrun policy says; left out, not.</param>
internal sealed record CaptureRequest(Money Amount, string Key, string Reference, bool IsLast = true, bool MayExceed = false);

/// <summary>A capture.</summary>
/// <param name="Hold">The hold.</param>
/// <param name="Transfer">The transfer, the earlier one where this request repeats it.</param>
/// <param name="IsReplay">Whether the key had captured before; nothing was captured again.</param>
internal sealed record CaptureAnswer(HoldId Hold, TransferId Transfer, bool IsReplay);

/// <summary>
/// <c>POST /v1/holds/{id}/capture</c>: a machine of the operator turns reserved money into revenue.
/// </summary>
internal sealed class CaptureHolds(Ledger ledger, OrganisationClock clock)
{
    private const string KeyPrefix = "capture:";

    public static Task<Results<Ok<CaptureAnswer>, Problem>> Handle(
        Parameters<HoldPath> path,
        CaptureRequest request,
        CaptureHolds handler,
        HttpContext context,
        CancellationToken cancellationToken) =>
        handler.Run(context.Caller().RequiredOrg, path.Value.Id, request, cancellationToken);

    private async Task<Results<Ok<CaptureAnswer>, Problem>> Run(
        OrgId org, HoldId hold, CaptureRequest request, CancellationToken cancellationToken)
    {
        var check = new InputCheck();
        check.Positive("amount", request.Amount, request.Amount.Currency, Limits.AmountMicrosMax);
        check.Text("key", request.Key, Limits.KeyLettersMax - KeyPrefix.Length);
        check.Text("reference", request.Reference, Limits.ReferenceLettersMax);
        if (check.Failed(out var problem))
        {
            return problem;
        }

        var now = await clock.Now(org, cancellationToken);
        var command = new CaptureHold(org, hold, KeyPrefix + request.Key, request.Amount, now, request.Reference)
        {
            IsLast = request.IsLast,
            MayExceed = request.MayExceed,
        };
        return await ledger.Run(command, cancellationToken) switch
        {
            CaptureOutcome.Captured(var transfer, var isReplay) => TypedResults.Ok(new CaptureAnswer(hold, transfer, isReplay)),
            CaptureOutcome.KeyConflict(var first) => Answers.KeyConflict(first),
            CaptureOutcome.AlreadyEnded(var how) => Answers.HoldEnded(hold, how),
            CaptureOutcome.MoreThanHeld(var held) => new Problem(
                LedgerProblems.MoreThanHeld,
                $"{hold} has {held.Micros} micros of {held.Currency} left.",
                members: new Dictionary<string, object?>(StringComparer.Ordinal) { ["held"] = held }),
            CaptureOutcome.OtherCurrency(var currency) => new Problem(
                LedgerProblems.InvalidAmount, $"{hold} is held in {currency}."),
            CaptureOutcome.NotFound => Answers.NoSuch(hold),
            CaptureOutcome.BalanceOverflow => Answers.BalanceOverflow(),
            null => Answers.Busy(),
            var outcome => throw new InvalidOperationException($"Capturing ended as {outcome}."),
        };
    }
}
