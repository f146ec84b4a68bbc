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

    /// <summary><c>POST /v1/payments/webhook-events/{event}/discard</c>.</summary>
    public static async Task<Results<Ok<WebhookEventAnswer>, Problem>> DiscardEvent(
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
        return await operations.Discard(id, body.Reason, context.Caller().Actor, cancellationToken) switch
        {
            RetryOutcome.Started => TypedResults.Ok(WebhookEventAnswer.Of((await operations.Find(id, cancellationToken))!)),
            RetryOutcome.NotRetryable => new Problem(
                PaymentsProblems.WebhookNotReplayable, $"{id} is done with, or at work."),
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

    /// <summary><c>POST /v1/payments/remediations/{remediation}/discard</c>.</summary>
    public static async Task<Results<Ok<RemediationAnswer>, Problem>> DiscardRemediation(
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
        return await operations.Discard(caller.RequiredOrg, id, body.Reason, caller.Actor, cancellationToken) switch
        {
            RetryOutcome.Started => TypedResults.Ok(
                RemediationAnswer.Of((await remediations.Peek(caller.RequiredOrg, id, cancellationToken))!)),
            RetryOutcome.NotRetryable => new Problem(
                PaymentsProblems.RemediationNotRetryable, $"{id} is done, or at work."),
            _ => NoSuch(id),
        };
    }

    /// <summary>What is wrong with a reason; null nothing.</summary>
    public static Problem? WhyWrong(string reason) => InputText.Problem(reason, Limits.ReasonCharactersMax) is { } wrong
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
