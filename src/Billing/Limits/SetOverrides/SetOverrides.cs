using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;
using Quoin.Pricing;

namespace Quoin.Limiting.Internal;

/// <summary>All overrides of an organisation, in place of those it had.</summary>
/// <param name="Overrides">The overrides; one without limit and enforcement is none.</param>
/// <param name="Reason">Why, for the audit log.</param>
internal sealed record OverridesRequest(IReadOnlyList<OverrideInput> Overrides, string Reason);

/// <summary>What to change of one limit.</summary>
/// <param name="Code">Which limit.</param>
/// <param name="Limit">The limit in place of the plan's: 0 is none at all; null leaves the plan's.</param>
/// <param name="Enforcement">The enforcement in place of the plan's; null leaves the plan's.</param>
internal sealed record OverrideInput(string Code, decimal? Limit = null, QuotaEnforcement? Enforcement = null);

/// <summary><c>PUT /v1/billing/overrides</c>: the operator changes limits of one organisation, audited.</summary>
internal sealed class SetOverrides(
    NpgsqlDataSource database,
    Organisations organisations,
    BillingStates states,
    TimeProvider time,
    IAudit audit,
    Quotas quotas)
{
    public static async Task<Results<Ok<SummaryAnswer>, Problem>> Endpoint(
        OverridesRequest request, SetOverrides handler, HttpContext context, CancellationToken cancellationToken)
    {
        if (Check(request).Failed(out var problem))
        {
            return problem;
        }

        var caller = context.Caller();
        LimitOverride[] overrides =
        [
            .. request.Overrides
                .Where(one => one.Limit is not null || one.Enforcement is not null)
                .Select(one => new LimitOverride(one.Code, one.Limit, one.Enforcement)),
        ];
        var summary = await handler.Run(
            caller.RequiredOrg, overrides, caller.Actor, request.Reason, context.IdempotentRequest(), cancellationToken);
        return summary is null
            ? new Problem(PlatformProblems.NotFound, "There is no such organisation.")
            : TypedResults.Ok(ReadLimits.Shown(summary));
    }

    private static LimitInput Check(OverridesRequest request)
    {
        var input = new LimitInput();
        input.Text("reason", request.Reason, Limits.ReasonLettersMax);
        input.That(request.Overrides.Count <= Limits.OverridesMax, "overrides", $"may have at most {Limits.OverridesMax} members");

        // JSON may hold a null where a list's member is asked for.
        input.That(request.Overrides.All(one => one is not null), "overrides", "must not have null members");
        if (input.HasFailed)
        {
            return input;
        }

        input.That(
            request.Overrides.DistinctBy(one => one.Code).Count() == request.Overrides.Count,
            "overrides",
            "must name each code once");
        foreach (var (index, one) in request.Overrides.Take(Limits.OverridesMax).Index())
        {
            input.Text($"overrides[{index}].code", one.Code, Limits.CodeLettersMax);
            if (one.Limit is { } limit)
            {
                input.Amount($"overrides[{index}].limit", limit, mayBeZero: true);
            }
        }

        return input;
    }

    private const string DeleteSql = """
        delete from limits.overrides
        where org_id = $1
        """;

    private const string InsertSql = """
        insert into limits.overrides (org_id, code, limit_quantity, enforcement, set_at)
        select $1, code, limit_quantity, enforcement, $5
        from unnest($2::text[], $3::numeric[], $4::text[]) as given (code, limit_quantity, enforcement)
        """;

    private async Task<BillingSummary?> Run(
        OrgId org,
        LimitOverride[] overrides,
        string actor,
        string reason,
        IdempotentRequest idempotent,
        CancellationToken cancellationToken)
    {
        if (await organisations.Find(org, cancellationToken) is not { } profile)
        {
            return null;
        }

        await states.Read(profile, cancellationToken);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);

        // The state's row is the lock of all overrides: two who replace them at once do so one after the other.
        await BillingStates.Lock(transaction, org, cancellationToken);
        var before = await BillingStates.ReadOverrides(transaction, org, cancellationToken);
        await using (var batch = transaction.Batch())
        {
            batch.Sql(DeleteSql, org.Value);
            batch.Sql(
                InsertSql,
                org.Value,
                Array.ConvertAll(overrides, one => one.Code),
                Array.ConvertAll(overrides, one => one.Limit),
                Array.ConvertAll(overrides, one => one.Enforcement is { } word ? StoredWord.Of(word) : null),
                time.GetUtcNow());
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }

        var entry = new AuditEntry(org, actor, "limit_overrides.set", org.ToString(), reason, Json(before), Json(overrides));
        await audit.Record(transaction, entry, cancellationToken);
        await idempotent.Complete(transaction, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        quotas.Forget(org);
        return await quotas.Summary(org, cancellationToken);
    }

    private static string Json(IEnumerable<LimitOverride> overrides) =>
        JsonSerializer.Serialize(new { Overrides = overrides }, JsonConventions.Options);
}
