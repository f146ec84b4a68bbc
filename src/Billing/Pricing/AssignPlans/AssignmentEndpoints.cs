using Microsoft.AspNetCore.Http;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Pricing.Internal;

/// <summary>A plan or a contract to assign.</summary>
/// <param name="Kind"><c>contract</c>, <c>reseller</c> or <c>plan</c>; an account has at most one of each at a time.</param>
/// <param name="BillingAccount">To whom; left out, the organisation's default account.</param>
/// <param name="PlanVersion">A published version; a contract may do without.</param>
/// <param name="PriceBook">The book usage is priced by, instead of the plan's own.</param>
/// <param name="EffectiveFrom">A quarter hour, not before the one that has begun; left out, that one.</param>
/// <param name="EffectiveTo">A quarter hour after it; left out, it has no end.</param>
/// <param name="Anchor">Where billing months are counted from; left out, its beginning.</param>
/// <param name="Commitment">What the customer promised to spend; a contract's.</param>
/// <param name="DiscountBps">What a contract takes off other books' prices, in hundredths of a percent.</param>
/// <param name="Note">Why.</param>
internal sealed record AssignmentRequest(
    AssignmentKind Kind,
    BillingAccountId? BillingAccount = null,
    PlanVersionId? PlanVersion = null,
    PriceBookId? PriceBook = null,
    DateTimeOffset? EffectiveFrom = null,
    DateTimeOffset? EffectiveTo = null,
    DateTimeOffset? Anchor = null,
    CommitmentRow? Commitment = null,
    int DiscountBps = 0,
    string Note = "");

/// <summary>Another plan in the place of one in force.</summary>
/// <param name="PlanVersion">A published version.</param>
/// <param name="When"><c>usual</c> (dearer now, cheaper when the period ends), <c>now</c>, <c>period_end</c> or <c>at</c>.</param>
/// <param name="At">A quarter hour to come, for <c>at</c>.</param>
internal sealed record ChangeRequest(PlanVersionId PlanVersion, ChangeTime When = ChangeTime.Usual, DateTimeOffset? At = null);

/// <summary>When an assignment ends.</summary>
/// <param name="When"><c>usual</c> and <c>period_end</c> when the period ends, <c>now</c>, or <c>at</c>.</param>
/// <param name="At">A quarter hour to come, for <c>at</c>.</param>
internal sealed record CancelRequest(ChangeTime When = ChangeTime.Usual, DateTimeOffset? At = null);

/// <summary>Which assignment.</summary>
/// <param name="Assignment">Its id.</param>
internal sealed record AssignmentPath(AssignmentId Assignment);

/// <summary>A page of what accounts have and had.</summary>
/// <param name="Limit">How many.</param>
/// <param name="Cursor">Where to go on.</param>
/// <param name="BillingAccount">Whose; left out, the organisation's default account.</param>
internal sealed record AssignmentPageRequest(
    PageLimit Limit, Cursor<AssignmentId>? Cursor = null, BillingAccountId? BillingAccount = null);

/// <summary>What a change would do.</summary>
/// <param name="EffectiveAt">When.</param>
/// <param name="FeeBefore">What a month costs until then.</param>
/// <param name="FeeAfter">What a month costs from then on.</param>
/// <param name="Credit">What of the old fee goes back for the rest of the period; not positive.</param>
/// <param name="Charge">What of the new fee is due for it.</param>
/// <param name="Net">Both together.</param>
internal sealed record ChangePreview(
    DateTimeOffset EffectiveAt, Money FeeBefore, Money FeeAfter, Money Credit, Money Charge, Money Net);

/// <summary>The endpoints of what accounts have.</summary>
internal static class AssignmentEndpoints
{
    /// <summary><c>POST /v1/assignments</c>.</summary>
    public static async Task<IResult> Assign(
        AssignmentRequest request,
        Plans plans,
        Organisations organisations,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var account = await AccountOf(context.Caller().Org!.Value, request.BillingAccount, organisations, cancellationToken);
        var outcome = await plans.Assigning.Assign(
            new NewAssignment(account, request.Kind, request.PlanVersion)
            {
                Book = request.PriceBook,
                From = request.EffectiveFrom,
                To = request.EffectiveTo,
                Anchor = request.Anchor,
                Commitment = request.Commitment is { } promised
                    ? new Commitment(promised.AmountMicros, promised.OverageFactor)
                    : null,
                DiscountBps = request.DiscountBps,
                Note = request.Note,
            },
            context.Caller().Actor,
            context.IdempotentRequest(),
            cancellationToken);
        return Answer(outcome, StatusCodes.Status201Created);
    }

