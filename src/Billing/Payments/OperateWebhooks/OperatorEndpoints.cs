using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Payments.Internal;

/// <summary>A page of stored news, newest first.</summary>
/// <param name="Limit">How many.</param>
/// <param name="Cursor">Where to go on.</param>
/// <param name="State">Only those that stand so.</param>
/// <param name="Type">Only of this type, in the provider's word.</param>
/// <param name="ProviderEventId">Only the one with this id of the provider.</param>
/// <param name="ProviderObjectId">Only those about this object of the provider.</param>
/// <param name="OperationKey">Only those of this operation.</param>
/// <param name="BillingAccountId">Only those of this billing account.</param>
internal sealed record WebhookEventsRequest(
    PageLimit Limit,
    Cursor<WebhookEventId>? Cursor = null,
    WebhookState? State = null,
    string? Type = null,
    string? ProviderEventId = null,
    string? ProviderObjectId = null,
    string? OperationKey = null,
    BillingAccountId? BillingAccountId = null);

/// <summary>Which event.</summary>
/// <param name="Event">Its id.</param>
internal sealed record WebhookEventPath(WebhookEventId Event);

/// <summary>Which remediation.</summary>
/// <param name="Remediation">Its id.</param>
internal sealed record RemediationPath(RemediationId Remediation);

/// <summary>Which run.</summary>
/// <param name="Run">Its id.</param>
internal sealed record PaymentRunPath(PaymentReconciliationId Run);

/// <summary>Which checkout.</summary>
/// <param name="Checkout">Its id.</param>
internal sealed record CheckoutPath(CheckoutId Checkout);

/// <summary>A page of remediations, newest first.</summary>
/// <param name="Limit">How many.</param>
/// <param name="Cursor">Where to go on.</param>
/// <param name="Status">Only those that stand so.</param>
internal sealed record RemediationsRequest(
    PageLimit Limit, Cursor<RemediationId>? Cursor = null, RemediationStatus? Status = null);

/// <summary>A page of runs, newest first.</summary>
/// <param name="Limit">How many.</param>
/// <param name="Cursor">Where to go on.</param>
/// <param name="Scope">Only of this scope.</param>
internal sealed record PaymentRunsRequest(
    PageLimit Limit, Cursor<PaymentReconciliationId>? Cursor = null, ReconciliationScope? Scope = null);

/// <summary>A page of what a run found.</summary>
/// <param name="Run">The run.</param>
/// <param name="Limit">How many.</param>
/// <param name="Cursor">Where to go on.</param>
internal sealed record PaymentFindingsRequest(PaymentReconciliationId Run, PageLimit Limit, Cursor<Guid>? Cursor = null);

/// <summary>Why an operator does it.</summary>
/// <param name="Reason">In a person's words; kept in the audit log.</param>
internal sealed record OperatorReason(string Reason);

/// <summary>What to compare with the provider.</summary>
/// <param name="Scope">Which part.</param>
/// <param name="Mode">Of test or of live organisations.</param>
/// <param name="Reason">In a person's words; kept in the audit log.</param>
internal sealed record RunRequest(ReconciliationScope Scope, PaymentMode Mode, string Reason);

/// <summary>What a sweep does.</summary>
/// <param name="DryRun">Whether it only counts.</param>
/// <param name="Reason">In a person's words; kept in the audit log.</param>
internal sealed record SweepRequest(bool DryRun, string Reason);

/// <summary>How many were started again.</summary>
/// <param name="Count">Events.</param>
internal sealed record ReplayedEvents(int Count);

/// <summary>Stored news as the API shows it.</summary>
/// <param name="Id">The event.</param>
/// <param name="Provider">Who sent it.</param>
/// <param name="Mode">Of which mode.</param>
/// <param name="ProviderEventId">The provider's id.</param>
/// <param name="Type">The provider's word for what happened.</param>
/// <param name="ProviderCreatedAt">When it happened, as the provider says.</param>
/// <param name="ProviderObjectId">What it is about.</param>
/// <param name="ProviderCustomerId">Whom it concerns.</param>
/// <param name="State">How it stands.</param>
/// <param name="Attempts">How often it was gone through.</param>
/// <param name="DueAt">When it is tried next; null when it is not.</param>
/// <param name="ReceivedAt">When it was stored.</param>
/// <param name="FinishedAt">When it was done with.</param>
/// <param name="OrganisationId">Whose organisation; null while nobody found out.</param>
/// <param name="BillingAccountId">Whose billing account.</param>
/// <param name="OperationKey">Of which operation.</param>
/// <param name="Effect">What came of it.</param>
/// <param name="Error">Why it could not be applied.</param>
/// <param name="IsReplayable">Whether what it said is kept.</param>
internal sealed record WebhookEventAnswer(
    WebhookEventId Id,
    string Provider,
    PaymentMode Mode,
    string ProviderEventId,
    string Type,
    DateTimeOffset ProviderCreatedAt,
    string? ProviderObjectId,
    string? ProviderCustomerId,
    WebhookState State,
    int Attempts,
    DateTimeOffset? DueAt,
    DateTimeOffset ReceivedAt,
    DateTimeOffset? FinishedAt,
    OrgId? OrganisationId,
    BillingAccountId? BillingAccountId,
    string? OperationKey,
    string? Effect,
    string? Error,
    bool IsReplayable)
{
    public static WebhookEventAnswer Of(WebhookEventRow row) => new(
        row.Id,
        row.Place.Provider,
        row.Place.Mode,
        row.ProviderEvent,
        row.Type,
        row.ProviderCreatedAt,
        row.ProviderObject,
        row.ProviderCustomer,
        row.State,
        row.Attempts,
        row.DueAt,
        row.ReceivedAt,
        row.FinishedAt,
        row.Org,
        row.BillingAccount,
        row.OperationKey,
        row.Effect,
        row.Error,
        row.HasPayload && row.State is WebhookState.Failed or WebhookState.Dead);
}

