using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Limiting.Internal;

/// <summary>When to tell that a billing account's credit is low.</summary>
/// <param name="BillingAccount">Which billing account.</param>
/// <param name="Threshold">Below which it is told, in the account's currency; null tells no more.</param>
/// <param name="Reason">Why, for the audit log.</param>
internal sealed record BalanceAlertRequest(BillingAccountId BillingAccount, Money? Threshold, string Reason);

/// <summary>An alert that was set.</summary>
/// <param name="BillingAccount">Of which billing account.</param>
/// <param name="Threshold">Below which it is told; null is never.</param>
internal sealed record BalanceAlertAnswer(BillingAccountId BillingAccount, Money? Threshold);

/// <summary><c>PUT /v1/billing/balance-alert</c>: the operator says when a customer hears of low credit.</summary>
internal sealed class SetBalanceAlert(
    NpgsqlDataSource database, Organisations organisations, TimeProvider time, IAudit audit)
{
    public static async Task<Results<Ok<BalanceAlertAnswer>, Problem>> Endpoint(
        BalanceAlertRequest request, SetBalanceAlert handler, HttpContext context, CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        var account = await handler.Find(caller.RequiredOrg, request.BillingAccount, cancellationToken);
        if (account is null)
        {
            return new Problem(PlatformProblems.NotFound, $"There is no {request.BillingAccount}.");
        }

        var input = new LimitInput();
        input.Text("reason", request.Reason, Limits.ReasonLettersMax);
        if (request.Threshold is { } threshold)
        {
            input.That(threshold.Currency == account.Currency, "threshold", $"must be in {account.Currency}, the account's currency");
            input.That(threshold.Micros > 0, "threshold", "must be more than 0");
        }

        if (input.Failed(out var problem))
        {
            return problem;
        }

        await handler.Run(caller, request, context.IdempotentRequest(), cancellationToken);
        return TypedResults.Ok(new BalanceAlertAnswer(request.BillingAccount, request.Threshold));
    }

    private async ValueTask<BillingAccountProfile?> Find(
        OrgId org, BillingAccountId account, CancellationToken cancellationToken) =>
        await organisations.FindBillingAccount(org, account, cancellationToken);

    // Armed anew: whoever sets an alert wants to hear of it, also when the credit is below it already.
    private const string SetSql = """
        insert into limits.balance_alerts
            (org_id, billing_account_id, currency, threshold_micros, is_armed, changed_at)
        values ($1, $2, $3, $4, true, $5)
        on conflict (org_id, billing_account_id) do update
        set threshold_micros = excluded.threshold_micros,
            is_armed = true,
            changed_at = excluded.changed_at
        """;

    private const string RemoveSql = """
        delete from limits.balance_alerts
        where org_id = $1
            and billing_account_id = $2
        """;

    private async Task Run(
        Caller caller, BalanceAlertRequest request, IdempotentRequest idempotent, CancellationToken cancellationToken)
    {
        var org = caller.RequiredOrg;
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var command = request.Threshold is { } threshold
            ? transaction.Sql(
                SetSql,
                org.Value,
                request.BillingAccount.Value,
                threshold.Currency.Code,
                threshold.Micros,
                time.GetUtcNow())
            : transaction.Sql(RemoveSql, org.Value, request.BillingAccount.Value);
        await command.ExecuteNonQueryAsync(cancellationToken);
        var after = JsonSerializer.Serialize(new { request.Threshold }, JsonConventions.Options);
        await audit.Record(
            transaction,
            new AuditEntry(
                org, caller.Actor, "balance_alert.set", request.BillingAccount.ToString(), request.Reason, After: after),
            cancellationToken);
        await idempotent.Complete(transaction, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }
}
