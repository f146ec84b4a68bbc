using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Quoin.Inference.Internal;
using Quoin.Platform;

namespace Quoin.Inference;

/// <summary>The routes of LiteLLM's proxy, so that programs made for it work: where it has them, in its shapes.</summary>
public static partial class InferenceModule
{
    private static void AddLiteLlm(IServiceCollection services)
    {
        services.AddSingleton<ScopeBudgets>();
        services.AddSingleton<LiteLlmKeys>();
        services.AddSingleton<LiteLlmTeams>();
        services.AddSingleton<LiteLlmMembers>();
        services.AddSingleton<SpendSums>();
        services.AddSingleton<LiteLlmSpend>();
        services.AddSingleton<LiteLlmBudgets>();
        services.AddSingleton<LiteLlmActivity>();
        services.AddSingleton<LiteLlmCost>();
    }

    private static void MapLiteLlm(IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("").WithTags("LiteLLM").LimitsBody(Limits.MoneyBodyBytesMax).WithMetadata(new LiteLlmErrors());
        MapLiteLlmKeys(api);
        MapLiteLlmTeams(api);
        MapLiteLlmBudgets(api);
        MapLiteLlmCustomers(api, "customer", "Customer");
        MapLiteLlmCustomers(api, "end_user", "EndUser");
        MapLiteLlmOrganisations(api);
        MapLiteLlmSpend(api);
        MapLiteLlmCalls(routes);
        const string models = "List the models that may be called";
        Read(api, "/model/info", LiteLlmEndpoints.ModelInfo, models, "ModelInfo", Permission.InferenceCall);
        Read(api, "/v1/model/info", LiteLlmEndpoints.ModelInfo, models, "ModelInfoV1", Permission.InferenceCall);
        api.MapGet("/health/liveliness", LiteLlmEndpoints.Liveliness).AllowsAnyone().ExcludeFromDescription();
        api.MapGet("/health/liveness", LiteLlmEndpoints.Liveliness).AllowsAnyone().ExcludeFromDescription();
        api.MapGet("/health/readiness", LiteLlmEndpoints.Readiness).AllowsAnyone().ExcludeFromDescription();
    }

    private static void MapLiteLlmKeys(RouteGroupBuilder api)
    {
        Keep(api, "/key/generate", LiteLlmEndpoints.GenerateKey, "Make a virtual key", "GenerateKey")
            .ShowsBody("""{"key_alias":"agent","max_budget":5.0,"budget_duration":"30d","models":["demo-echo"]}""");
        Keep(
                api,
                "/key/service-account/generate",
                LiteLlmEndpoints.GenerateServiceKey,
                "Make a virtual key of a team alone",
                "GenerateServiceKey")
            .ShowsBody("""{"key_alias":"nightly","team_id":"research"}""");
        Keep(api, "/key/update", LiteLlmEndpoints.UpdateKey, "Change a virtual key", "UpdateKey");
        Keep(api, "/key/delete", LiteLlmEndpoints.DeleteKeys, "Delete virtual keys", "DeleteKeys");
        Keep(api, "/key/regenerate", LiteLlmEndpoints.RegenerateKey, "Replace a virtual key", "RegenerateKey");
        Keep(api, "/key/{key}/regenerate", LiteLlmEndpoints.RegenerateNamedKey, "Replace a virtual key", "RegenerateNamedKey");
        Keep(api, "/key/block", LiteLlmEndpoints.BlockKey, "Keep a virtual key from calling", "BlockKey");
        Keep(api, "/key/unblock", LiteLlmEndpoints.UnblockKey, "Let a virtual key call again", "UnblockKey");
        Read(api, "/key/info", LiteLlmEndpoints.KeyInfo, "Show a virtual key, or one's own", "KeyInfo", Permission.InferenceCall);
        Read(api, "/key/list", LiteLlmEndpoints.ListKeys, "List virtual keys", "ListKeys", Permission.VirtualKeysManage);
    }

