using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Inference.Internal;

/// <summary>What was spent, in LiteLLM's reports. All amounts are in units of the currency that is billed.</summary>
internal sealed class LiteLlmSpend(
    SpendSums sums, LiteLlmKeys keys, NpgsqlDataSource database, OrganisationClock clock)
{
    /// <summary><c>GET /spend/logs</c>: sums by day where a range is given, unless it shall not be summed up; else calls.</summary>
    public static async Task<IResult> Logs(LiteLlmSpend handler, HttpContext context, CancellationToken cancellationToken)
    {
        var org = context.Caller().RequiredOrg;
        var search = await handler.Search(org, context, cancellationToken);
        if (search.Range is { } range && search.Request is null && context.Flag("summarize", true))
        {
            return Answer(await handler.Daily(org, range, search.Actors, cancellationToken));
        }

        var rows = await handler.Calls(org, search, Limits.LiteLlmLogsMax, 0, cancellationToken);
        return Answer(rows);
    }

    /// <summary><c>GET /spend/logs/v2</c>: calls, page by page.</summary>
    public static async Task<IResult> Pages(LiteLlmSpend handler, HttpContext context, CancellationToken cancellationToken)
    {
        var org = context.Caller().RequiredOrg;
        var search = await handler.Search(org, context, cancellationToken);
        var size = context.Number("page_size", 50, Limits.LiteLlmRowsMax);
        var page = context.Number("page", 1, Limits.LiteLlmOffsetMax / size);
        var total = await handler.Count(org, search, cancellationToken);
        return Answer(new JsonObject
        {
            ["data"] = await handler.Calls(org, search, size, (page - 1) * size, cancellationToken),
            ["total"] = total,
            ["page"] = page,
            ["page_size"] = size,
            ["total_pages"] = (total + size - 1) / size,
        });
    }

    /// <summary>What an organisation spent in the last thirty days.</summary>
    public async Task<decimal> OfLastDays(OrgId org, CancellationToken cancellationToken)
    {
        var now = await clock.Now(org, cancellationToken);
        var all = await sums.Read(org, new Period(now - Limits.HistoryUsually, now.AddSeconds(1)), null, cancellationToken);
        return all.Sum(one => one.Spend);
    }

    /// <summary><c>GET /global/spend</c>: what was spent in the last thirty days.</summary>
    public static async Task<IResult> Total(LiteLlmSpend handler, HttpContext context, CancellationToken cancellationToken)
    {
        var all = await handler.Read(context, cancellationToken);
        return Answer(new JsonObject { ["spend"] = all.Sum(one => one.Spend), ["max_budget"] = 0m });
    }

    /// <summary><c>GET /global/spend/logs</c>: by day.</summary>
    public static async Task<IResult> ByDay(LiteLlmSpend handler, HttpContext context, CancellationToken cancellationToken) =>
        Answer(Listed((await handler.Read(context, cancellationToken)).GroupBy(one => one.Day), day => new JsonObject
        {
            ["date"] = Text(day.Key),
            ["spend"] = day.Sum(one => one.Spend),
        }));

    /// <summary><c>GET /global/spend/models</c>: the models most was spent on.</summary>
    public static async Task<IResult> ByModel(LiteLlmSpend handler, HttpContext context, CancellationToken cancellationToken) =>
        Answer(Listed(Ranked(context, await handler.Read(context, cancellationToken), one => one.Model), model => new JsonObject
        {
            ["model"] = model.Key,
            ["total_spend"] = model.Sum(one => one.Spend),
        }));

    /// <summary><c>GET /global/spend/provider</c>: by provider.</summary>
    public static async Task<IResult> ByProvider(LiteLlmSpend handler, HttpContext context, CancellationToken cancellationToken) =>
        Answer(Listed(
            Ranked(context, await handler.Read(context, cancellationToken), one => one.Provider),
            provider => new JsonObject
            {
                ["provider"] = provider.Key,
                ["spend"] = provider.Sum(one => one.Spend),
            }));

    /// <summary><c>GET /global/spend/keys</c>: the keys that spent most.</summary>
    public static async Task<IResult> ByKey(LiteLlmSpend handler, HttpContext context, CancellationToken cancellationToken)
    {
        var ranked = Ranked(context, await handler.Read(context, cancellationToken), one => one.Actor).ToList();
        var owners = await handler.Owners(context, ranked.Select(key => key.Key), cancellationToken);
        return Answer(Listed(ranked, key => new JsonObject
        {
            ["api_key"] = key.Key,
            ["key_alias"] = owners[key.Key].Alias,
            ["key_name"] = key.Key,
            ["total_spend"] = key.Sum(one => one.Spend),
        }));
    }

    /// <summary><c>GET /global/spend/teams</c>: by team and day.</summary>
    public static async Task<IResult> ByTeam(LiteLlmSpend handler, HttpContext context, CancellationToken cancellationToken)
    {
        var all = await handler.Read(context, cancellationToken);
        var owners = await handler.Owners(context, all.Select(one => one.Actor), cancellationToken);
        var teams = all.GroupBy(one => owners[one.Actor].Team ?? "Unassigned").OrderByDescending(team => team.Sum(one => one.Micros))
            .ToList();
        return Answer(new JsonObject
        {
            ["daily_spend"] = Listed(all.GroupBy(one => one.Day), day => new JsonObject(
            [
                KeyValuePair.Create("date", (JsonNode?)Text(day.Key)),
                .. day.GroupBy(one => owners[one.Actor].Team ?? "Unassigned")
                    .Select(team => KeyValuePair.Create(team.Key, (JsonNode?)team.Sum(one => one.Spend))),
            ])),
            ["teams"] = LiteLlmViews.Names([.. teams.Select(team => team.Key)]),
            ["total_spend_per_team"] = Listed(teams, team => new JsonObject
            {
                ["team_id"] = team.Key,
                ["total_spend"] = team.Sum(one => one.Spend),
            }),
        });
    }

    /// <summary><c>GET /global/spend/tags</c> and <c>/spend/tags</c>: by tag.</summary>
    public static async Task<IResult> ByTag(LiteLlmSpend handler, HttpContext context, CancellationToken cancellationToken)
    {
        var range = await handler.Range(context, cancellationToken);
        var tags = await handler.Tags(context.Caller().RequiredOrg, range, cancellationToken);
        return Answer(Listed(tags, tag => new JsonObject
        {
            ["individual_request_tag"] = tag.Tag,
            ["log_count"] = tag.Requests,
            ["total_spend"] = Dollars.Of(tag.Micros),
        }));
    }

    /// <summary><c>GET /global/activity</c>: calls and tokens by day.</summary>
    public static async Task<IResult> Activity(LiteLlmSpend handler, HttpContext context, CancellationToken cancellationToken)
    {
        var all = await handler.Read(context, cancellationToken);
        return Answer(new JsonObject
        {
            ["daily_data"] = Listed(all.GroupBy(one => one.Day), day => new JsonObject
            {
                ["date"] = day.Key.ToString("MMM dd", CultureInfo.InvariantCulture),
                ["api_requests"] = day.Sum(one => one.Requests),
                ["total_tokens"] = day.Sum(one => one.InputTokens + one.OutputTokens),
            }),
            ["sum_api_requests"] = all.Sum(one => one.Requests),
            ["sum_total_tokens"] = all.Sum(one => one.InputTokens + one.OutputTokens),
        });
    }

    /// <summary><c>GET /global/spend/report</c>: by team and day, or by key.</summary>
    public static async Task<IResult> Report(LiteLlmSpend handler, HttpContext context, CancellationToken cancellationToken)
    {
        var all = await handler.Read(context, cancellationToken);
        return context.Text("group_by") switch
        {
            "api_key" => Answer(Listed(all.GroupBy(one => one.Actor), key => new JsonObject
            {
                ["api_key"] = key.Key,
                ["total_cost"] = key.Sum(one => one.Spend),
                ["total_input_tokens"] = key.Sum(one => one.InputTokens),
                ["total_output_tokens"] = key.Sum(one => one.OutputTokens),
                ["model_details"] = Listed(key.GroupBy(one => one.Model), model => new JsonObject
                {
                    ["model"] = model.Key,
                    ["total_cost"] = model.Sum(one => one.Spend),
                    ["total_input_tokens"] = model.Sum(one => one.InputTokens),
                    ["total_output_tokens"] = model.Sum(one => one.OutputTokens),
                }),
            })),
            null or "team" => await handler.TeamReport(context, all, cancellationToken),
            _ => throw JsonMembers.Wrong("'group_by' must be team or api_key."),
        };
    }

    private async Task<IResult> TeamReport(
        HttpContext context, IReadOnlyList<SpendSum> all, CancellationToken cancellationToken)
    {
        var org = context.Caller().RequiredOrg;
        var owners = await Owners(context, all.Select(one => one.Actor), cancellationToken);
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var team in owners.Values.Select(owner => owner.Team).OfType<string>().Distinct(StringComparer.Ordinal))
        {
            var row = await SpenderRows.Find(database, org, CallScopes.TeamKind, team, cancellationToken);
            names[team] = row?.Alias ?? team;
        }

        return Answer(Listed(all.GroupBy(one => one.Day), day => new JsonObject
        {
            ["group_by_day"] = Text(day.Key),
            ["teams"] = Listed(day.GroupBy(one => owners[one.Actor].Team), team => new JsonObject
            {
                ["team_name"] = team.Key is null ? "Unassigned Team" : names[team.Key],
                ["total_spend"] = team.Sum(one => one.Spend),
                ["metadata"] = Listed(team.GroupBy(one => (one.Model, one.Actor)), part => new JsonObject
                {
                    ["model"] = part.Key.Model,
                    ["spend"] = part.Sum(one => one.Spend),
                    ["total_tokens"] = part.Sum(one => one.InputTokens + one.OutputTokens),
                    ["api_key"] = part.Key.Actor,
                }),
            }),
        }));
    }

    private async Task<JsonArray> Daily(
        OrgId org, Period range, IReadOnlyList<string>? actors, CancellationToken cancellationToken)
    {
        var all = await sums.Read(org, range, actors is [var one] ? one : null, cancellationToken);
        var shown = all.Where(sum => actors?.Contains(sum.Actor) != false).ToList();
        var owners = await sums.Owners(org, shown.Select(sum => sum.Actor), cancellationToken);
        return Listed(shown.GroupBy(sum => sum.Day), day => new JsonObject(
        [
            KeyValuePair.Create("startTime", (JsonNode?)Text(day.Key)),
            KeyValuePair.Create("spend", (JsonNode?)day.Sum(sum => sum.Spend)),
            KeyValuePair.Create("users", (JsonNode?)Spends(day.GroupBy(sum => owners[sum.Actor].User ?? ""))),
            KeyValuePair.Create("models", (JsonNode?)Spends(day.GroupBy(sum => sum.Model))),
            .. Spends(day.GroupBy(sum => sum.Actor)).Select(key => KeyValuePair.Create(key.Key, key.Value?.DeepClone())),
        ]));
    }

    private async Task<JsonArray> Calls(
        OrgId org, LogSearch search, int limit, int offset, CancellationToken cancellationToken)
    {
        var rows = await sums.Logs(org, search, limit, offset, cancellationToken);
        var owners = await sums.Owners(org, rows.Select(row => row.Row.Call.Actor), cancellationToken);
        return Listed(rows, stored => Call(org, stored.Row, owners[stored.Row.Call.Actor]));
    }

    private static JsonObject Call(OrgId org, RequestRow row, SpendOwner owner) => new()
    {
        ["request_id"] = row.Call.Id.ToString(),
        ["call_type"] = row.Call.Protocol switch
        {
            Protocol.OpenAiEmbeddings => "aembedding",
            Protocol.OpenAiCompletions => "atext_completion",
            Protocol.OpenAiResponses => "aresponses",
            Protocol.AnthropicMessages => "anthropic_messages",
            _ => "acompletion",
        },
        ["api_key"] = row.Call.Actor,
        ["spend"] = Dollars.Of(row.QuotedMicros ?? 0),
        ["total_tokens"] = row.Usage.AllInputTokens + row.Usage.AllOutputTokens,
        ["prompt_tokens"] = row.Usage.AllInputTokens,
        ["completion_tokens"] = row.Usage.AllOutputTokens,
        ["startTime"] = Rfc3339.Format(row.OccurredAt - row.Total),
        ["endTime"] = Rfc3339.Format(row.OccurredAt),
        ["completionStartTime"] = row.FirstByte is { } first ? Rfc3339.Format(row.OccurredAt - row.Total + first) : null,
        ["request_duration_ms"] = (long)row.Total.TotalMilliseconds,
        ["model"] = row.Answered?.Model ?? row.Call.Model,
        ["model_id"] = row.Answered is { } answered ? $"{answered.Provider}/{answered.Model}" : "",
        ["model_group"] = row.Call.Model,
        ["custom_llm_provider"] = row.Answered?.Provider,
        ["user"] = owner.User ?? "",
        ["team_id"] = owner.Team,
        ["organization_id"] = org.ToString(),
        ["end_user"] = row.Call.User ?? "",
        ["session_id"] = row.Call.Session,
        ["request_tags"] = LiteLlmViews.Names(row.Tags),
        ["metadata"] = new JsonObject
        {
            ["user_api_key"] = row.Call.Actor,
            ["user_api_key_alias"] = owner.Alias,
            ["user_api_key_team_id"] = owner.Team,
            ["user_api_key_user_id"] = owner.User,
        },
        ["cache_hit"] = "False",
        ["status"] = row.Status == "succeeded" ? "success" : "failure",
    };

    private async Task<LogSearch> Search(OrgId org, HttpContext context, CancellationToken cancellationToken)
    {
        var range = context.Range(await clock.Now(org, cancellationToken));
        var request = context.Text("request_id");
        CallId? call = request is null ? null
            : Id.TryParse<CallId>(request, out var id) ? id
            : throw new RefusedRequestException(PlatformProblems.NotFound, "There is no such request.");
        if (context.Text("api_key") is { } key)
        {
            return new LogSearch(range, [(await keys.Find(org, key, cancellationToken)).Id.ToString()], call);
        }

        var (user, team) = (context.Text("user_id"), context.Text("team_id"));
        if (user is null && team is null)
        {
            return new LogSearch(range, null, call);
        }

        var lines = await KeyRecordRows.Lines(database, org, team, user, Limits.LiteLlmCallersMax, cancellationToken);
        return new LogSearch(range, await keys.CallersOf(org, lines, cancellationToken), call);
    }

    private Task<long> Count(OrgId org, LogSearch search, CancellationToken cancellationToken) =>
        sums.Count(org, search, cancellationToken);

    private Task<IReadOnlyList<(string Tag, long Requests, decimal Micros)>> Tags(
        OrgId org, Period range, CancellationToken cancellationToken) => sums.Tags(org, range, cancellationToken);

    private async Task<IReadOnlyList<SpendSum>> Read(HttpContext context, CancellationToken cancellationToken)
    {
        var org = context.Caller().RequiredOrg;
        var actor = context.Text("api_key") is { } key ? (await keys.Find(org, key, cancellationToken)).Id.ToString() : null;
        return await sums.Read(org, await Range(context, cancellationToken), actor, cancellationToken);
    }

    private async Task<Period> Range(HttpContext context, CancellationToken cancellationToken)
    {
        var now = await clock.Now(context.Caller().RequiredOrg, cancellationToken);
        return context.Range(now) ?? new Period(now - Limits.HistoryUsually, now.AddSeconds(1));
    }

    private Task<IReadOnlyDictionary<string, SpendOwner>> Owners(
        HttpContext context, IEnumerable<string> actors, CancellationToken cancellationToken) =>
        sums.Owners(context.Caller().RequiredOrg, actors, cancellationToken);

    private static IEnumerable<IGrouping<string, SpendSum>> Ranked(
        HttpContext context, IReadOnlyList<SpendSum> all, Func<SpendSum, string> name) =>
        all.GroupBy(name)
            .OrderByDescending(group => group.Sum(one => one.Micros))
            .ThenBy(group => group.Key, StringComparer.Ordinal)
            .Take(context.Number("limit", Limits.LiteLlmRankedUsually, Limits.LiteLlmRowsMax));

    private static JsonObject Spends(IEnumerable<IGrouping<string, SpendSum>> groups) =>
        new(groups.Select(group => KeyValuePair.Create(group.Key, (JsonNode?)group.Sum(one => one.Spend))));

    private static JsonArray Listed<T>(IEnumerable<T> items, Func<T, JsonObject> shown) => new([.. items.Select(shown)]);

    private static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static IResult Answer(JsonNode answer) => TypedResults.Json(answer, JsonSerializerOptions.Default);
}
