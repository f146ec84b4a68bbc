using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Limiting;
using Quoin.Platform;

namespace Quoin.Inference.Internal;

/// <summary>The routes of LiteLLM's proxy that keep budgets and customers, and show the organisation.</summary>
internal static class LiteLlmCustomers
{
    /// <summary><c>POST /budget/new</c>.</summary>
    public static async Task<IResult> NewBudget(
        JsonElement body, LiteLlmBudgets budgets, HttpContext context, CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        return Answer(await budgets.Create(caller.RequiredOrg, body, caller, cancellationToken));
    }

    /// <summary><c>POST /budget/update</c>.</summary>
    public static async Task<IResult> UpdateBudget(
        JsonElement body, LiteLlmBudgets budgets, HttpContext context, CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        return Answer(await budgets.Update(caller.RequiredOrg, body, caller, cancellationToken));
    }

    /// <summary><c>POST /budget/delete</c>.</summary>
    public static async Task<IResult> DeleteBudget(
        JsonElement body, LiteLlmBudgets budgets, HttpContext context, CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        return Answer(await budgets.Delete(caller.RequiredOrg, body, caller, cancellationToken));
    }

    /// <summary><c>POST /budget/info</c>.</summary>
    public static async Task<IResult> BudgetInfo(
        JsonElement body, LiteLlmBudgets budgets, HttpContext context, CancellationToken cancellationToken) =>
        Answer(await budgets.Info(context.Caller().RequiredOrg, body, cancellationToken));

    /// <summary><c>GET /budget/list</c>.</summary>
    public static async Task<IResult> ListBudgets(
        LiteLlmBudgets budgets, HttpContext context, CancellationToken cancellationToken) =>
        Answer(await budgets.List(context.Caller().RequiredOrg, cancellationToken));

    /// <summary><c>POST /customer/new</c>.</summary>
    public static async Task<IResult> NewCustomer(
        JsonElement body, LiteLlmTeams customers, HttpContext context, CancellationToken cancellationToken)
    {
        RefuseUnkept(body);
        var (caller, org) = (context.Caller(), context.Caller().RequiredOrg);
        var customer = await customers.Create(org, CallScopes.CustomerKind, body, caller, cancellationToken);
        return Answer(await customers.View(org, customer, cancellationToken));
    }

    /// <summary><c>POST /customer/update</c>.</summary>
    public static async Task<IResult> UpdateCustomer(
        JsonElement body, LiteLlmTeams customers, HttpContext context, CancellationToken cancellationToken)
    {
        RefuseUnkept(body);
        var (caller, org) = (context.Caller(), context.Caller().RequiredOrg);
        var customer = await customers.Update(org, CallScopes.CustomerKind, body, caller, cancellationToken);
        return Answer(await customers.View(org, customer, cancellationToken));
    }

    /// <summary><c>POST /customer/delete</c>.</summary>
    public static async Task<IResult> DeleteCustomers(
        JsonElement body, LiteLlmTeams customers, HttpContext context, CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        var deleted = await customers.Delete(caller.RequiredOrg, CallScopes.CustomerKind, body, caller, cancellationToken);
        return Answer(new JsonObject
        {
            ["deleted_customers"] = deleted.Count,
            ["message"] = $"Successfully deleted customers with ids: {string.Join(", ", deleted)}",
        });
    }

    /// <summary><c>POST /customer/block</c>.</summary>
    public static Task<IResult> BlockCustomers(
        JsonElement body, LiteLlmTeams customers, HttpContext context, CancellationToken cancellationToken) =>
        Block(body, true, customers, context, cancellationToken);

    /// <summary><c>POST /customer/unblock</c>.</summary>
    public static Task<IResult> UnblockCustomers(
        JsonElement body, LiteLlmTeams customers, HttpContext context, CancellationToken cancellationToken) =>
        Block(body, false, customers, context, cancellationToken);

    /// <summary><c>GET /customer/info</c>.</summary>
    public static async Task<IResult> CustomerInfo(
        LiteLlmTeams customers, HttpContext context, CancellationToken cancellationToken)
    {
        var org = context.Caller().RequiredOrg;
        var name = context.Text("end_user_id") ?? throw JsonMembers.Wrong("'end_user_id' is missing.");
        var customer = await customers.Find(org, CallScopes.CustomerKind, name, cancellationToken);
        return Answer(await customers.View(org, customer, cancellationToken));
    }

