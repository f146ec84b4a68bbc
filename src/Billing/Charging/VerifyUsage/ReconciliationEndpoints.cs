using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Platform;

namespace Quoin.Charging.Internal;

/// <summary>What to reconcile.</summary>
/// <param name="From">Usage from this instant on, and postings recorded from it on; the start of a quarter hour.</param>
/// <param name="To">To before this instant; the start of a quarter hour.</param>
/// <param name="Organisation">Only this organisation; left out, the one acted in, or all.</param>
internal sealed record ReconciliationRequest(DateTimeOffset From, DateTimeOffset To, OrgId? Organisation = null);

/// <summary>Which run.</summary>
/// <param name="Run">Its id.</param>
internal sealed record ReconciliationPath(ReconciliationRunId Run);

/// <summary>Which finding.</summary>
/// <param name="Finding">Its id.</param>
internal sealed record FindingPath(ReconciliationFindingId Finding);

/// <summary>A page of runs, newest first.</summary>
/// <param name="Limit">How many.</param>
/// <param name="Cursor">Where to go on.</param>
internal sealed record RunPageRequest(PageLimit Limit, Cursor<ReconciliationRunId>? Cursor = null);

/// <summary>A page of what a run found.</summary>
/// <param name="Run">The run.</param>
/// <param name="Limit">How many.</param>
/// <param name="Cursor">Where to go on.</param>
/// <param name="Kind">Only findings of this kind.</param>
internal sealed record FindingPageRequest(
    ReconciliationRunId Run,
    PageLimit Limit,
    Cursor<ReconciliationFindingId>? Cursor = null,
    ReconciliationKind? Kind = null);

/// <summary>Asks for a repair.</summary>
/// <param name="Reason">Why, for the audit log and the correction.</param>
internal sealed record RepairRequest(string Reason);

/// <summary>A run as the API shows it.</summary>
/// <param name="Id">The run.</param>
/// <param name="Organisation">The one organisation it compares; null for all.</param>
/// <param name="From">The first instant compared.</param>
/// <param name="To">The first instant not compared any more.</param>
/// <param name="State">Where it stands.</param>
/// <param name="StartedBy">Who asked for it.</param>
/// <param name="StartedAt">When.</param>
/// <param name="FinishedAt">When it ended; null while it has not.</param>
/// <param name="Place">How far it has come, for a person.</param>
/// <param name="OrganisationCount">Organisations it has come to.</param>
/// <param name="EventCount">Measurements of events it derived again.</param>
/// <param name="LineCount">Lines it rated again.</param>
/// <param name="TransferCount">Transfers it compared.</param>
/// <param name="FindingCount">How much does not fit.</param>
/// <param name="IsSound">Whether it is finished and everything fits.</param>
internal sealed record ReconciliationRow(
    ReconciliationRunId Id,
    OrgId? Organisation,
    DateTimeOffset From,
    DateTimeOffset To,
    ReconciliationState State,
    string StartedBy,
    DateTimeOffset StartedAt,
    DateTimeOffset? FinishedAt,
    string Place,
    int OrganisationCount,
    long EventCount,
    long LineCount,
    long TransferCount,
    long FindingCount,
    bool IsSound)
{
    public static ReconciliationRow Of(ReconciliationRun run) => new(
        run.Id,
        run.Scope.Org,
        run.Scope.Range.Start,
        run.Scope.Range.End,
        run.State,
        run.StartedBy,
        run.StartedAt,
        run.FinishedAt,
        run.Place,
        run.Organisations,
        run.Events,
        run.Lines,
        run.Transfers,
        run.Findings,
        run.IsSound);
}

/// <summary>A finding as the API shows it.</summary>
/// <param name="Id">The finding.</param>
/// <param name="Organisation">At which organisation.</param>
/// <param name="Run">Which run found it.</param>
/// <param name="Kind">What is wrong.</param>
/// <param name="Stage">Between which stages.</param>
/// <param name="Subject">What it is about.</param>
/// <param name="Expected">What should be there.</param>
/// <param name="Found">What is there.</param>
/// <param name="BillingAccount">Who is billed.</param>
/// <param name="Line">The rated line it is about.</param>
/// <param name="Transfer">The transfer it is about.</param>
/// <param name="Difference">What is there more than there should be.</param>
/// <param name="FoundAt">When it was found.</param>
/// <param name="State">What has been done about it.</param>
/// <param name="Correction">The correction asked for.</param>
/// <param name="RepairedBy">Who did something about it.</param>
/// <param name="RepairedAt">When.</param>
internal sealed record FindingRow(
    ReconciliationFindingId Id,
    OrgId Organisation,
    ReconciliationRunId Run,
    ReconciliationKind Kind,
    ReconciliationStage Stage,
    string Subject,
    string Expected,
    string Found,
    BillingAccountId? BillingAccount,
    RatedLineId? Line,
    TransferId? Transfer,
    Money? Difference,
    DateTimeOffset FoundAt,
    FindingState State,
    CorrectionId? Correction,
    string? RepairedBy,
    DateTimeOffset? RepairedAt)
{
    public static FindingRow Of(ReconciliationFinding finding) => new(
        finding.Id,
        finding.Org,
        finding.Run,
        finding.Fault.Kind,
        finding.Fault.Stage,
        finding.Fault.Subject,
        finding.Fault.Expected,
        finding.Fault.Found,
        finding.Fault.BillingAccount ?? finding.Fault.Usage?.BillingAccount,
        finding.Fault.Line,
        finding.Fault.Transfer,
        finding.Fault.Difference,
        finding.FoundAt,
        finding.State,
        finding.Correction,
        finding.RepairedBy,
        finding.RepairedAt);
}

