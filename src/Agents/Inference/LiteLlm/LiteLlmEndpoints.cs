using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Inference.Internal;

/// <summary>The routes of LiteLLM's proxy that keep keys, teams and users.</summary>
internal static class LiteLlmEndpoints
{
    /// <summary><c>POST /key/generate</c>.</summary>
    public static async Task<IResult> GenerateKey(
        JsonElement body, LiteLlmKeys keys, HttpContext context, CancellationToken cancellationToken)
    {
        context.Response.Headers.CacheControl = "no-store";
        var caller = context.Caller();
        return Answer(await keys.Generate(caller.RequiredOrg, body, caller, cancellationToken));
    }

    /// <summary><c>POST /key/service-account/generate</c>: a key of a team, of no user: it stays when people go.</summary>
    public static async Task<IResult> GenerateServiceKey(
        JsonElement body, LiteLlmKeys keys, HttpContext context, CancellationToken cancellationToken)
    {
        body.RequiredText("team_id");
        var ofTeam = JsonObject.Create(body)!;
        ofTeam.Remove("user_id");
        return await GenerateKey(JsonSerializer.SerializeToElement(ofTeam), keys, context, cancellationToken);
    }

    /// <summary><c>GET /key/info</c>: of the caller's own key where none is named; of that one alone where it may no more.</summary>
    public static async Task<IResult> KeyInfo(LiteLlmKeys keys, HttpContext context, CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        var named = context.Text("key");
        if (named is not null
            && (!caller.May(Permission.VirtualKeysManage) || caller.BillingAccount is not null)
            && !await keys.IsOwn(caller, named, cancellationToken))
        {
            return new Problem(PlatformProblems.PermissionDenied, $"This needs the permission '{Permission.VirtualKeysManage}'.");
        }

        var key = await keys.Find(caller.RequiredOrg, named ?? caller.Actor, cancellationToken);
        return Answer(new JsonObject
        {
            ["key"] = named ?? key.Id.ToString(),
            ["info"] = await keys.View(caller.RequiredOrg, key, cancellationToken),
        });
    }

    /// <summary><c>POST /key/update</c>.</summary>
    public static async Task<IResult> UpdateKey(
        JsonElement body, LiteLlmKeys keys, HttpContext context, CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        var shown = await keys.Update(caller.RequiredOrg, body, caller, cancellationToken);
        shown["key"] = body.Text("key");
        return Answer(shown);
    }

    /// <summary><c>POST /key/delete</c>.</summary>
    public static async Task<IResult> DeleteKeys(
        JsonElement body, LiteLlmKeys keys, HttpContext context, CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        return Answer(new JsonObject
        {
            ["deleted_keys"] = await keys.Delete(caller.RequiredOrg, body, caller, cancellationToken),
        });
    }

    /// <summary><c>POST /key/regenerate</c>.</summary>
    public static Task<IResult> RegenerateKey(
        JsonElement body, LiteLlmKeys keys, HttpContext context, CancellationToken cancellationToken) =>
        Regenerate(body.RequiredText("key"), body, keys, context, cancellationToken);

    /// <summary><c>POST /key/{key}/regenerate</c>.</summary>
    public static Task<IResult> RegenerateNamedKey(
        string key, JsonElement body, LiteLlmKeys keys, HttpContext context, CancellationToken cancellationToken) =>
        Regenerate(key, body, keys, context, cancellationToken);

    /// <summary><c>POST /key/block</c>.</summary>
    public static Task<IResult> BlockKey(
        JsonElement body, LiteLlmKeys keys, HttpContext context, CancellationToken cancellationToken) =>
        Block(body, true, keys, context, cancellationToken);

    /// <summary><c>POST /key/unblock</c>.</summary>
    public static Task<IResult> UnblockKey(
        JsonElement body, LiteLlmKeys keys, HttpContext context, CancellationToken cancellationToken) =>
        Block(body, false, keys, context, cancellationToken);

    /// <summary><c>GET /key/list</c>.</summary>
    public static async Task<IResult> ListKeys(LiteLlmKeys keys, HttpContext context, CancellationToken cancellationToken)
    {
        var size = context.Number("size", 10, Limits.LiteLlmRowsMax);
        var page = context.Number("page", 1, Limits.LiteLlmOffsetMax / size);
        var (rows, total) = await keys.List(
            context.Caller().RequiredOrg,
            new KeyFilter(context.Text("team_id"), context.Text("user_id")) { Alias = context.Text("key_alias") },
            size,
            (page - 1) * size,
            cancellationToken);
        var isFull = context.Flag("return_full_object", false);
        return Answer(new JsonObject
        {
            ["keys"] = new JsonArray([.. rows.Select(row => isFull ? row : row["token"]!.DeepClone())]),
            ["total_count"] = total,
            ["current_page"] = page,
            ["total_pages"] = (total + size - 1) / size,
        });
    }