    private static void MapLiteLlmTeams(RouteGroupBuilder api)
    {
        Keep(api, "/team/new", LiteLlmEndpoints.NewTeam, "Make a team", "NewTeam")
            .ShowsBody("""{"team_id":"research","max_budget":100,"budget_duration":"30d"}""");
        Keep(api, "/team/update", LiteLlmEndpoints.UpdateTeam, "Change a team", "UpdateTeam");
        Keep(api, "/team/delete", LiteLlmEndpoints.DeleteTeams, "Delete teams, and their keys", "DeleteTeams");
        Keep(api, "/team/block", LiteLlmEndpoints.BlockTeam, "Keep a team from calling", "BlockTeam");
        Keep(api, "/team/unblock", LiteLlmEndpoints.UnblockTeam, "Let a team call again", "UnblockTeam");
        Keep(api, "/team/member_add", LiteLlmEndpoints.AddMembers, "Take members into a team", "AddTeamMembers");
        Keep(api, "/team/member_delete", LiteLlmEndpoints.RemoveMembers, "Let a member of a team go", "DeleteTeamMember");
        Keep(api, "/team/member_update", LiteLlmEndpoints.UpdateMember, "Change what a member may do within a team", "UpdateTeamMember")
            .ShowsBody("""{"team_id":"research","user_id":"ann","max_budget_in_team":20,"budget_duration":"30d"}""");
        Keep(api, "/team/model/add", LiteLlmEndpoints.AddTeamModels, "Let a team call further models", "AddTeamModels")
            .ShowsBody("""{"team_id":"research","models":["demo-echo"]}""");
        Keep(api, "/team/model/delete", LiteLlmEndpoints.RemoveTeamModels, "Let a team call some models no longer", "DeleteTeamModels");
        Read(api, "/team/info", LiteLlmEndpoints.TeamInfo, "Show a team and its keys", "TeamInfo", Permission.VirtualKeysManage);
        Read(api, "/team/list", LiteLlmEndpoints.ListTeams, "List teams", "ListTeams", Permission.VirtualKeysManage);
        Keep(api, "/user/new", LiteLlmEndpoints.NewUser, "Make a user, with a key", "NewUser");
        Keep(api, "/user/update", LiteLlmEndpoints.UpdateUser, "Change a user", "UpdateUser");
        Keep(api, "/user/delete", LiteLlmEndpoints.DeleteUsers, "Delete users, and their keys", "DeleteUsers");
        Read(api, "/user/info", LiteLlmEndpoints.UserInfo, "Show a user and their keys", "UserInfo", Permission.VirtualKeysManage);
        Read(api, "/user/list", LiteLlmEndpoints.ListUsers, "List users", "ListUsers", Permission.VirtualKeysManage);
    }

    private static void MapLiteLlmBudgets(RouteGroupBuilder api)
    {
        Keep(api, "/budget/new", LiteLlmCustomers.NewBudget, "Make limits that keys and customers may share", "NewBudget")
            .ShowsBody("""{"budget_id":"trial","max_budget":5,"budget_duration":"30d","rpm_limit":60}""");
        Keep(api, "/budget/update", LiteLlmCustomers.UpdateBudget, "Change shared limits", "UpdateBudget");
        Keep(api, "/budget/delete", LiteLlmCustomers.DeleteBudget, "Delete shared limits that nobody has", "DeleteBudget");
        Keep(api, "/budget/info", LiteLlmCustomers.BudgetInfo, "Show some shared limits", "BudgetInfo");
        Read(api, "/budget/list", LiteLlmCustomers.ListBudgets, "List shared limits", "ListBudgets", Permission.VirtualKeysManage);
    }

