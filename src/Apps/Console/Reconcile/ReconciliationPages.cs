using System.Globalization;
using Microsoft.AspNetCore.Http;
using Quoin.Charging;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.ConsolePages.Reconcile;

/// <summary>A page of reconciliations.</summary>
/// <param name="Org">The organisation.</param>
internal sealed record ReconciliationsRequest(OrgId? Org = null);

/// <summary>One reconciliation.</summary>
/// <param name="Run">Its id.</param>
/// <param name="Org">The organisation.</param>
/// <param name="Cursor">Where its findings go on.</param>
internal sealed record ReconciliationRequest(
    ReconciliationRunId Run, OrgId? Org = null, Cursor<ReconciliationFindingId>? Cursor = null);

/// <summary>Reconciliations, newest first.</summary>
/// <param name="Runs">The runs.</param>
/// <param name="Today">The day it is, for the form.</param>
public sealed record ReconciliationList(IReadOnlyList<ReconciliationRun> Runs, DateOnly Today);

/// <summary>One reconciliation and what it found.</summary>
/// <param name="Run">The run.</param>
/// <param name="Findings">A page of findings.</param>
/// <param name="Cursor">Where that began.</param>
/// <param name="Next">Where the next one begins.</param>
/// <param name="Complaint">Why something could not be repaired; null where nothing was asked.</param>
public sealed record ReconciliationDetail(
    ReconciliationRun Run, IReadOnlyList<ReconciliationFinding> Findings, string? Cursor, string? Next, string? Complaint);

/// <summary>Starts and shows reconciliations, and repairs what they found.</summary>
internal static class ReconciliationPages
{
    /// <summary><c>GET /console/reconciliations</c>.</summary>
    public static Task<IResult> List(
        Parameters<ReconciliationsRequest> parameters,
        Visits visits,
        Reconciliation reconciliation,
        TimeProvider time,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame => frame.Page<ReconciliationsView, ReconciliationList>(new(
            await reconciliation.Runs(null, null, Limits.RowsPerPage, cancellationToken),
            DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime))),
        cancellationToken);

    /// <summary><c>POST /console/reconciliations</c>.</summary>
    public static Task<IResult> Start(
        Parameters<ReconciliationsRequest> parameters,
        Visits visits,
        Reconciliation reconciliation,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame =>
        {
            var form = await PostedForm.Read(context.Request, cancellationToken);
            if (Day(form["from"]) is not { } from || Day(form["to"]) is not { } to || to < from
                || (to - from).TotalDays >= Charging.Limits.ReconciledDaysMax)
            {
                return PostedForm.SeeOther(context, frame.To(Places.Reconciliations));
            }

            var scope = new ReconciliationScope(
                form["scope"] == "all" ? null : frame.RequiredOrg.Id, new Period(from, to.AddDays(1)));
            var run = await reconciliation.Start(scope, frame.Caller.Actor, cancellationToken);
            return PostedForm.SeeOther(context, frame.To(Places.Of(run.Id)));
        },
        cancellationToken);

    /// <summary><c>GET /console/reconciliations/{run}</c>.</summary>
    public static Task<IResult> One(
        Parameters<ReconciliationRequest> parameters,
        Visits visits,
        Reconciliation reconciliation,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        frame => Show(frame, parameters.Value, reconciliation, null, cancellationToken),
        cancellationToken);

    /// <summary><c>POST /console/reconciliations/{run}</c>: repairs one finding.</summary>
    public static Task<IResult> Repair(
        Parameters<ReconciliationRequest> parameters,
        Visits visits,
        Reconciliation reconciliation,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame =>
        {
            var form = await PostedForm.Read(context.Request, cancellationToken);
            var isKnown = IdText.TryParse(ReconciliationFindingId.Prefix, form["finding"], out var finding);
            if (!isKnown || !form.IsText("reason", Charging.Limits.ReasonLettersMax))
            {
                return await Show(frame, parameters.Value, reconciliation, "A repair needs a reason.", cancellationToken);
            }

            var outcome = await reconciliation.Repair(
                new ReconciliationFindingId(finding), null, form["reason"], frame.Caller.Actor, cancellationToken);
            return outcome switch
            {
                RepairOutcome.NotRepairable(var why) =>
                    await Show(frame, parameters.Value, reconciliation, why, cancellationToken),
                RepairOutcome.NothingToRepair(var why) =>
                    await Show(frame, parameters.Value, reconciliation, why, cancellationToken),
                _ => PostedForm.SeeOther(context, frame.To(Places.Of(parameters.Value.Run))),
            };
        },
        cancellationToken);

    private static async Task<IResult> Show(
        Frame frame,
        ReconciliationRequest request,
        Reconciliation reconciliation,
        string? complaint,
        CancellationToken cancellationToken)
    {
        if (await reconciliation.Find(null, request.Run, cancellationToken) is not { } run)
        {
            return frame.NotFound("reconciliation");
        }

        var limit = new PageLimit(Limits.RowsPerPage);
        var rows = await reconciliation.Findings(
            run.Id, null, null, request.Cursor?.Keys, limit.RowsToFetch, cancellationToken);
        var page = Page.Of(rows, limit, row => row.Id);
        return frame.Page<ReconciliationView, ReconciliationDetail>(
            new(run, page.Data, request.Cursor?.ToString(), page.NextCursor, complaint),
            complaint is null ? StatusCodes.Status200OK : StatusCodes.Status409Conflict);
    }

    private static DateTimeOffset? Day(string text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero)
            : null;
}

/// <summary>Words for reconciliations.</summary>
public static class ReconciliationText
{
    /// <summary>What is wrong.</summary>
    public static string Of(ReconciliationKind kind) => kind switch
    {
        ReconciliationKind.MissingRating => "Missing rating",
        ReconciliationKind.MissingPosting => "Missing posting",
        ReconciliationKind.AmountMismatch => "Amount mismatch",
        ReconciliationKind.Orphan => "Orphan",
        ReconciliationKind.Duplicate => "Duplicate",
        ReconciliationKind.BucketMismatch => "Bucket mismatch",
        _ => kind.ToString(),
    };

    /// <summary>What has been done.</summary>
    public static string Of(FindingState state) => state switch
    {
        FindingState.Open => "Open",
        FindingState.Requeued => "Rated again",
        FindingState.CorrectionRequested => "Correction asked for",
        _ => state.ToString(),
    };

    /// <summary>How a run ended, or how far it is.</summary>
    public static string Of(ReconciliationRun run) => run switch
    {
        { IsSound: true } => "Everything fits",
        { Findings: > 0 } => Format.Count(run.Findings, "finding"),
        { State: ReconciliationState.Running } => "Running",
        _ => run.State.ToString(),
    };
}