/// <summary>A remediation as the API shows it.</summary>
/// <param name="Id">The remediation.</param>
/// <param name="OrganisationId">Whose organisation.</param>
/// <param name="BillingAccountId">Whose billing account.</param>
/// <param name="CanonicalSubscriptionId">The provider's subscription that stays.</param>
/// <param name="DuplicateSubscriptionId">The provider's subscription that is ended.</param>
/// <param name="Algorithm">The rules that chose.</param>
/// <param name="Status">How it stands.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="LastAttemptAt">When last.</param>
/// <param name="ResolvedAt">When it was done.</param>
/// <param name="Resolution">What came of it.</param>
/// <param name="Error">Why the last attempt failed.</param>
/// <param name="CreatedAt">When the duplicate was seen.</param>
internal sealed record RemediationAnswer(
    RemediationId Id,
    OrgId OrganisationId,
    BillingAccountId BillingAccountId,
    string CanonicalSubscriptionId,
    string DuplicateSubscriptionId,
    string Algorithm,
    RemediationStatus Status,
    int Attempts,
    DateTimeOffset? LastAttemptAt,
    DateTimeOffset? ResolvedAt,
    string? Resolution,
    string? Error,
    DateTimeOffset CreatedAt)
{
    public static RemediationAnswer Of(RemediationRow row) => new(
        row.Id,
        row.Org,
        row.BillingAccount,
        row.CanonicalProviderId,
        row.DuplicateProviderId,
        row.Algorithm,
        row.Status,
        row.Attempts,
        row.LastAttemptAt,
        row.ResolvedAt,
        row.Resolution,
        row.Error,
        row.CreatedAt);
}

/// <summary>A run as the API shows it.</summary>
/// <param name="Id">The run.</param>
/// <param name="Provider">Compared with whom.</param>
/// <param name="Mode">Of which mode.</param>
/// <param name="Scope">Which part.</param>
/// <param name="Status">How it stands.</param>
/// <param name="StartedBy">Who started it; <c>system</c> for its cadence.</param>
/// <param name="Runner">Which replica works, or worked, on it.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="FinishedAt">When it ended.</param>
/// <param name="ScannedCount">What it looked at.</param>
/// <param name="DriftCount">What did not fit.</param>
/// <param name="RepairedCount">What was repaired.</param>
/// <param name="FailedCount">What could not be compared or repaired.</param>
/// <param name="Error">Why it failed.</param>
internal sealed record PaymentRunAnswer(
    PaymentReconciliationId Id,
    string Provider,
    PaymentMode Mode,
    ReconciliationScope Scope,
    ReconciliationStatus Status,
    string StartedBy,
    string Runner,
    DateTimeOffset StartedAt,
    DateTimeOffset? FinishedAt,
    long ScannedCount,
    long DriftCount,
    long RepairedCount,
    long FailedCount,
    string? Error)
{
    public static PaymentRunAnswer Of(ReconciliationRunRow row) => new(
        row.Id,
        row.Place.Provider,
        row.Place.Mode,
        row.Scope,
        row.Status,
        row.StartedBy,
        row.Runner,
        row.StartedAt,
        row.FinishedAt,
        row.Scanned,
        row.Drift,
        row.Repaired,
        row.Failed,
        row.Error);
}

