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
        if (body.Settlement == Settlement.Postpaid && !caller.May(Permission.OrganisationsManage))
        {
            // Who is billed afterwards owes money meanwhile: the operator decides who may.
            return AccountsProblems.Of(InvalidInput.Of(("settlement", "is chosen by whoever runs this Quoin"))!);
        }

        var outcome = await handler.Handle(
            caller.RequiredOrg, body, caller.Actor, context.IdempotentRequest(), cancellationToken);
        return outcome switch
        {
            OpenBillingAccountOutcome.Opened(var account) => TypedResults.Created((string?)null, account),
            OpenBillingAccountOutcome.NoSuchOrganisation => AccountsProblems.NoSuchOrganisation(caller.RequiredOrg),
            OpenBillingAccountOutcome.NoSuch(var what) => new Problem(
                PlatformProblems.NotFound, $"The organisation has no such {what}."),
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
            Instant.Now(time))
        {
            ProjectId = request.ProjectId,
            UserId = request.UserId,
            ParentBillingAccountId = request.ParentBillingAccountId,
        };
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await Missing(transaction, account, cancellationToken) is { } what)
        {
            return new OpenBillingAccountOutcome.NoSuch(what);
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

    private const string MissingSql = """
        select
            $2::uuid is null or exists (
                select 1 from accounts.projects where org_id = $1 and project_id = $2 and archived_at is null),
            $3::uuid is null or exists (
                select 1 from accounts.members where org_id = $1 and user_id = $3),
            $4::uuid is null or exists (
                select 1 from accounts.billing_accounts where org_id = $1 and billing_account_id = $4)
        """;

    private static async Task<string?> Missing(
        NpgsqlTransaction transaction, BillingAccountProfile account, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(
            MissingSql,
            account.OrganisationId.Value,
            account.ProjectId?.Value,
            account.UserId?.Value,
            account.ParentBillingAccountId?.Value);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        return !row.GetBoolean(0) ? "project" : !row.GetBoolean(1) ? "member" : !row.GetBoolean(2) ? "account" : null;
    }
}
