using Microsoft.AspNetCore.Http;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;
using Quoin.Payments;
using Quoin.Platform;
using PaymentScope = Quoin.Payments.ReconciliationScope;

namespace Quoin.ConsolePages.ReconcilePayments;

/// <summary>A page of comparisons, as it is asked for.</summary>
/// <param name="Org">The organisation.</param>
/// <param name="Scope">Only of this scope.</param>
/// <param name="Cursor">Where to go on.</param>
/// <param name="Said">What was just done.</param>
internal sealed record PaymentRunListRequest(
    OrgId? Org = null, string? Scope = null, Cursor<PaymentReconciliationId>? Cursor = null, string? Said = null);

/// <summary>One comparison, as it is asked for.</summary>
/// <param name="Run">Its id.</param>
/// <param name="Org">The organisation.</param>
internal sealed record PaymentRunRequest(PaymentReconciliationId Run, OrgId? Org = null);

/// <summary>Comparisons with the provider, and what does not fit.</summary>
/// <param name="Scope">Only of this scope; null of all.</param>
/// <param name="Runs">A page of runs, newest first.</param>
/// <param name="Findings">What of the organisation does not fit and nobody has resolved.</param>
/// <param name="Cursor">Where the page began; null on the first one.</param>
/// <param name="Next">Where the next one begins; null on the last one.</param>
/// <param name="Said">What was just done, or why nothing was; null nothing.</param>
/// <param name="IsComplaint">Whether nothing was.</param>
public sealed record PaymentRunList(
    PaymentScope? Scope,
    IReadOnlyList<PaymentRunAnswer> Runs,
    IReadOnlyList<FindingAnswer> Findings,
    string? Cursor,
    string? Next,
    string? Said,
    bool IsComplaint);

/// <summary>One comparison and what it found.</summary>
/// <param name="Run">The run.</param>
/// <param name="Findings">What it found, at most as many as a page has.</param>
public sealed record PaymentRunDetail(PaymentRunAnswer Run, IReadOnlyList<PaymentFindingAnswer> Findings);

/// <summary>Shows comparisons with the payment provider, has one made, and lets findings be resolved.</summary>
internal sealed class PaymentRunPages(PaymentReconciliations reconciliations)
{
    /// <summary><c>GET /console/finance/reconciliation</c>.</summary>
    public static Task<IResult> List(
        Parameters<PaymentRunListRequest> parameters,
        Visits visits,
        PaymentRunPages pages,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        frame => pages.Listed(frame, parameters.Value, PaymentRunText.Said(parameters.Value.Said), false, cancellationToken),
        cancellationToken);

    /// <summary><c>POST /console/finance/reconciliation</c>.</summary>
    public static Task<IResult> Act(
        Parameters<PaymentRunListRequest> parameters,
        Visits visits,
        PaymentRunPages pages,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame =>
        {
            var form = await PostedForm.Read(context.Request, cancellationToken);
            var complaint = !form.IsText("reason", Quoin.Payments.Limits.ReasonCharactersMax)
                ? "Say why, in one line."
                : form["act"] == "resolve"
                    ? await pages.Resolve(frame, form, cancellationToken)
                    : await pages.Start(frame, form, cancellationToken);
            return complaint is null
                ? PostedForm.SeeOther(context, frame.To(Places.PaymentRuns, ("said", form["act"])))
                : await pages.Listed(frame, parameters.Value, complaint, true, cancellationToken);
        },
        cancellationToken);

    /// <summary><c>GET /console/finance/reconciliation/{run}</c>.</summary>
    public static Task<IResult> One(
        Parameters<PaymentRunRequest> parameters,
        Visits visits,
        PaymentReconciliations reconciliations,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame => await reconciliations.FindRun(parameters.Value.Run, cancellationToken) is { } run
            ? frame.Page<PaymentRunView, PaymentRunDetail>(
                new(run, await reconciliations.FindingsOf(run.Id, PageLimit.RowsMax, cancellationToken)))
            : frame.NotFound("comparison"),
        cancellationToken);

    private async Task<IResult> Listed(
        Frame frame, PaymentRunListRequest request, string? said, bool isComplaint, CancellationToken cancellationToken)
    {
        var scope = DeskText.Read<PaymentScope>(request.Scope);
        var limit = new PageLimit(Limits.RowsPerPage);
        var rows = await reconciliations.Runs(scope, request.Cursor?.Keys, limit.RowsToFetch, cancellationToken);
        var page = Page.Of(rows, limit, row => row.Id);
        return frame.Page<PaymentRunsView, PaymentRunList>(
            new(
                scope,
                page.Data,
                await reconciliations.OpenFindings(frame.RequiredOrg.Id, null, Limits.RowsPerPage, cancellationToken),
                request.Cursor?.ToString(),
                page.NextCursor,
                said,
                isComplaint),
            isComplaint ? StatusCodes.Status409Conflict : StatusCodes.Status200OK);
    }

    private async Task<string?> Start(Frame frame, PostedForm form, CancellationToken cancellationToken)
    {
        if (DeskText.Read<PaymentScope>(form["scope"]) is not { } scope
            || DeskText.Read<PaymentMode>(form["mode"]) is not { } mode)
        {
            return "Choose what to compare.";
        }

        return await reconciliations.Start(mode, scope, form["reason"], frame.Caller.Actor, cancellationToken) switch
        {
            ComparisonOutcome.NotConfigured => "Nobody takes payments of that mode, so there is nothing to compare with.",
            ComparisonOutcome.Running => "It is being compared now.",
            _ => null,
        };
    }

    private async Task<string?> Resolve(Frame frame, PostedForm form, CancellationToken cancellationToken) =>
        Id.TryParse<FindingId>(form["finding"], out var id)
        && await reconciliations.Resolve(
            frame.RequiredOrg.Id, id, form["reason"], frame.Caller.Actor, cancellationToken) is not null
            ? null
            : "There is no such open finding; somebody else may have resolved it.";
}

/// <summary>What people read about comparisons with the provider.</summary>
public static class PaymentRunText
{
    /// <summary>What is compared.</summary>
    public static string Of(PaymentScope scope) => scope switch
    {
        PaymentScope.PendingRecent => "Pending requests and failed news",
        PaymentScope.CheckoutOpen => "Pages past their end",
        PaymentScope.CheckoutCompletedPending => "Paid, subscription not here",
        PaymentScope.CheckoutRecoveryVerification => "Pages of unknown outcome",
        PaymentScope.SubscriptionsActive => "Subscriptions",
        PaymentScope.InvoicesRecent => "Invoices and payments",
        _ => DeskText.Sentence(DeskText.WordOf(scope)),
    };

    /// <summary>How a run ended.</summary>
    public static string Result(PaymentRunAnswer run) => run switch
    {
        { Status: ReconciliationStatus.Running } => "Running",
        { Status: ReconciliationStatus.Failed } => "Broke off",
        { DriftCount: 0, FailedCount: 0 } => "Everything fits",
        _ => $"{Format.Count(run.DriftCount)} drifted, {Format.Count(run.RepairedCount)} repaired",
    };

    /// <summary>What was just done; null nothing.</summary>
    public static string? Said(string? act) => act switch
    {
        "start" => "The comparison began. Open it below to see what it finds.",
        "resolve" => "The finding is resolved, and the audit log says why.",
        _ => null,
    };
}