    // LiteLLM has them by two names, of which it describes one.
    private static void MapLiteLlmCustomers(RouteGroupBuilder api, string path, string name)
    {
        RouteHandlerBuilder[] all =
        [
            Keep(api, $"/{path}/new", LiteLlmCustomers.NewCustomer, "Hold whom calls name to something", $"New{name}"),
            Keep(api, $"/{path}/update", LiteLlmCustomers.UpdateCustomer, "Change a customer", $"Update{name}"),
            Keep(api, $"/{path}/delete", LiteLlmCustomers.DeleteCustomers, "Forget customers", $"Delete{name}s"),
            Keep(api, $"/{path}/block", LiteLlmCustomers.BlockCustomers, "Keep customers from calling", $"Block{name}s"),
            Keep(api, $"/{path}/unblock", LiteLlmCustomers.UnblockCustomers, "Let customers call again", $"Unblock{name}s"),
            Read(
                api, $"/{path}/info", LiteLlmCustomers.CustomerInfo, "Show a customer", $"{name}Info", Permission.VirtualKeysManage),
            Read(
                api, $"/{path}/list", LiteLlmCustomers.ListCustomers, "List customers", $"List{name}s", Permission.VirtualKeysManage),
        ];
        if (path != "customer")
        {
            Array.ForEach(all, route => route.ExcludeFromDescription());
        }
    }

    private static void MapLiteLlmOrganisations(RouteGroupBuilder api)
    {
        Read(
            api,
            "/organization/info",
            LiteLlmCustomers.OrganisationInfo,
            "Show one's own organisation",
            "OrganizationInfo",
            Permission.UsageRead);
        Read(
            api,
            "/organization/list",
            LiteLlmCustomers.ListOrganisations,
            "List one's own organisation",
            "ListOrganizations",
            Permission.UsageRead);
        foreach (var act in new[] { "new", "update", "delete", "member_add", "member_update", "member_delete" })
        {
            api.MapMethods(
                    $"/organization/{act}",
                    [HttpMethods.Post, HttpMethods.Patch, HttpMethods.Delete],
                    LiteLlmCustomers.OrganisationsAreKeptElsewhere)
                .AddEndpointFilter<RouteHandlerBuilder, LiteLlmRefusals>()
                .ExcludeFromDescription()
                .Requires(Permission.VirtualKeysManage);
        }
    }

    private static void MapLiteLlmSpend(RouteGroupBuilder api)
    {
        Spend("/spend/logs", LiteLlmSpend.Logs, "Show what was spent, by day or call by call", "SpendLogs");
        Spend("/spend/logs/v2", LiteLlmSpend.Pages, "Show what was spent, call by call", "SpendLogsV2");
        Spend("/spend/tags", LiteLlmSpend.ByTag, "Sum up what was spent by tag", "SpendTags");
        Spend("/global/spend", LiteLlmSpend.Total, "Sum up what was spent", "GlobalSpend");
        Spend("/global/spend/logs", LiteLlmSpend.ByDay, "Sum up what was spent by day", "GlobalSpendLogs");
        Spend("/global/spend/keys", LiteLlmSpend.ByKey, "Show which keys spent most", "GlobalSpendKeys");
        Spend("/global/spend/models", LiteLlmSpend.ByModel, "Show which models most was spent on", "GlobalSpendModels");
        Spend("/global/spend/provider", LiteLlmSpend.ByProvider, "Sum up what was spent by provider", "GlobalSpendProvider");
        Spend("/global/spend/teams", LiteLlmSpend.ByTeam, "Sum up what was spent by team and day", "GlobalSpendTeams");
        Spend("/global/spend/tags", LiteLlmSpend.ByTag, "Sum up what was spent by tag", "GlobalSpendTags");
        Spend("/global/spend/report", LiteLlmSpend.Report, "Report what was spent by team or key", "GlobalSpendReport");
        Spend("/global/activity", LiteLlmSpend.Activity, "Count calls and tokens by day", "GlobalActivity");
        Spend("/user/daily/activity", LiteLlmActivity.OfUsers, "Show what users used by day", "UserDailyActivity");
        Spend("/team/daily/activity", LiteLlmActivity.OfTeams, "Show what teams used by day", "TeamDailyActivity");
        Spend("/tag/daily/activity", LiteLlmActivity.OfTags, "Show what was used under tags by day", "TagDailyActivity");
        api.MapPost("/spend/calculate", LiteLlmCost.Endpoint)
            .AddEndpointFilter<RouteHandlerBuilder, LiteLlmRefusals>()
            .WithName("litellmCalculateSpend")
            .WithSummary("Work out what a call would cost, as LiteLLM does")
            .Accepts<JsonObject>("application/json")
            .Produces<JsonObject>()
            .MayAnswer(
                InferenceProblems.InvalidModelRequest, InferenceProblems.ModelNotFound, InferenceProblems.ModelNotPriced)
            .ShowsBody("""{"model":"demo-echo","messages":[{"role":"user","content":"Hello"}]}""")
            .Requires(Permission.InferenceCall);

        void Spend(string path, Delegate handler, string summary, string name) =>
            Read(api, path, handler, summary, name, Permission.UsageRead).MayAnswer(InferenceProblems.InvalidUsageRange);
    }