/// <summary>A finding as the API shows it.</summary>
/// <param name="OrganisationId">At which organisation.</param>
/// <param name="BillingAccountId">At which billing account.</param>
/// <param name="Kind">Of what.</param>
/// <param name="Subject">The provider's id of it.</param>
/// <param name="Stored">How it stood here.</param>
/// <param name="Said">How it stood at the provider.</param>
/// <param name="IsRepaired">Whether it fits now.</param>
/// <param name="Error">Why it could not be repaired.</param>
/// <param name="FoundAt">When.</param>
internal sealed record PaymentFindingAnswer(
    OrgId OrganisationId,
    BillingAccountId BillingAccountId,
    string Kind,
    string Subject,
    string Stored,
    string Said,
    bool IsRepaired,
    string? Error,
    DateTimeOffset FoundAt)
{
    public static PaymentFindingAnswer Of(ReconciliationFindingRow row) => new(
        row.Org, row.BillingAccount, row.Kind, row.Subject, row.Stored, row.Said, row.IsRepaired, row.Error, row.FoundAt);
}

/// <summary>What operators do about the provider's news, remediations and comparisons, over HTTP.</summary>
internal static class OperatorEndpoints
{
    /// <summary><c>GET /v1/payments/webhook-events</c>.</summary>
    public static async Task<Ok<Page<WebhookEventAnswer>>> ListEvents(
        Parameters<WebhookEventsRequest> parameters,
        WebhookOperations operations,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var request = parameters.Value;
        var query = new WebhookQuery(
            context.Caller().Org,
            request.BillingAccountId,
            request.State,
            request.Type,
            request.ProviderEventId,
            request.ProviderObjectId,
            request.OperationKey);
        var rows = await operations.List(query, request.Cursor?.Keys, request.Limit.RowsToFetch, cancellationToken);
        return TypedResults.Ok(Page.Of(rows, request.Limit, row => row.Id, WebhookEventAnswer.Of));
    }

    /// <summary><c>GET /v1/payments/webhook-events/{event}</c>.</summary>
    public static async Task<Results<Ok<WebhookEventAnswer>, Problem>> OneEvent(
        Parameters<WebhookEventPath> parameters, WebhookOperations operations, CancellationToken cancellationToken) =>
        await operations.Find(parameters.Value.Event, cancellationToken) is { } row
            ? TypedResults.Ok(WebhookEventAnswer.Of(row))
            : NoSuch(parameters.Value.Event);

    /// <summary><c>POST /v1/payments/webhook-events/{event}/replay</c>.</summary>
    public static async Task<Results<Ok<WebhookEventAnswer>, Problem>> ReplayEvent(
        Parameters<WebhookEventPath> parameters,
        OperatorReason body,
        WebhookOperations operations,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        if (WhyWrong(body.Reason) is { } wrong)
        {
            return wrong;
        }

        var id = parameters.Value.Event;
        return await operations.Replay(id, body.Reason, context.Caller().Actor, cancellationToken) switch
        {
            RetryOutcome.Started => TypedResults.Ok(WebhookEventAnswer.Of((await operations.Find(id, cancellationToken))!)),
            RetryOutcome.NotRetryable => new Problem(
                PaymentsProblems.WebhookNotReplayable, $"{id} is done with, at work, or what it said is forgotten."),
            _ => NoSuch(id),
        };
    }

    /// <summary><c>POST /v1/payments/webhook-events/replay-dead</c>.</summary>
    public static async Task<Results<Ok<ReplayedEvents>, Problem>> ReplayDead(
        OperatorReason body, WebhookOperations operations, HttpContext context, CancellationToken cancellationToken) =>
        WhyWrong(body.Reason) is { } wrong
            ? wrong
            : TypedResults.Ok(new ReplayedEvents(
                await operations.ReplayDead(body.Reason, context.Caller().Actor, cancellationToken)));

    /// <summary><c>GET /v1/payments/remediations</c>.</summary>
    public static async Task<Ok<Page<RemediationAnswer>>> ListRemediations(
        Parameters<RemediationsRequest> parameters,
        RemediationOperations operations,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var request = parameters.Value;
        var rows = await operations.List(
            context.Caller().Org, request.Status, request.Cursor?.Keys, request.Limit.RowsToFetch, cancellationToken);
        return TypedResults.Ok(Page.Of(rows, request.Limit, row => row.Id, RemediationAnswer.Of));
    }

    /// <summary><c>POST /v1/payments/remediations/{remediation}/retry</c>.</summary>
    public static async Task<Results<Ok<RemediationAnswer>, Problem>> RetryRemediation(
        Parameters<RemediationPath> parameters,
        OperatorReason body,
        RemediationOperations operations,
        Remediations remediations,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        if (WhyWrong(body.Reason) is { } wrong)
        {
            return wrong;
        }

        var (id, caller) = (parameters.Value.Remediation, context.Caller());
        return await operations.Retry(caller.RequiredOrg, id, body.Reason, caller.Actor, cancellationToken) switch
        {
            RetryOutcome.Started => TypedResults.Ok(
                RemediationAnswer.Of((await remediations.Peek(caller.RequiredOrg, id, cancellationToken))!)),
            RetryOutcome.NotRetryable => new Problem(
                PaymentsProblems.RemediationNotRetryable, $"{id} is done."),
            _ => NoSuch(id),
        };
    }

