using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Inference.Internal;

/// <summary>What was used, day by day, in LiteLLM's newer reports. All amounts are in units of the currency that is billed.</summary>
internal sealed class LiteLlmActivity(SpendSums sums, LiteLlmKeys keys, OrganisationClock clock)
{
    private const string Nobody = "Unassigned";

    /// <summary><c>GET /user/daily/activity</c>: of all users, or of one.</summary>
    public static async Task<IResult> OfUsers(
        LiteLlmActivity handler, HttpContext context, CancellationToken cancellationToken)
    {
        var user = context.Text("user_id");
        return await handler.Report(
            context,
            (_, owner) => owner.User,
            name => user is null || name == user,
            cancellationToken);
    }

    /// <summary><c>GET /team/daily/activity</c>: of all teams, or of some, by commas.</summary>
    public static async Task<IResult> OfTeams(
        LiteLlmActivity handler, HttpContext context, CancellationToken cancellationToken)
    {
        var (wanted, others) = (Names(context, "team_ids"), Names(context, "exclude_team_ids"));
        return await handler.Report(
            context,
            (_, owner) => owner.Team,
            name => wanted?.Contains(name ?? "") != false && others?.Contains(name ?? "") != true,
            cancellationToken);
    }

    /// <summary><c>GET /tag/daily/activity</c>: of all tags, or of some, by commas; a call with several counts in each.</summary>
    public static async Task<IResult> OfTags(
        LiteLlmActivity handler, HttpContext context, CancellationToken cancellationToken)
    {
        var wanted = Names(context, "tags");
        return await handler.Report(
            context,
            (sum, _) => sum.Tag,
            tag => wanted?.Contains(tag) != false,
            cancellationToken,
            isByTag: true);
    }

    private async Task<IResult> Report(
        HttpContext context,
        Func<SpendSum, SpendOwner, string?> entity,
        Func<string?, bool> isWanted,
        CancellationToken cancellationToken,
        bool isByTag = false)
    {
        var org = context.Caller().RequiredOrg;
        var now = await clock.Now(org, cancellationToken);
        var range = context.Range(now) ?? new Period(now - Limits.HistoryUsually, now.AddSeconds(1));
        var actor = context.Text("api_key") is { } key ? (await keys.Find(org, key, cancellationToken)).Id.ToString() : null;
        var model = context.Text("model");
        var all = await (isByTag
            ? sums.ReadByTag(org, range, actor, cancellationToken)
            : sums.Read(org, range, actor, cancellationToken));
        var owners = await sums.Owners(org, all.Select(one => one.Actor), cancellationToken);
        SpendSum[] shown =
        [
            .. all.Where(one => (model is null || one.Model == model) && isWanted(entity(one, owners[one.Actor]))),
        ];
        return TypedResults.Json(
            new JsonObject
            {
                ["results"] = new JsonArray([.. shown.GroupBy(one => one.Day).OrderByDescending(day => day.Key).Select(day =>
                    new JsonObject
                    {
                        ["date"] = day.Key.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
                        ["metrics"] = Metrics(day),
                        ["breakdown"] = Breakdown(day, owners, entity),
                    })]),
                ["metadata"] = Totals(shown),
            },
            JsonSerializerOptions.Default);
    }

    private static JsonObject Breakdown(
        IEnumerable<SpendSum> day,
        IReadOnlyDictionary<string, SpendOwner> owners,
        Func<SpendSum, SpendOwner, string?> entity) => new()
        {
            ["models"] = By(day, one => one.Model, _ => []),
            ["providers"] = By(day, one => one.Provider, _ => []),
            ["api_keys"] = By(day, one => one.Actor, key => new JsonObject
            {
                ["key_alias"] = owners[key].Alias,
                ["team_id"] = owners[key].Team,
            }),
            ["entities"] = By(day, one => entity(one, owners[one.Actor]) ?? Nobody, _ => []),
            ["mcp_servers"] = new JsonObject(),
        };

    private static JsonObject By(
        IEnumerable<SpendSum> sums, Func<SpendSum, string> name, Func<string, JsonObject> metadata) =>
        new(sums.GroupBy(name).Where(group => group.Key.Length > 0).Select(group => KeyValuePair.Create(
            group.Key,
            (JsonNode?)new JsonObject { ["metrics"] = Metrics(group), ["metadata"] = metadata(group.Key) })));

    private static JsonObject Metrics(IEnumerable<SpendSum> sums) => new()
    {
        ["spend"] = sums.Sum(one => one.Spend),
        ["prompt_tokens"] = sums.Sum(one => one.InputTokens),
        ["completion_tokens"] = sums.Sum(one => one.OutputTokens),
        ["cache_read_input_tokens"] = sums.Sum(one => one.CachedReadTokens),
        ["cache_creation_input_tokens"] = sums.Sum(one => one.CachedWriteTokens),
        ["total_tokens"] = sums.Sum(one => one.InputTokens + one.OutputTokens),
        ["successful_requests"] = sums.Sum(one => one.Succeeded),
        ["failed_requests"] = sums.Sum(one => one.Requests - one.Succeeded),
        ["api_requests"] = sums.Sum(one => one.Requests),
    };

    // All days are on one page: a range is bounded, and so is what is told apart in it.
    private static JsonObject Totals(IReadOnlyList<SpendSum> all)
    {
        var totals = new JsonObject();
        foreach (var (name, value) in Metrics(all))
        {
            totals[$"total_{name.Replace("total_", "", StringComparison.Ordinal)}"] = value!.DeepClone();
        }

        totals["page"] = 1;
        totals["total_pages"] = 1;
        totals["has_more"] = false;
        return totals;
    }

    private static string[]? Names(HttpContext context, string name) =>
        context.Text(name)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