    /// <summary><c>POST /team/new</c>.</summary>
    public static async Task<IResult> NewTeam(
        JsonElement body, LiteLlmTeams teams, HttpContext context, CancellationToken cancellationToken)
    {
        var (caller, org) = (context.Caller(), context.Caller().RequiredOrg);
        var team = await teams.Create(org, CallScopes.TeamKind, body, caller, cancellationToken);
        return Answer(await teams.View(org, team, cancellationToken));
    }

    /// <summary><c>POST /team/update</c>.</summary>
    public static Task<IResult> UpdateTeam(
        JsonElement body, LiteLlmTeams teams, HttpContext context, CancellationToken cancellationToken) =>
        Update(CallScopes.TeamKind, body, teams, context, cancellationToken);

    /// <summary><c>POST /team/delete</c>.</summary>
    public static async Task<IResult> DeleteTeams(
        JsonElement body, LiteLlmMembers members, HttpContext context, CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        var deleted = await members.DeleteTeams(caller.RequiredOrg, body, caller, cancellationToken);
        return Answer(new JsonObject { ["deleted_teams"] = LiteLlmViews.Names(deleted) });
    }

    /// <summary><c>GET /team/info</c>.</summary>
    public static async Task<IResult> TeamInfo(
        LiteLlmTeams teams,
        LiteLlmMembers members,
        LiteLlmKeys keys,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var org = context.Caller().RequiredOrg;
        var name = context.Text("team_id") ?? throw JsonMembers.Wrong("'team_id' is missing.");
        var team = await teams.Find(org, CallScopes.TeamKind, name, cancellationToken);
        var (rows, _) = await keys.List(org, new KeyFilter(Team: name), Limits.LiteLlmRowsMax, 0, cancellationToken);
        return Answer(new JsonObject
        {
            ["team_id"] = name,
            ["team_info"] = await teams.View(org, team, cancellationToken),
            ["keys"] = new JsonArray([.. rows]),
            ["team_memberships"] = await members.List(org, team, cancellationToken),
        });
    }

    /// <summary><c>GET /team/list</c>.</summary>
    public static async Task<IResult> ListTeams(LiteLlmTeams teams, HttpContext context, CancellationToken cancellationToken)
    {
        var (rows, _) = await teams.List(
            context.Caller().RequiredOrg,
            CallScopes.TeamKind,
            context.Text("user_id"),
            Limits.LiteLlmRowsMax,
            (context.Number("page", 1, Limits.LiteLlmOffsetMax / Limits.LiteLlmRowsMax) - 1) * Limits.LiteLlmRowsMax,
            cancellationToken);
        return Answer(new JsonArray([.. rows]));
    }

    /// <summary><c>POST /team/block</c>.</summary>
    public static Task<IResult> BlockTeam(
        JsonElement body, LiteLlmTeams teams, HttpContext context, CancellationToken cancellationToken) =>
        BlockTeam(body, true, teams, context, cancellationToken);

    /// <summary><c>POST /team/unblock</c>.</summary>
    public static Task<IResult> UnblockTeam(
        JsonElement body, LiteLlmTeams teams, HttpContext context, CancellationToken cancellationToken) =>
        BlockTeam(body, false, teams, context, cancellationToken);

    /// <summary><c>POST /team/member_add</c>.</summary>
    public static Task<IResult> AddMembers(
        JsonElement body, LiteLlmTeams teams, LiteLlmMembers members, HttpContext context, CancellationToken cancellationToken) =>
        ChangeMembers(members.Add, body, teams, context, cancellationToken);

    /// <summary><c>POST /team/member_delete</c>.</summary>
    public static Task<IResult> RemoveMembers(
        JsonElement body, LiteLlmTeams teams, LiteLlmMembers members, HttpContext context, CancellationToken cancellationToken) =>
        ChangeMembers(members.Remove, body, teams, context, cancellationToken);

    /// <summary><c>POST /team/member_update</c>.</summary>
    public static async Task<IResult> UpdateMember(
        JsonElement body, LiteLlmMembers members, HttpContext context, CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        return Answer(await members.Update(caller.RequiredOrg, body, caller, cancellationToken));
    }