    /// <summary><c>GET /v1/assignments</c>.</summary>
    public static async Task<IResult> List(
        Parameters<AssignmentPageRequest> parameters,
        Plans plans,
        Organisations organisations,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var request = parameters.Value;
        var account = await AccountOf(context.Caller().Org!.Value, request.BillingAccount, organisations, cancellationToken);
        var rows = (await plans.Of(account, cancellationToken)).Assignments
            .OrderBy(assignment => assignment.Id.Value)
            .Where(assignment => request.Cursor is null || assignment.Id.Value.CompareTo(request.Cursor.Keys.Value) > 0)
            .Take(request.Limit.RowsToFetch)
            .ToList();
        return TypedResults.Ok(Page.Of(rows, request.Limit, assignment => assignment.Id, AssignmentRow.Of));
    }

    /// <summary><c>POST /v1/assignments/{assignment}/change</c>.</summary>
    public static async Task<IResult> Change(
        Parameters<AssignmentPath> parameters,
        ChangeRequest request,
        Plans plans,
        HttpContext context,
        CancellationToken cancellationToken) => Answer(await plans.Assigning.Change(
            ChangeOf(parameters.Value, request, context),
            context.Caller().Actor,
            context.IdempotentRequest(),
            cancellationToken));

    /// <summary><c>POST /v1/assignments/{assignment}/change/preview</c>.</summary>
    public static async Task<IResult> Preview(
        Parameters<AssignmentPath> parameters,
        ChangeRequest request,
        Plans plans,
        HttpContext context,
        CancellationToken cancellationToken) =>
        await plans.Assigning.Preview(ChangeOf(parameters.Value, request, context), cancellationToken) switch
        {
            (null, { } ending) => Answer(ending),
            ({ } preview, _) => TypedResults.Ok(preview),
            _ => throw new InvalidOperationException("A preview ended as nothing."),
        };

    /// <summary><c>POST /v1/assignments/{assignment}/cancel</c>.</summary>
    public static async Task<IResult> Cancel(
        Parameters<AssignmentPath> parameters,
        CancelRequest request,
        Plans plans,
        HttpContext context,
        CancellationToken cancellationToken) => Answer(await plans.Assigning.Cancel(
            new AssignmentEnd(context.Caller().Org!.Value, parameters.Value.Assignment, request.When, request.At),
            context.Caller().Actor,
            context.IdempotentRequest(),
            cancellationToken));

    /// <summary><c>POST /v1/assignments/{assignment}/resume</c>.</summary>
    public static async Task<IResult> Resume(
        Parameters<AssignmentPath> parameters, Plans plans, HttpContext context, CancellationToken cancellationToken) =>
        Answer(await plans.Assigning.Resume(
            context.Caller().Org!.Value,
            parameters.Value.Assignment,
            context.Caller().Actor,
            context.IdempotentRequest(),
            cancellationToken));

    private static PlanChange ChangeOf(AssignmentPath path, ChangeRequest request, HttpContext context) =>
        new(context.Caller().Org!.Value, path.Assignment, request.PlanVersion, request.When, request.At);

    // An id that is not there is found missing where it is used.
    private static async Task<BillingAccountKey> AccountOf(
        OrgId org, BillingAccountId? account, Organisations organisations, CancellationToken cancellationToken) =>
        new(org, account ?? (await organisations.BillingAccountsOf(org, cancellationToken)).First(one => one.IsDefault).Id);

    private static IResult Answer(AssignOutcome outcome, int status = StatusCodes.Status200OK) => outcome switch
    {
        AssignOutcome.Done done =>
            TypedResults.Json(AssignmentRow.Of(done.Assignment), JsonConventions.Options, statusCode: status),
        AssignOutcome.NotFound missing => new Problem(PlatformProblems.NotFound, missing.Reason),
        AssignOutcome.NotAssignable wrong => new Problem(PricingProblems.AssignmentRefused, wrong.Reason),
        AssignOutcome.Overlaps overlap => new Problem(PricingProblems.AssignmentOverlaps, $"It is {overlap.With}."),
        AssignOutcome.Refused refused => new Problem(PricingProblems.AssignmentRefused, refused.Reason),
        _ => throw new InvalidOperationException($"An assignment ended as {outcome}."),
    };
}