    private static Problem? WhyWrong(string reason) => InputText.Problem(reason, Limits.ReasonCharactersMax) is { } wrong
        ? PaymentEndpoints.Invalid(new Dictionary<string, string> { ["reason"] = wrong })
        : null;

    private static Problem NoSuch(object id) => new(PlatformProblems.NotFound, $"There is no {id} here.");

    /// <summary><c>GET /v1/payments/reconciliation-runs</c>.</summary>
    public static async Task<Ok<Page<PaymentRunAnswer>>> ListRuns(
        Parameters<PaymentRunsRequest> parameters, ReconciliationRuns runs, CancellationToken cancellationToken)
    {
        var request = parameters.Value;
        var rows = await runs.Newest(
            request.Cursor?.Keys, request.Scope, request.Limit.RowsToFetch, cancellationToken);
        return TypedResults.Ok(Page.Of(rows, request.Limit, row => row.Id, PaymentRunAnswer.Of));
    }

    /// <summary><c>GET /v1/payments/reconciliation-runs/{run}</c>.</summary>
    public static async Task<Results<Ok<PaymentRunAnswer>, Problem>> OneRun(
        Parameters<PaymentRunPath> parameters, ReconciliationRuns runs, CancellationToken cancellationToken) =>
        await runs.Find(parameters.Value.Run, cancellationToken) is { } row
            ? TypedResults.Ok(PaymentRunAnswer.Of(row))
            : NoSuch(parameters.Value.Run);

    /// <summary><c>GET /v1/payments/reconciliation-runs/{run}/findings</c>.</summary>
    public static async Task<Results<Ok<Page<PaymentFindingAnswer>>, Problem>> Findings(
        Parameters<PaymentFindingsRequest> parameters, ReconciliationRuns runs, CancellationToken cancellationToken)
    {
        var request = parameters.Value;
        if (await runs.Find(request.Run, cancellationToken) is null)
        {
            return NoSuch(request.Run);
        }

        var rows = await runs.Findings(
            request.Run, request.Cursor?.Keys, request.Limit.RowsToFetch, cancellationToken);
        return TypedResults.Ok(Page.Of(rows, request.Limit, row => row.Id, PaymentFindingAnswer.Of));
    }

    /// <summary><c>POST /v1/payments/reconciliation-runs</c>.</summary>
    public static async Task<Results<Accepted<PaymentRunAnswer>, Problem>> StartRun(
        RunRequest body, RunOperations operations, HttpContext context, CancellationToken cancellationToken)
    {
        if (WhyWrong(body.Reason) is { } wrong)
        {
            return wrong;
        }

        return await operations.Start(body.Mode, body.Scope, body.Reason, context.Caller().Actor, cancellationToken) switch
        {
            StartRunOutcome.Started(var run) =>
                TypedResults.Accepted($"/v1/payments/reconciliation-runs/{run.Id}", PaymentRunAnswer.Of(run)),
            StartRunOutcome.NotConfigured => new Problem(
                PaymentsProblems.PaymentsNotConfigured, $"No provider serves {Word.Of(body.Mode)} organisations."),
            _ => new Problem(PaymentsProblems.ReconciliationRunning, $"{Word.Of(body.Scope)} is being compared now."),
        };
    }

    /// <summary><c>POST /v1/payments/checkouts/{checkout}/requery</c>.</summary>
    public static async Task<Results<Ok<RequeriedCheckout>, Problem>> Requery(
        Parameters<CheckoutPath> parameters,
        OperatorReason body,
        RunOperations operations,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        if (WhyWrong(body.Reason) is { } wrong)
        {
            return wrong;
        }

        var (id, caller) = (parameters.Value.Checkout, context.Caller());
        return await operations.Requery(caller.RequiredOrg, id, body.Reason, caller.Actor, cancellationToken) switch
        {
            RequeryOutcome.Asked(var checkout) => TypedResults.Ok(checkout),
            RequeryOutcome.NotConfigured => new Problem(
                PaymentsProblems.PaymentsNotConfigured, "The checkout's provider is not configured."),
            RequeryOutcome.Running => new Problem(PaymentsProblems.ReconciliationRunning, "It is being compared now."),
            _ => NoSuch(id),
        };
    }

    /// <summary><c>POST /v1/payments/retention-sweeps</c>.</summary>
    public static async Task<Results<Ok<PaymentSweep>, Problem>> Sweep(
        SweepRequest body, RunOperations operations, HttpContext context, CancellationToken cancellationToken) =>
        WhyWrong(body.Reason) is { } wrong
            ? wrong
            : TypedResults.Ok(await operations.Sweep(body.DryRun, body.Reason, context.Caller().Actor, cancellationToken));
}