    /// <summary><c>POST /team/model/add</c>.</summary>
    public static Task<IResult> AddTeamModels(
        JsonElement body, LiteLlmTeams teams, HttpContext context, CancellationToken cancellationToken) =>
        ChangeModels(body, true, teams, context, cancellationToken);

    /// <summary><c>POST /team/model/delete</c>.</summary>
    public static Task<IResult> RemoveTeamModels(
        JsonElement body, LiteLlmTeams teams, HttpContext context, CancellationToken cancellationToken) =>
        ChangeModels(body, false, teams, context, cancellationToken);

    /// <summary><c>POST /user/new</c>: with a key of theirs, unless they shall have none.</summary>
    public static async Task<IResult> NewUser(
        JsonElement body,
        LiteLlmTeams users,
        LiteLlmKeys keys,
        IdSource ids,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        context.Response.Headers.CacheControl = "no-store";
        var (caller, org) = (context.Caller(), context.Caller().RequiredOrg);
        body.RefuseUnkept();
        if (!(body.Flag("auto_create_key") ?? true))
        {
            var alone = await users.Create(org, CallScopes.UserKind, body, caller, cancellationToken);
            return Answer(await users.View(org, alone, cancellationToken));
        }

        var name = body.Name("user_id") ?? ids.Next().ToString();
        await users.RequireNew(org, CallScopes.UserKind, name, cancellationToken);

        // What bounds the user bounds the key: it needs nothing of its own. The key comes first, for it may be refused and be
        // taken back; a user's id is never given again.
        var wanted = JsonSerializer.SerializeToElement(new JsonObject
        {
            ["user_id"] = name,
            ["team_id"] = body.Name("team_id"),
            ["key_alias"] = body.Name("key_alias"),
            ["duration"] = body.Name("duration"),
        });
        var named = JsonObject.Create(body)!;
        named["user_id"] = name;
        JsonObject shown = [];
        var key = await keys.Generate(
            org,
            wanted,
            caller,
            async () =>
            {
                var user = await users.Create(
                    org, CallScopes.UserKind, JsonSerializer.SerializeToElement(named), caller, CancellationToken.None);
                shown = await users.View(org, user, CancellationToken.None);
            },
            cancellationToken);
        foreach (var member in new[] { "key", "token", "expires" })
        {
            shown[member] = key[member]?.DeepClone();
        }

        return Answer(shown);
    }

    /// <summary><c>POST /user/update</c>.</summary>
    public static Task<IResult> UpdateUser(
        JsonElement body, LiteLlmTeams users, HttpContext context, CancellationToken cancellationToken) =>
        Update(CallScopes.UserKind, body, users, context, cancellationToken);

    /// <summary><c>POST /user/delete</c>.</summary>
    public static async Task<IResult> DeleteUsers(
        JsonElement body, LiteLlmTeams users, HttpContext context, CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        var deleted = await users.Delete(caller.RequiredOrg, CallScopes.UserKind, body, caller, cancellationToken);
        return Answer(JsonValue.Create(deleted.Count));
    }

    /// <summary><c>GET /user/info</c>.</summary>
    public static async Task<IResult> UserInfo(
        LiteLlmTeams users, LiteLlmKeys keys, HttpContext context, CancellationToken cancellationToken)
    {
        var org = context.Caller().RequiredOrg;
        var name = context.Text("user_id") ?? throw JsonMembers.Wrong("'user_id' is missing.");
        var user = await users.Find(org, CallScopes.UserKind, name, cancellationToken);
        var (rows, _) = await keys.List(org, new KeyFilter(User: name), Limits.LiteLlmRowsMax, 0, cancellationToken);
        var (teams, _) = await users.List(org, CallScopes.TeamKind, name, Limits.LiteLlmRowsMax, 0, cancellationToken);
        return Answer(new JsonObject
        {
            ["user_id"] = name,
            ["user_info"] = await users.View(org, user, cancellationToken),
            ["keys"] = new JsonArray([.. rows]),
            ["teams"] = new JsonArray([.. teams]),
        });
    }

    /// <summary><c>GET /user/list</c>.</summary>
    public static async Task<IResult> ListUsers(LiteLlmTeams users, HttpContext context, CancellationToken cancellationToken)
    {
        var size = context.Number("page_size", 25, Limits.LiteLlmRowsMax);
        var page = context.Number("page", 1, Limits.LiteLlmOffsetMax / size);
        var (rows, total) = await users.List(
            context.Caller().RequiredOrg, CallScopes.UserKind, null, size, (page - 1) * size, cancellationToken);
        return Answer(new JsonObject
        {
            ["users"] = new JsonArray([.. rows]),
            ["total"] = total,
            ["page"] = page,
            ["page_size"] = size,
            ["total_pages"] = (total + size - 1) / size,
        });
    }

