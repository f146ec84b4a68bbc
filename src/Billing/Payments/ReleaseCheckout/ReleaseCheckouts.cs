using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Payments.Internal;
using Quoin.Platform;

namespace Quoin.Payments.ReleaseCheckout;

/// <summary>Every way releasing a checkout can end, in the order they are checked.</summary>
internal abstract record ReleaseOutcome
{
    private ReleaseOutcome()
    {
    }

    /// <summary>The organisation has no such checkout.</summary>
    public sealed record NotFound : ReleaseOutcome;

    /// <summary>It is open or final: it releases itself, or is in nobody's way.</summary>
    public sealed record NotStuck(CheckoutStatus Status) : ReleaseOutcome;

    /// <summary>It is abandoned.</summary>
    public sealed record Released(ReleasedCheckout Checkout) : ReleaseOutcome;
}

/// <summary>Why a checkout is released.</summary>
/// <param name="Reason">In a person's words; kept in the audit log.</param>
public sealed record CheckoutRelease(string Reason);

/// <summary>A checkout that is in nobody's way any more.</summary>
/// <param name="Id">Its id.</param>
/// <param name="BillingAccountId">Whose it is.</param>
/// <param name="Status">How it stands.</param>
/// <param name="OperationKey">Names the operation in logs, events and at the provider.</param>
public sealed record ReleasedCheckout(
    CheckoutId Id, BillingAccountId BillingAccountId, CheckoutStatus Status, string OperationKey);

/// <summary>Which checkout.</summary>
/// <param name="Id">Its id.</param>
internal sealed record CheckoutReference(CheckoutId Id);

/// <summary>
/// Lets an operator end a checkout that blocks and does not end by itself: one whose subscription never came, or a hold
/// that a person knows to be needless. What the provider has is not touched: should somebody pay there all the same, the
/// news of it still finds its account.
/// </summary>
internal sealed class ReleaseCheckouts(
    NpgsqlDataSource database, AccountLock accounts, CheckoutStore checkouts, IAudit audit)
{
    public async Task<ReleaseOutcome> Handle(
        OrgId org, CheckoutId id, string reason, string actor, CancellationToken cancellationToken)
    {
        if (await checkouts.Peek(org, id, cancellationToken) is not { } seen)
        {
            return new ReleaseOutcome.NotFound();
        }

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var account = await accounts.Take(
            transaction, new BillingAccountKey(org, seen.BillingAccount), cancellationToken);
        var checkout = await checkouts.ById(account, id, cancellationToken)
            ?? throw new InvalidOperationException($"{id} went away while it was released.");
        if (checkout.Status is not (CheckoutStatus.CompletedPendingSubscription or CheckoutStatus.RecoveryVerificationPending))
        {
            return new ReleaseOutcome.NotStuck(checkout.Status);
        }

        await checkouts.Move(account, checkout, CheckoutStatus.Abandoned, cancellationToken);
        var entry = new AuditEntry(
            org,
            actor,
            "checkout.released",
            id.ToString(),
            reason,
            Before: State(checkout.Status),
            After: State(CheckoutStatus.Abandoned));
        await audit.Record(transaction, entry, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new ReleaseOutcome.Released(new ReleasedCheckout(
            id, checkout.BillingAccount, CheckoutStatus.Abandoned, checkout.OperationKey));
    }

    private static string State(CheckoutStatus status) =>
        JsonSerializer.Serialize(new { status }, JsonConventions.Options);

    /// <summary><c>POST /v1/payments/checkouts/{id}/release</c>.</summary>
    public static async Task<Results<Ok<ReleasedCheckout>, Problem>> Endpoint(
        Parameters<CheckoutReference> parameters,
        CheckoutRelease body,
        ReleaseCheckouts handler,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        if (InputText.Problem(body.Reason, Limits.ReasonCharactersMax) is { } wrong)
        {
            return PaymentEndpoints.Invalid(new Dictionary<string, string> { ["reason"] = wrong });
        }

        var caller = context.Caller();
        var outcome = await handler.Handle(
            caller.RequiredOrg, parameters.Value.Id, body.Reason, caller.Actor, cancellationToken);
        return outcome switch
        {
            ReleaseOutcome.Released(var checkout) => TypedResults.Ok(checkout),
            ReleaseOutcome.NotStuck(var status) => new Problem(
                PaymentsProblems.CheckoutTransitionInvalid, $"The checkout is {Word.Of(status)}."),
            _ => new Problem(PlatformProblems.NotFound, "There is no such checkout here."),
        };
    }
}