    /// <summary><c>GET /customer/list</c>.</summary>
    public static async Task<IResult> ListCustomers(
        LiteLlmTeams customers, HttpContext context, CancellationToken cancellationToken)
    {
        var (rows, _) = await customers.List(
            context.Caller().RequiredOrg,
            CallScopes.CustomerKind,
            null,
            Limits.LiteLlmRowsMax,
            (context.Number("page", 1, Limits.LiteLlmOffsetMax / Limits.LiteLlmRowsMax) - 1) * Limits.LiteLlmRowsMax,
            cancellationToken);
        return Answer(new JsonArray([.. rows]));
    }

    /// <summary><c>GET /organization/info</c>: of the caller's own.</summary>
    public static async Task<IResult> OrganisationInfo(
        Organisations organisations,
        Budgets budgets,
        LiteLlmTeams teams,
        LiteLlmSpend spend,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var org = context.Caller().RequiredOrg;
        return context.Text("organization_id") is { } named && named != org.ToString()
            ? throw new RefusedRequestException(PlatformProblems.NotFound, "There is no such organization.")
            : Answer(await Organisation(org, organisations, budgets, teams, spend, cancellationToken));
    }

    /// <summary><c>GET /organization/list</c>: the caller's own.</summary>
    public static async Task<IResult> ListOrganisations(
        Organisations organisations,
        Budgets budgets,
        LiteLlmTeams teams,
        LiteLlmSpend spend,
        HttpContext context,
        CancellationToken cancellationToken) =>
        Answer(new JsonArray(
            await Organisation(context.Caller().RequiredOrg, organisations, budgets, teams, spend, cancellationToken)));

    /// <summary>The other routes of organisations, which are made and changed elsewhere.</summary>
    public static IResult OrganisationsAreKeptElsewhere() => throw JsonMembers.Wrong(
        "Organizations, their members and models are not kept by a key of one: see /v1/organizations and /v1/budgets.");

    private static async Task<JsonObject> Organisation(
        OrgId org,
        Organisations organisations,
        Budgets budgets,
        LiteLlmTeams teams,
        LiteLlmSpend spend,
        CancellationToken cancellationToken)
    {
        var profile = await organisations.Find(org, cancellationToken)
            ?? throw new InvalidOperationException($"{org} was let in and does not exist.");
        var bounds = await budgets.List(org, SpendScope.Of(org), null, Limits.LiteLlmRowsMax, cancellationToken);
        var bound = bounds
            .Where(one => one.Budget is { Posture: SpendPosture.Hard, EndedAt: null })
            .MinBy(one => one.Budget.Amount.Micros);
        var (rows, _) = await teams.List(org, CallScopes.TeamKind, null, Limits.LiteLlmRowsMax, 0, cancellationToken);
        return new JsonObject
        {
            ["organization_id"] = org.ToString(),
            ["organization_alias"] = profile.Name,
            ["budget_id"] = bound?.Budget.Id.ToString(),
            ["spend"] = await spend.OfLastDays(org, cancellationToken),
            ["models"] = new JsonArray(),
            ["metadata"] = new JsonObject(),
            ["members"] = new JsonArray(),
            ["teams"] = new JsonArray([.. rows]),
            ["litellm_budget_table"] = bound is null ? null : new JsonObject
            {
                ["budget_id"] = bound.Budget.Id.ToString(),
                ["max_budget"] = Dollars.Of(bound.Budget.Amount),
                ["spend"] = Dollars.Of(bound.SpentMicros),
            },
        };
    }

    private static async Task<IResult> Block(
        JsonElement body, bool isBlocked, LiteLlmTeams customers, HttpContext context, CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        var names = await customers.BlockCustomers(caller.RequiredOrg, body, isBlocked, caller, cancellationToken);
        return Answer(new JsonObject { [isBlocked ? "blocked_users" : "unblocked_users"] = LiteLlmViews.Names(names) });
    }

    // Both decide who answers a call, which deployments and rules do here.
    private static void RefuseUnkept(JsonElement body)
    {
        foreach (var member in new[] { "allowed_model_region", "default_model" })
        {
            if (body.ValueKind == JsonValueKind.Object && body.Text(member) is { Length: > 0 })
            {
                throw JsonMembers.Wrong($"'{member}' is not supported here and must be left out.");
            }
        }
    }

    private static IResult Answer(JsonNode answer) => TypedResults.Json(answer, JsonSerializerOptions.Default);
}