    /// <summary><c>GET /model/info</c>.</summary>
    public static async Task<IResult> ModelInfo(PrepareCall calls, HttpContext context, CancellationToken cancellationToken)
    {
        var models = await calls.Models(context.Caller(), cancellationToken);
        var deployments = models
            .OrderBy(model => model.Model, StringComparer.Ordinal)
            .SelectMany(model => model.Deployments.Select(deployment => (model.Model, Deployment: deployment)));
        return Answer(new JsonObject
        {
            ["data"] = new JsonArray([.. deployments.Select(one => ModelOf(one.Model, one.Deployment))]),
        });
    }

    /// <summary><c>GET /health/liveliness</c>.</summary>
    public static IResult Liveliness() => Answer(JsonValue.Create("I'm alive!"));

    /// <summary><c>GET /health/readiness</c>.</summary>
    public static async Task<IResult> Readiness(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var command = database.Sql("select 1");
        await command.ExecuteScalarAsync(cancellationToken);
        return Answer(new JsonObject { ["status"] = "healthy", ["db"] = "connected", ["cache"] = null });
    }

    private static JsonObject ModelOf(string model, Deployment deployment) => new()
    {
        ["model_name"] = model,
        ["litellm_params"] = new JsonObject { ["model"] = $"{deployment.Name.Provider}/{deployment.Name.Model}" },
        ["model_info"] = new JsonObject
        {
            ["id"] = $"{deployment.Name.Provider}/{deployment.Name.Model}",
            ["db_model"] = true,
            ["litellm_provider"] = deployment.Name.Provider,
            ["max_tokens"] = deployment.OutputTokensMax,
            ["max_input_tokens"] = deployment.InputTokensMax,
            ["max_output_tokens"] = deployment.OutputTokensMax,
        },
    };

    private static async Task<IResult> Regenerate(
        string key, JsonElement body, LiteLlmKeys keys, HttpContext context, CancellationToken cancellationToken)
    {
        context.Response.Headers.CacheControl = "no-store";
        var caller = context.Caller();
        return Answer(await keys.Regenerate(caller.RequiredOrg, key, body, caller, cancellationToken));
    }

    private static async Task<IResult> Block(
        JsonElement body, bool isBlocked, LiteLlmKeys keys, HttpContext context, CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        return Answer(await keys.Block(caller.RequiredOrg, body, isBlocked, caller, cancellationToken));
    }

    private static async Task<IResult> BlockTeam(
        JsonElement body, bool isBlocked, LiteLlmTeams teams, HttpContext context, CancellationToken cancellationToken)
    {
        var (caller, org) = (context.Caller(), context.Caller().RequiredOrg);
        var team = await teams.Block(org, CallScopes.TeamKind, body, isBlocked, caller, cancellationToken);
        return Answer(await teams.View(org, team, cancellationToken));
    }

    private static async Task<IResult> ChangeMembers(
        Func<OrgId, JsonElement, Caller, CancellationToken, Task<Spender>> change,
        JsonElement body,
        LiteLlmTeams teams,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var (caller, org) = (context.Caller(), context.Caller().RequiredOrg);
        var team = await change(org, body, caller, cancellationToken);
        return Answer(await teams.View(org, team, cancellationToken));
    }

    private static async Task<IResult> ChangeModels(
        JsonElement body, bool isAdding, LiteLlmTeams teams, HttpContext context, CancellationToken cancellationToken)
    {
        var (caller, org) = (context.Caller(), context.Caller().RequiredOrg);
        var team = await teams.ChangeModels(org, body, isAdding, caller, cancellationToken);
        return Answer(await teams.View(org, team, cancellationToken));
    }

    private static async Task<IResult> Update(
        string kind, JsonElement body, LiteLlmTeams spenders, HttpContext context, CancellationToken cancellationToken)
    {
        var (caller, org) = (context.Caller(), context.Caller().RequiredOrg);
        var spender = await spenders.Update(org, kind, body, caller, cancellationToken);
        return Answer(new JsonObject
        {
            [$"{kind}_id"] = spender.Name,
            ["data"] = await spenders.View(org, spender, cancellationToken),
        });
    }

    private static IResult Answer(JsonNode answer) => TypedResults.Json(answer, JsonSerializerOptions.Default);
}
