using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Inference.Internal;

/// <summary>What deployments must be to answer calls of an organisation.</summary>
/// <param name="RequiredTags">Tags they must have, all of them; none where left out.</param>
/// <param name="Regions">Regions they must be in, one of them; any where left out.</param>
/// <param name="Reason">Why, for the audit log.</param>
internal sealed record RoutingRules(
    IReadOnlyList<string>? RequiredTags = null, IReadOnlyList<string>? Regions = null, string? Reason = null);

/// <summary>An organisation's rules for who may answer its calls; its keys may have stricter ones.</summary>
internal sealed class KeepRoutingRules(
    NpgsqlDataSource database, Routes routes, OrgRouting orgs, IAudit audit, TimeProvider time)
{
    /// <summary><c>GET /v1/inference/routing-rules</c>.</summary>
    public static async Task<Ok<RoutingRules>> ReadEndpoint(
        KeepRoutingRules handler, HttpContext context, CancellationToken cancellationToken) =>
        TypedResults.Ok(await handler.Read(context.Caller().RequiredOrg, cancellationToken));

    /// <summary><c>PUT /v1/inference/routing-rules</c>.</summary>
    public static async Task<Results<Ok<RoutingRules>, Problem>> SetEndpoint(
        RoutingRules body, KeepRoutingRules handler, HttpContext context, CancellationToken cancellationToken)
    {
        return Check(body).Failed(out var problem)
            ? problem
            : TypedResults.Ok(await handler.Set(context.Caller(), body, cancellationToken));
    }

    /// <summary>What is wrong with rules that are wanted.</summary>
    public static ConfigurationInput Check(RoutingRules wanted)
    {
        var input = new ConfigurationInput();
        input.Names("required_tags", wanted.RequiredTags);
        input.Names("regions", wanted.Regions);
        input.Text("reason", wanted.Reason);
        return input;
    }

    /// <summary>What deployments must be to answer an organisation's calls.</summary>
    public async Task<RoutingRule> Rule(OrgId org, CancellationToken cancellationToken) =>
        (await orgs.Of(org, cancellationToken)).Rule;

    private async Task<RoutingRules> Read(OrgId org, CancellationToken cancellationToken)
    {
        var rule = await Rule(org, cancellationToken);
        return new RoutingRules(rule.RequiredTags, rule.Regions);
    }

    private const string SetSql = """
        insert into inference.routing_rules (org_id, required_tags, regions, changed_at)
        values ($1, $2, $3, $4)
        on conflict (org_id) do update
        set required_tags = excluded.required_tags,
            regions = excluded.regions,
            changed_at = excluded.changed_at
        """;

    /// <summary>Says it, for the caller's organisation.</summary>
    public async Task<RoutingRules> Set(Caller caller, RoutingRules rules, CancellationToken cancellationToken)
    {
        var org = caller.RequiredOrg;
        var before = await Read(org, cancellationToken);
        var after = new RoutingRules(rules.RequiredTags ?? [], rules.Regions ?? []);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var command = transaction.Sql(
            SetSql, org.Value, after.RequiredTags!.ToArray(), after.Regions!.ToArray(), Instant.Now(time)))
        {
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        var entry = new AuditEntry(
            org,
            caller.Actor,
            "inference_routing_rules.set",
            org.ToString(),
            rules.Reason,
            AuditState.Of(before),
            AuditState.Of(after));
        await audit.Record(transaction, entry, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        routes.Forget();
        orgs.Forget(org);
        return after;
    }
}