/// <summary>The endpoints of reconciliation, for operators.</summary>
internal static class ReconciliationEndpoints
{
    /// <summary><c>POST /v1/reconciliation</c>.</summary>
    public static async Task<Results<Accepted<ReconciliationRow>, Problem>> Start(
        ReconciliationRequest request, Reconciliation reconciliation, HttpContext context, CancellationToken cancellationToken)
    {
        var (caller, range) = (context.Caller(), new Period(request.From.ToUniversalTime(), request.To.ToUniversalTime()));
        if (!QuarterHour.IsStart(range.Start) || !QuarterHour.IsStart(range.End) || range.End <= range.Start
            || range.End - range.Start > TimeSpan.FromDays(Limits.ReconciledDaysMax))
        {
            return new Problem(
                ChargingProblems.InvalidChargingInput,
                $"from lies before to, both are starts of quarter hours, at most {Limits.ReconciledDaysMax} days apart.");
        }

        var scope = new ReconciliationScope(request.Organisation ?? caller.Org, range);
        var run = await reconciliation.Start(scope, caller.Actor, cancellationToken);
        return TypedResults.Accepted($"/v1/reconciliation/{run.Id}", ReconciliationRow.Of(run));
    }

    /// <summary><c>GET /v1/reconciliation</c>.</summary>
    public static async Task<Ok<Page<ReconciliationRow>>> List(
        Parameters<RunPageRequest> parameters,
        Reconciliation reconciliation,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var request = parameters.Value;
        var runs = await reconciliation.Runs(
            context.Caller().Org, request.Cursor?.Keys, request.Limit.RowsToFetch, cancellationToken);
        return TypedResults.Ok(Page.Of(runs, request.Limit, run => run.Id, ReconciliationRow.Of));
    }

    /// <summary><c>GET /v1/reconciliation/{run}</c>.</summary>
    public static async Task<Results<Ok<ReconciliationRow>, Problem>> One(
        Parameters<ReconciliationPath> parameters,
        Reconciliation reconciliation,
        HttpContext context,
        CancellationToken cancellationToken) =>
        await reconciliation.Find(context.Caller().Org, parameters.Value.Run, cancellationToken) is { } run
            ? TypedResults.Ok(ReconciliationRow.Of(run))
            : NoSuch(parameters.Value.Run);

    /// <summary><c>POST /v1/reconciliation/{run}/stop</c>.</summary>
    public static async Task<Results<Ok<ReconciliationRow>, Problem>> Stop(
        Parameters<ReconciliationPath> parameters,
        Reconciliation reconciliation,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var (caller, id) = (context.Caller(), parameters.Value.Run);
        if (await reconciliation.Find(caller.Org, id, cancellationToken) is null)
        {
            return NoSuch(id);
        }

        await reconciliation.Stop(id, caller.Actor, cancellationToken);
        return TypedResults.Ok(ReconciliationRow.Of((await reconciliation.Find(caller.Org, id, cancellationToken))!));
    }

    /// <summary><c>GET /v1/reconciliation/{run}/findings</c>.</summary>
    public static async Task<Results<Ok<Page<FindingRow>>, Problem>> Findings(
        Parameters<FindingPageRequest> parameters,
        Reconciliation reconciliation,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var (request, org) = (parameters.Value, context.Caller().Org);
        if (await reconciliation.Find(org, request.Run, cancellationToken) is null)
        {
            return NoSuch(request.Run);
        }

        var findings = await reconciliation.Findings(
            request.Run, org, request.Kind, request.Cursor?.Keys, request.Limit.RowsToFetch, cancellationToken);
        return TypedResults.Ok(Page.Of(findings, request.Limit, finding => finding.Id, FindingRow.Of));
    }

    /// <summary><c>POST /v1/reconciliation/findings/{finding}/repair</c>.</summary>
    public static async Task<Results<Ok<FindingRow>, Problem>> Repair(
        Parameters<FindingPath> parameters,
        RepairRequest request,
        Reconciliation reconciliation,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        if (InputText.Problem(request.Reason, Limits.ReasonLettersMax) is { } wrong)
        {
            return new Problem(ChargingProblems.InvalidChargingInput, $"reason {wrong}.");
        }

        var (caller, id) = (context.Caller(), parameters.Value.Finding);
        return await reconciliation.Repair(id, caller.Org, request.Reason, caller.Actor, cancellationToken) switch
        {
            RepairOutcome.Repaired(var finding) => TypedResults.Ok(FindingRow.Of(finding)),
            RepairOutcome.NotFound => new Problem(PlatformProblems.NotFound, $"There is no finding {id}."),
            RepairOutcome.NothingToRepair(var reason) => new Problem(ChargingProblems.NothingToRepair, reason),
            RepairOutcome.NotRepairable(var reason) => new Problem(ChargingProblems.NotRepairable, reason),
            var outcome => throw new InvalidOperationException($"A repair ended as {outcome}."),
        };
    }

    private static Problem NoSuch(ReconciliationRunId run) => new(PlatformProblems.NotFound, $"There is no run {run}.");
}
