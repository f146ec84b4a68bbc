using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Ledger.Internal;

/// <summary>A correction somebody asks for.</summary>
/// <param name="Transfer">The transfer that is wrong.</param>
/// <param name="Kind">Whether it is undone, or amended by legs of its own.</param>
/// <param name="Key">The request's natural key: the same key asks once, for ever.</param>
/// <param name="Reason">Why. It becomes part of the correcting transfer's reference, which the customer sees.</param>
/// <param name="Evidence">What shows it: a text or an address. For operators only.</param>
/// <param name="Legs">An adjustment's legs, summing to zero in each currency; left out for a reversal.</param>
internal sealed record CorrectionRequest(
    TransferId Transfer,
    CorrectionKind Kind,
    string Key,
    string Reason,
    string Evidence,
    IReadOnlyList<LegShape>? Legs = null);

/// <summary>A decision about a correction.</summary>
/// <param name="Reason">Why, for the audit log.</param>
internal sealed record CorrectionDecision(string Reason);

/// <summary>Which correction.</summary>
/// <param name="Id">Its id.</param>
internal sealed record CorrectionPath(CorrectionId Id);

/// <summary>A page of corrections, newest first.</summary>
/// <param name="Limit">How many.</param>
/// <param name="Cursor">Where to go on.</param>
/// <param name="Transfer">Only of this transfer.</param>
/// <param name="State">Only in this state.</param>
internal sealed record CorrectionPageRequest(
    PageLimit Limit,
    Cursor<CorrectionId>? Cursor = null,
    TransferId? Transfer = null,
    CorrectionState? State = null);

/// <summary>The endpoints of corrections, for operators.</summary>
internal static class CorrectionEndpoints
{
    /// <summary><c>POST /v1/ledger/corrections</c>.</summary>
    public static async Task<Results<Created<CorrectionProfile>, Problem>> Request(
        CorrectionRequest request, Corrections corrections, HttpContext context, CancellationToken cancellationToken)
    {
        var legs = request.Legs ?? [];
        if (legs.Any(leg => leg is null))
        {
            return new Problem(LedgerProblems.InvalidLedgerInput, "legs must not contain null.");
        }

        var caller = context.Caller();
        var asked = new NewCorrection(
            request.Transfer, request.Kind, request.Key, request.Reason, request.Evidence, [.. legs.Select(leg => leg.ToLeg())]);
        return await corrections.Request(caller.RequiredOrg, asked, caller.Actor, cancellationToken) switch
        {
            CorrectionRequestOutcome.Requested(var correction, _) =>
                TypedResults.Created($"/v1/ledger/corrections/{correction.Id}", CorrectionProfile.Of(correction)),
            CorrectionRequestOutcome.NoSuchTransfer => Answers.NoSuch(request.Transfer),
            CorrectionRequestOutcome.Invalid(var errors) => InputCheck.ProblemOf(LedgerProblems.InvalidLedgerInput, errors),
            CorrectionRequestOutcome.KeyConflict(var first) => Named(
                LedgerProblems.CorrectionKeyConflict, $"{first} has this key and says something else.", "correction", first),
            CorrectionRequestOutcome.Refused(var why) => ProblemOf(why),
            var outcome => throw new InvalidOperationException($"Asking for a correction ended as {outcome}."),
        };
    }

    /// <summary><c>POST /v1/ledger/corrections/{id}/approve</c>.</summary>
    public static Task<Results<Ok<CorrectionProfile>, Problem>> Approve(
        Parameters<CorrectionPath> path,
        CorrectionDecision decision,
        Corrections corrections,
        HttpContext context,
        CancellationToken cancellationToken) =>
        Decide(corrections.Approve, path.Value.Id, decision, context.Caller(), cancellationToken);

    /// <summary><c>POST /v1/ledger/corrections/{id}/reject</c>.</summary>
    public static Task<Results<Ok<CorrectionProfile>, Problem>> Reject(
        Parameters<CorrectionPath> path,
        CorrectionDecision decision,
        Corrections corrections,
        HttpContext context,
        CancellationToken cancellationToken) =>
        Decide(corrections.Reject, path.Value.Id, decision, context.Caller(), cancellationToken);

    /// <summary><c>POST /v1/ledger/corrections/{id}/withdraw</c>.</summary>
    public static Task<Results<Ok<CorrectionProfile>, Problem>> Withdraw(
        Parameters<CorrectionPath> path,
        CorrectionDecision decision,
        Corrections corrections,
        HttpContext context,
        CancellationToken cancellationToken) =>
        Decide(corrections.Withdraw, path.Value.Id, decision, context.Caller(), cancellationToken);

