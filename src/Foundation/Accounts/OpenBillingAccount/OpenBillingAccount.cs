using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Opens a further billing account in an organisation.</summary>
internal sealed class OpenBillingAccount(NpgsqlDataSource database, IAudit audit, IdSource ids, TimeProvider time)
{
    /// <summary><c>POST /v1/billing-accounts</c>.</summary>
    public static async Task<Results<Created<BillingAccountProfile>, Problem>> Endpoint(
        NewBillingAccount body, OpenBillingAccount handler, HttpContext context, CancellationToken cancellationToken)
    {
        var outcome = await handler.Handle(context.Caller(), body, context.IdempotentRequest(), cancellationToken);
        return outcome switch
        {
            OpenBillingAccountOutcome.Opened(var account) => TypedResults.Created((string?)null, account),
            OpenBillingAccountOutcome.NoSuchOrganisation => AccountsProblems.NoSuchOrganisation(
                context.Caller().RequiredOrg),
            OpenBillingAccountOutcome.NoSuch(var what) => AccountsProblems.NoSuch(what),
            OpenBillingAccountOutcome.ProjectHasOne(var other) => AccountsProblems.HasAnother(other),
            OpenBillingAccountOutcome.TooMany => new Problem(
                AccountsProblems.TooManyBillingAccounts, $"There are already {Limits.BillingAccountsMax}."),
            OpenBillingAccountOutcome.Invalid(var input) => AccountsProblems.Of(input),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    /// <summary>Opens one where the caller acts; only the operator lets anybody owe.</summary>
    public Task<OpenBillingAccountOutcome> Handle(
        Caller caller, NewBillingAccount request, IdempotentRequest idempotent, CancellationToken cancellationToken)
    {
        // Who is billed afterwards owes money meanwhile: the operator decides who may.
        var owes = request.Settlement == Settlement.Postpaid && !caller.May(Permission.OrganisationsManage);
        return owes
            ? Task.FromResult<OpenBillingAccountOutcome>(new OpenBillingAccountOutcome.Invalid(
                InvalidInput.Of(("settlement", "is chosen by whoever runs this Quoin"))!))
            : Handle(caller.RequiredOrg, request, caller.Actor, idempotent, cancellationToken);
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

        var account = new BillingAccountProfile(
            ids.Next<BillingAccountId>(),
            org,
            IsDefault: false,
            request.Kind,
            request.Name,
            request.Currency,
            request.Settlement,
            BillingAccountStatus.Active,
            Instant.Now(time))
        {
            ProjectId = request.ProjectId,
            UserId = request.UserId,
            ParentBillingAccountId = request.ParentBillingAccountId,
        };
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await MemberRows.TakeTurn(transaction, org, cancellationToken) is null)
        {
            return new OpenBillingAccountOutcome.NoSuchOrganisation();
        }

        if (await Refusal(transaction, account, cancellationToken) is { } refusal)
        {
            return refusal;
        }

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
        ("project_id", request.ProjectId is null || request.Kind == BillingAccountKind.Project
            ? null : "is for the kind project"),
        ("user_id", request.UserId is null || request.Kind == BillingAccountKind.User ? null : "is for the kind user"),
        ("reason", InputText.OptionalProblem(request.Reason, Limits.ReasonLettersMax)));

    private static async Task<OpenBillingAccountOutcome?> Refusal(
        NpgsqlTransaction transaction, BillingAccountProfile account, CancellationToken cancellationToken)
    {
        if (await BillingAccountRows.Missing(transaction, account, cancellationToken) is { } what)
        {
            return new OpenBillingAccountOutcome.NoSuch(what);
        }

        if (await BillingAccountRows.OpenOfProject(transaction, account, cancellationToken) is { } other)
        {
            return new OpenBillingAccountOutcome.ProjectHasOne(other);
        }

        return await BillingAccountRows.Count(transaction, account.OrganisationId, cancellationToken)
            >= Limits.BillingAccountsMax
                ? new OpenBillingAccountOutcome.TooMany()
                : null;
    }
}
