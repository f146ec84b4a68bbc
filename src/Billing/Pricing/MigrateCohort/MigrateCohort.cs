using Microsoft.AspNetCore.Http;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Pricing.Internal;

/// <summary>Accounts to move from one version of a plan to another.</summary>
/// <param name="From">The version they have.</param>
/// <param name="To">A published version.</param>
/// <param name="When">As for one account: <c>usual</c>, <c>now</c>, <c>period_end</c> or <c>at</c>.</param>
/// <param name="At">A quarter hour to come, for <c>at</c>.</param>
/// <param name="DryRun">Whether only to show what it would move; the default.</param>
/// <param name="Limit">How many accounts this request takes, up to 200.</param>
/// <param name="Cursor">Where to go on, from the answer before.</param>
internal sealed record MigrationRequest(
    PlanVersionId From,
    PlanVersionId To,
    ChangeTime When = ChangeTime.PeriodEnd,
    DateTimeOffset? At = null,
    bool DryRun = true,
    int Limit = 100,
    string? Cursor = null);

/// <summary>One account of a cohort.</summary>
/// <param name="OrganisationId">The organisation.</param>
/// <param name="Assignment">What it has.</param>
/// <param name="Moved">Whether it was moved; false on a dry run and where there is a problem.</param>
/// <param name="Preview">What moving it does; null where there is a problem.</param>
/// <param name="Problem">Why it cannot be moved.</param>
internal sealed record MigrationRow(
    OrgId OrganisationId, AssignmentId Assignment, bool Moved, ChangePreview? Preview, string? Problem);

/// <summary>What moving a part of a cohort does.</summary>
/// <param name="IsDryRun">Whether nothing was moved.</param>
/// <param name="Accounts">The accounts of this part.</param>
/// <param name="FeesBefore">What a month of all of them costs until then.</param>
/// <param name="FeesAfter">What a month of all of them costs from then on.</param>
/// <param name="Net">What is due for the rest of the periods; negative goes back.</param>
/// <param name="NextCursor">Where to go on; null when these were the last.</param>
internal sealed record MigrationAnswer(
    bool IsDryRun,
    IReadOnlyList<MigrationRow> Accounts,
    Money FeesBefore,
    Money FeesAfter,
    Money Net,
    string? NextCursor);

/// <summary>
/// Moves a cohort in parts, an account a transaction: stopped anywhere it goes on where it was, and an account that was
/// moved is not found again.
/// </summary>
internal sealed class MigrateCohort(NpgsqlDataSource database, Plans plans)
{
    /// <summary><c>POST /v1/plan-migrations</c>.</summary>
    public static async Task<IResult> Handle(
        MigrationRequest request, MigrateCohort handler, HttpContext context, CancellationToken cancellationToken)
    {
        var cursor = request.Cursor is null ? null : Cursor<(OrgId Org, AssignmentId Id)>.Read(request.Cursor);
        if (request.Limit is <= 0 or > Limits.MigratedPerRequestMax || (request.Cursor is not null && cursor is null))
        {
            return new Problem(
                PricingProblems.PlanRefused,
                $"limit is 1 to {Limits.MigratedPerRequestMax}, and cursor is one of an answer before.");
        }

        var catalogue = await handler.Plans.Catalogue(cancellationToken);
        if (catalogue.Find(request.To) is not { Status: PlanStatus.Published } target || catalogue.Find(request.From) is null)
        {
            return new Problem(PlatformProblems.NotFound, "There is no such published version.");
        }

        return TypedResults.Ok(await handler.Migrate(
            request, target.Fee.Currency, cursor?.Keys, context.Caller().Actor, cancellationToken));
    }

    private Plans Plans => plans;

    private async Task<MigrationAnswer> Migrate(
        MigrationRequest request,
        Currency currency,
        (OrgId Org, AssignmentId Id)? after,
        string actor,
        CancellationToken cancellationToken)
    {
        var cohort = await Cohort(request.From, after, request.Limit + 1, cancellationToken);
        var rows = new List<MigrationRow>();
        foreach (var (org, assignment) in cohort.Take(request.Limit))
        {
            rows.Add(await Move(request, org, assignment, actor, cancellationToken));
        }

        ChangePreview[] moved = [.. rows.Select(row => row.Preview).OfType<ChangePreview>()];
        Money Sum(Func<ChangePreview, Money> part) =>
            moved.Aggregate(Money.Zero(currency), (sum, preview) => sum + part(preview));
        return new MigrationAnswer(
            request.DryRun,
            rows,
            Sum(preview => preview.FeeBefore),
            Sum(preview => preview.FeeAfter),
            Sum(preview => preview.Net),
            cohort.Count > request.Limit ? new Cursor<(OrgId, AssignmentId)>(cohort[request.Limit - 1]).ToString() : null);
    }

    private async Task<MigrationRow> Move(
        MigrationRequest request, OrgId org, AssignmentId assignment, string actor, CancellationToken cancellationToken)
    {
        var change = new PlanChange(org, assignment, request.To, request.When, request.At);
        var (preview, ending) = await plans.Assigning.Preview(change, cancellationToken);
        if (preview is not null && !request.DryRun)
        {
            ending = await plans.Change(change, actor, cancellationToken);
        }

        var problem = ending switch
        {
            null or AssignOutcome.Done => null,
            AssignOutcome.NotAssignable wrong => wrong.Reason,
            AssignOutcome.Refused refused => refused.Reason,
            _ => "It was changed meanwhile.",
        };
        return new MigrationRow(org, assignment, ending is AssignOutcome.Done, problem is null ? preview : null, problem);
    }

    // Those that have an end already go their own way.
    private const string CohortSql = """
        select org_id, assignment_id
        from pricing.plan_assignments
        where plan_version_id = $1
            and effective_to is null
            and (org_id, assignment_id) > ($2, $3)
        order by plan_version_id, org_id, assignment_id
        limit $4
        """;

    private async Task<List<(OrgId Org, AssignmentId Id)>> Cohort(
        PlanVersionId plan, (OrgId Org, AssignmentId Id)? after, int limit, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(
            CohortSql, plan.Value, after?.Org.Value ?? Guid.Empty, after?.Id.Value ?? Guid.Empty, limit);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var cohort = new List<(OrgId, AssignmentId)>();
        while (await row.ReadAsync(cancellationToken))
        {
            cohort.Add((new OrgId(row.GetGuid(0)), new AssignmentId(row.GetGuid(1))));
        }

        return cohort;
    }
}