    // LiteLLM has its surfaces with and without the version; without it, answers are as its clients expect them.
    private static void MapLiteLlmCalls(IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("").WithTags("LiteLLM");
        MapCall(api, "/chat/completions", GatewayEndpoints.Chat, new LiteLlmErrors())
            .AddEndpointFilter<RouteHandlerBuilder, LiteLlmHeaders>()
            .WithName("litellmChatCompletion")
            .WithSummary("Call a model as LiteLLM's chat completions do");
        MapCall(api, "/completions", GatewayEndpoints.Completions, new LiteLlmErrors())
            .AddEndpointFilter<RouteHandlerBuilder, LiteLlmHeaders>()
            .WithName("litellmCompletion")
            .WithSummary("Call a model as LiteLLM's older completions do");
        MapCall(api, "/embeddings", GatewayEndpoints.Embeddings, new LiteLlmErrors())
            .AddEndpointFilter<RouteHandlerBuilder, LiteLlmHeaders>()
            .WithName("litellmEmbedding")
            .WithSummary("Turn text into numbers as LiteLLM's embeddings do");
        api.MapGet("/models", ListModels.Endpoint)
            .WithName("litellmListModels")
            .WithSummary("List the models that may be called, as LiteLLM does")
            .Produces<JsonObject>()
            .WithMetadata(new LiteLlmErrors())
            .Requires(Permission.InferenceCall);
    }

    private static RouteHandlerBuilder Keep(
        RouteGroupBuilder api, string path, Delegate handler, string summary, string name) =>
        api.MapPost(path, handler)
            .AddEndpointFilter<RouteHandlerBuilder, LiteLlmRefusals>()
            .AddEndpointFilter<RouteHandlerBuilder, LiteLlmTurns>()
            .WithName($"litellm{name}")
            .WithSummary($"{summary}, as LiteLLM does")
            .Accepts<JsonObject>("application/json")
            .Produces<JsonObject>()
            .MayAnswer(InferenceProblems.InvalidModelRequest, PlatformProblems.NotFound, InferenceProblems.KeysBusy)
            .Idempotent()
            .Requires(Permission.VirtualKeysManage);

    private static RouteHandlerBuilder Read(
        RouteGroupBuilder api, string path, Delegate handler, string summary, string name, Permission permission) =>
        api.MapGet(path, handler)
            .AddEndpointFilter<RouteHandlerBuilder, LiteLlmRefusals>()
            .WithName($"litellm{name}")
            .WithSummary($"{summary}, as LiteLLM does")
            .Produces<JsonObject>()
            .MayAnswer(InferenceProblems.InvalidModelRequest, PlatformProblems.NotFound)
            .Requires(permission);
}
