using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Creates an organisation and its default billing account.</summary>
internal sealed class CreateOrganisation(
    NpgsqlDataSource database, OrgDirectory directory, IAudit audit, IdSource ids, TimeProvider time)
{
    /// <summary><c>POST /v1/organisations</c>.</summary>
    public static async Task<Results<Created<OrganisationProfile>, Problem>> Endpoint(
        NewOrganisation body, CreateOrganisation handler, HttpContext context, CancellationToken cancellationToken)
    {
        var outcome = await handler.Handle(
            body, context.Caller().Actor, context.IdempotentRequest(), cancellationToken);
        return outcome switch
        {
            CreateOrganisationOutcome.Created(var organisation) =>
                TypedResults.Created((string?)null, organisation),
            CreateOrganisationOutcome.SlugTaken(var slug) =>
                new Problem(AccountsProblems.SlugTaken, $"Another organisation has the slug '{slug}'."),
            CreateOrganisationOutcome.Invalid(var input) => AccountsProblems.Of(input),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    public async Task<CreateOrganisationOutcome> Handle(
        NewOrganisation request, string actor, IdempotentRequest idempotent, CancellationToken cancellationToken)
    {
        if (Check(request) is { } invalid)
        {
            return new CreateOrganisationOutcome.Invalid(invalid);
        }

        var organisation = Decide(request);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (!await Write(transaction, organisation, actor, request.Reason, cancellationToken))
        {
            return new CreateOrganisationOutcome.SlugTaken(request.Slug!);
        }

        await idempotent.Complete(transaction, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new CreateOrganisationOutcome.Created(organisation);
    }

    /// <summary>Writes an organisation with all it has from its first moment, in the caller's transaction.</summary>
    /// <returns>False when another one has its slug; the transaction can go on.</returns>
    public async Task<bool> Write(
        NpgsqlTransaction transaction,
        OrganisationProfile organisation,
        string actor,
        string? reason,
        CancellationToken cancellationToken)
    {
        if (!await ClaimSlug(transaction, organisation, cancellationToken))
        {
            return false;
        }

        await Insert(transaction, organisation, actor, cancellationToken);
        await BillingAccountRows.Insert(transaction, organisation.DefaultBillingAccount, actor, cancellationToken);
        if (organisation.Mode == OrganisationMode.Test)
        {
            await OrganisationClock.MakeSettable(transaction, organisation.Id, cancellationToken);
        }

        await audit.Record(
            transaction,
            new AuditEntry(
                organisation.Id,
                actor,
                "organisation.created",
                organisation.Id.ToString(),
                reason,
                After: AuditState.Of(organisation)),
            cancellationToken);
        return true;
    }

    /// <summary>The new organisation a request asks for.</summary>
    public OrganisationProfile Decide(NewOrganisation request) =>
        Decide(request, ids.Next<OrgId>(), ids.Next<BillingAccountId>(), Instant.Now(time));

    /// <summary>What is wrong with a request; null when nothing is.</summary>
    public static InvalidInput? Check(NewOrganisation request) => InvalidInput.Of(
        ("name", InputText.Problem(request.Name, Limits.NameLettersMax)),
        ("slug", SlugText.Problem(request.Slug)),
        ("reason", InputText.OptionalProblem(request.Reason, Limits.ReasonLettersMax)));

    private static OrganisationProfile Decide(
        NewOrganisation request, OrgId id, BillingAccountId defaultId, DateTimeOffset now) => new(
        id,
        request.Name,
        request.Slug,
        request.Mode,
        new BillingAccountProfile(
            defaultId,
            id,
            IsDefault: true,
            BillingAccountKind.Organisation,
            request.Name,
            request.Currency ?? Currency.Usd,
            request.Settlement,
            BillingAccountStatus.Active,
            now),
        now);

    // Slugs are unique over all organisations, which no index of a table spread by organisation can promise.
    private async Task<bool> ClaimSlug(
        NpgsqlTransaction transaction, OrganisationProfile organisation, CancellationToken cancellationToken)
    {
        if (organisation.Slug is null)
        {
            return true;
        }

        var outcome = await directory.Add(
            transaction,
            DirectoryKinds.Slug,
            OrgDirectory.HashOf(organisation.Slug),
            organisation.Id,
            organisation.Id.Value,
            cancellationToken);
        return outcome is DirectoryOutcome.Added;
    }

    private const string InsertSql = """
        insert into accounts.organisations (org_id, name, slug, mode, created_by, created_at, kind)
        values ($1, $2, $3, $4, $5, $6, $7)
        """;

    private static async Task Insert(
        NpgsqlTransaction transaction,
        OrganisationProfile organisation,
        string actor,
        CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(
            InsertSql,
            organisation.Id.Value,
            organisation.Name,
            organisation.Slug,
            StoredWord.Of(organisation.Mode),
            actor,
            organisation.CreatedAt,
            StoredWord.Of(organisation.Kind));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
