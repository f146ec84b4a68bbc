using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Limiting.Internal;

/// <summary>Where a subscription is to stand.</summary>
/// <param name="Status">The status.</param>
/// <param name="Reason">Why, for the audit log.</param>
internal sealed record StateRequest(BillingStatus Status, string Reason);

/// <summary>Where a subscription stands.</summary>
/// <param name="Status">The status.</param>
/// <param name="StatusSince">Since when.</param>
/// <param name="TrialEndsAt">When the trial ends or ended.</param>
internal sealed record StateAnswer(BillingStatus Status, DateTimeOffset StatusSince, DateTimeOffset TrialEndsAt);

/// <summary>Moves a billing state along its machine, audited; an operator asks, or a trial's end.</summary>
internal sealed class ChangeState(
    NpgsqlDataSource database,
    Organisations organisations,
    OrganisationClock clock,
    BillingStates states,
    IAudit audit,
    Quotas quotas)
{
    private const string SystemActor = "system";

    /// <summary><c>POST /v1/billing/state</c>.</summary>
    public static async Task<Results<Ok<StateAnswer>, Problem>> Endpoint(
        StateRequest request, ChangeState handler, HttpContext context, CancellationToken cancellationToken)
    {
        var input = new LimitInput();
        input.Text("reason", request.Reason, Limits.ReasonLettersMax);
        if (input.Failed(out var problem))
        {
            return problem;
        }

        var caller = context.Caller();
        var outcome = await handler.Move(
            caller.RequiredOrg, request.Status, caller.Actor, request.Reason, context.IdempotentRequest(), cancellationToken);
        return outcome switch
        {
            BillingStateOutcome.NotFound => new Problem(PlatformProblems.NotFound, "There is no such organisation."),
            BillingStateOutcome.Standing(var state) =>
                TypedResults.Ok(new StateAnswer(state.Status, state.StatusSince, state.TrialEndsAt)),
            BillingStateOutcome.Refused(var state) => new Problem(
                LimitsProblems.BillingStateRefused,
                $"It is {StoredWord.Of(state.Status)} and cannot become {StoredWord.Of(request.Status)}."),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    /// <summary>Moves on somebody's wish; standing there already is as good.</summary>
    public async Task<BillingStateOutcome> Move(
        OrgId org,
        BillingStatus to,
        string actor,
        string reason,
        IdempotentRequest idempotent,
        CancellationToken cancellationToken)
    {
        if (await organisations.Find(org, cancellationToken) is not { } profile)
        {
            return new BillingStateOutcome.NotFound();
        }

        await states.Read(profile, cancellationToken);
        var now = await clock.Now(org, cancellationToken);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var state = (await BillingStates.Lock(transaction, org, cancellationToken))!;
        if (state.Status != to && !BillingState.MayMove(state.Status, to))
        {
            return new BillingStateOutcome.Refused(state);
        }

        var moved = state.Status == to ? state : await Write(transaction, state, to, now, actor, reason, cancellationToken);
        await idempotent.Complete(transaction, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        quotas.Forget(org);
        return new BillingStateOutcome.Standing(moved);
    }

    /// <summary>Ends a trial at its instant, if it has come and nobody has ended it before.</summary>
    public async Task EndTrial(OrganisationProfile org, DateTimeOffset instant, Money? fee, CancellationToken cancellationToken)
    {
        await states.Read(org, cancellationToken);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var state = (await BillingStates.Lock(transaction, org.Id, cancellationToken))!;
        if (state.Status != BillingStatus.Trial || state.TrialEndsAt > instant)
        {
            return;
        }

        var to = BillingState.AfterTrial(fee);
        await Write(transaction, state, to, state.TrialEndsAt, SystemActor, "the trial ended", cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        quotas.Forget(org.Id);
    }

    private async Task<BillingState> Write(
        NpgsqlTransaction transaction,
        BillingState before,
        BillingStatus to,
        DateTimeOffset since,
        string actor,
        string reason,
        CancellationToken cancellationToken)
    {
        var after = before with { Status = to, StatusSince = since };
        await BillingStates.Write(transaction, after, cancellationToken);
        await audit.Record(
            transaction,
            new AuditEntry(before.Org, actor, "billing_state.changed", before.Org.ToString(), reason, Json(before), Json(after)),
            cancellationToken);
        return after;
    }

    private static string Json(BillingState state) => JsonSerializer.Serialize(
        new { state.Status, state.StatusSince, state.TrialEndsAt }, JsonConventions.Options);
}