    /// <summary><c>GET /v1/ledger/corrections</c>.</summary>
    public static async Task<Ok<Page<CorrectionProfile>>> List(
        Parameters<CorrectionPageRequest> parameters,
        Corrections corrections,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var request = parameters.Value;
        var rows = await corrections.Newest(
            context.Caller().RequiredOrg,
            new CorrectionFilter(request.Transfer, request.State),
            request.Cursor?.Keys,
            request.Limit.RowsToFetch,
            cancellationToken);
        return TypedResults.Ok(Page.Of(rows, request.Limit, correction => correction.Id, CorrectionProfile.Of));
    }

    /// <summary><c>GET /v1/ledger/corrections/{id}</c>.</summary>
    public static async Task<Results<Ok<CorrectionProfile>, Problem>> Show(
        Parameters<CorrectionPath> path, Corrections corrections, HttpContext context, CancellationToken cancellationToken) =>
        await corrections.Find(context.Caller().RequiredOrg, path.Value.Id, cancellationToken) is { } correction
            ? TypedResults.Ok(CorrectionProfile.Of(correction))
            : NoSuch(path.Value.Id);

    private static async Task<Results<Ok<CorrectionProfile>, Problem>> Decide(
        Func<OrgId, CorrectionId, string, string, CancellationToken, Task<CorrectionDecisionOutcome>> decide,
        CorrectionId id,
        CorrectionDecision decision,
        Caller caller,
        CancellationToken cancellationToken)
    {
        var check = new InputCheck();
        check.Text("reason", decision.Reason, Limits.ReferenceLettersMax);
        if (check.Failed(out var problem))
        {
            return problem;
        }

        return await decide(caller.RequiredOrg, id, decision.Reason, caller.Actor, cancellationToken) switch
        {
            CorrectionDecisionOutcome.Decided(var correction, _) => TypedResults.Ok(CorrectionProfile.Of(correction)),
            CorrectionDecisionOutcome.NotFound => NoSuch(id),
            CorrectionDecisionOutcome.AlreadyDecided(var correction) => Named(
                LedgerProblems.CorrectionDecided, $"{id} is {correction.State.Name()}.", "state", correction.State),
            CorrectionDecisionOutcome.SecondPersonNeeded => new Problem(
                LedgerProblems.SecondOperatorRequired, $"You, or a key of yours, asked for {id}."),
            CorrectionDecisionOutcome.RequesterNeeded => new Problem(
                LedgerProblems.RequesterRequired, $"Somebody else asked for {id}."),
            CorrectionDecisionOutcome.Refused(var why) => ProblemOf(why),
            CorrectionDecisionOutcome.NotPosted(var why) => Answers.NotPosted(why),
            var outcome => throw new InvalidOperationException($"Deciding a correction ended as {outcome}."),
        };
    }

    private static Problem ProblemOf(CorrectionRefusal refusal) => refusal switch
    {
        CorrectionRefusal.AlreadyReversed(var by) =>
            Named(LedgerProblems.TransferAlreadyReversed, $"{by} reversed it.", "transfer", by),
        CorrectionRefusal.NotReversible(var kind) => Named(
            LedgerProblems.TransferNotReversible, $"A transfer of kind {kind} would be made again at once.", "kind", kind),
        CorrectionRefusal.MovedNothing => new Problem(LedgerProblems.TransferNotReversible, "The transfer moved nothing."),
        CorrectionRefusal.Adjusted(var by) =>
            Named(LedgerProblems.TransferAdjusted, $"{by} adjusted it.", "transfer", by),
        CorrectionRefusal.AlreadyRequested(var open) =>
            Named(LedgerProblems.CorrectionOpen, $"{open} asks for its reversal.", "correction", open),
        CorrectionRefusal.TooMany(var max) => new Problem(
            LedgerProblems.TooManyCorrections, $"A transfer may have {max} corrections, decided or not."),
        _ => throw new InvalidOperationException($"Not a refusal: {refusal}."),
    };

    private static Problem NoSuch(CorrectionId id) => new(PlatformProblems.NotFound, $"There is no correction {id}.");

    private static Problem Named(ProblemCode code, string detail, string name, object value) =>
        new(code, detail, members: new Dictionary<string, object?>(StringComparer.Ordinal) { [name] = value });
}
