using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Opens a further billing account in an organisation.</summary>
internal sealed class OpenBillingAccount(
    NpgsqlDataSource database, OrganisationReader organisations, IAudit audit, IdSource ids, TimeProvider time)
{
    /// <summary><c>POST /v1/billing-accounts</c>.</summary>
    public static async Task<Results<Created<BillingAccountProfile>, Problem>> Endpoint(
        NewBillingAccount body, OpenBillingAccount handler, HttpContext context, CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        var outcome = await handler.Handle(
            caller.RequiredOrg, body, caller.Actor, context.IdempotentRequest(), cancellationToken);
        return outcome switch
        {
            OpenBillingAccountOutcome.Opened(var account) => TypedResults.Created((string?)null, account),
            OpenBillingAccountOutcome.NoSuchOrganisation => AccountsProblems.NoSuchOrganisation(caller.RequiredOrg),
            OpenBillingAccountOutcome.Invalid(var input) => AccountsProblems.Of(input),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    public async Task<OpenBillingAccountOutcome> Handle(
        OrgId org,
        NewBillingAccount request,
        string actor,
        IdempotentRequest idempotent,
        CancellationToken cancellationToken)
    {
        if (Check(request) is { } invalid)
        {
            return new OpenBillingAccountOutcome.Invalid(invalid);
        }

        if (await organisations.Find(org, cancellationToken) is null)
        {
            return new OpenBillingAccountOutcome.NoSuchOrganisation();
        }

        var account = new BillingAccountProfile(
            ids.Next<BillingAccountId>(),
            org,
            IsDefault: false,
            request.Kind,
            request.Name,
            request.Currency,
            request.Settlement,
            BillingAccountStatus.Active,
            Instant.Now(time));
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await BillingAccountRows.Insert(transaction, account, actor, cancellationToken);
        await audit.Record(
            transaction,
            new AuditEntry(
                org,
                actor,
                "billing_account.opened",
                account.Id.ToString(),
                request.Reason,
                After: AuditState.Of(account)),
            cancellationToken);
        await idempotent.Complete(transaction, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new OpenBillingAccountOutcome.Opened(account);
    }

    private static InvalidInput? Check(NewBillingAccount request) => InvalidInput.Of(
        ("name", InputText.Problem(request.Name, Limits.NameLettersMax)),
        ("reason", InputText.OptionalProblem(request.Reason, Limits.ReasonLettersMax)));
}
