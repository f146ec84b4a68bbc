using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Quoin.Platform;

namespace Quoin.Inference.Internal;

/// <summary>
/// What LiteLLM's tools send. They send members that nobody here knows, and those go by. What would hold somebody to
/// something, and cannot be kept here, is refused: a bound that silently does not hold is worse than none.
/// </summary>
internal static class LiteLlmBody
{
    // Empty ones say nothing, and tools like to send those.
    private static readonly string[] Unkept =
    [
        "key", "budget_id", "model_max_budget", "budget_limits", "model_rpm_limit", "model_tpm_limit", "guardrails",
        "policies", "prompts", "enforced_params", "allowed_cache_controls", "allowed_passthrough_routes", "allowed_routes",
        "permissions",
        "config", "object_permission", "router_settings", "access_group_ids", "agent_id", "auto_rotate",
        "team_member_permissions", "default_team_member_models", "spend", "max_budget_in_team", "team_member_budget",
    ];

    // What keys here may do anyway: they call models, whatever somebody lists of that.
    private static readonly string[] CallingTypes = ["default", "llm_api"];

    private static readonly string[] AllModels = ["*", "all-team-models", "all-proxy-models"];

    /// <summary>Throws where a body wants what cannot be kept.</summary>
    /// <param name="body">The body.</param>
    /// <param name="but">Members that mean something else here.</param>
    public static void RefuseUnkept(this JsonElement body, params ReadOnlySpan<string> but)
    {
        if (body.ValueKind != JsonValueKind.Object)
        {
            throw JsonMembers.Wrong("The body must be a JSON object.");
        }

        foreach (var name in Unkept)
        {
            if (!but.Contains(name) && body.Member(name) is { } value && !IsEmpty(value))
            {
                throw JsonMembers.Wrong($"'{name}' is not supported here and must be left out.");
            }
        }

        if (body.Text("key_type") is { } type && !CallingTypes.Contains(type))
        {
            throw JsonMembers.Wrong("'key_type' must be llm_api: keys made here call models and do nothing else.");
        }
    }

    /// <summary>Whether a body has a member, be it null.</summary>
    public static bool Says(this JsonElement body, string name) => body.TryGetProperty(name, out _);

    /// <summary>A text fit to be kept; null where it is absent or empty.</summary>
    public static string? Name(this JsonElement body, string name) => body.Text(name) switch
    {
        null or "" => null,
        var text when InputText.Problem(text, Limits.OutsideLettersMax) is { } problem =>
            throw JsonMembers.Wrong($"'{name}' {problem}."),
        var text => text,
    };

    /// <summary>Names in a list; null where it is absent or empty.</summary>
    public static IReadOnlyList<string>? Names(this JsonElement body, string name)
    {
        var names = new List<string>();
        foreach (var item in body.Items(name))
        {
            if (item.ValueKind != JsonValueKind.String
                || InputText.Problem(item.GetString()!, Limits.OutsideLettersMax) is not null)
            {
                throw JsonMembers.Wrong($"'{name}' must be a list of names.");
            }

            names.Add(item.GetString()!);
        }

        return names.Count switch
        {
            0 => null,
            > Limits.PolicyNamesMax => throw JsonMembers.Wrong($"'{name}' must have at most {Limits.PolicyNamesMax} members."),
            _ => names,
        };
    }

    /// <summary>The models somebody may call; null for all, which LiteLLM has words for, too.</summary>
    public static IReadOnlyList<string>? Models(this JsonElement body, string name = "models") => body.Names(name) switch
    {
        null => null,
        var models when models.Intersect(AllModels, StringComparer.Ordinal).Any() => null,
        var models when models.FirstOrDefault(model => model.Contains('*', StringComparison.Ordinal)) is { } pattern =>
            throw JsonMembers.Wrong($"'{pattern}' is not supported here: name each model, or give '*' for all."),
        var models => models,
    };

    /// <summary>Throws where a body's text could not be written down.</summary>
    public static void RefuseUnwritable(this JsonElement body)
    {
        var text = body.GetRawText();
        if (text.Contains("\\u0000", StringComparison.Ordinal) || !JsonUnicode.IsWhole(Encoding.UTF8.GetBytes(text)))
        {
            throw JsonMembers.Wrong("The body has text that is not valid Unicode, or a NUL.");
        }
    }

    /// <summary>Text by text; null where it is absent or empty.</summary>
    public static IReadOnlyDictionary<string, string>? Map(this JsonElement body, string name)
    {
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var member in body.Object(name)?.EnumerateObject() ?? default)
        {
            if (member.Value.ValueKind != JsonValueKind.String
                || InputText.Problem(member.Name, Limits.OutsideLettersMax) is not null
                || InputText.Problem(member.Value.GetString()!, Limits.OutsideLettersMax) is not null)
            {
                throw JsonMembers.Wrong($"'{name}' must give names to names.");
            }

            map[member.Name] = member.Value.GetString()!;
        }

        return map.Count switch
        {
            0 => null,
            > Limits.PolicyNamesMax => throw JsonMembers.Wrong($"'{name}' must have at most {Limits.PolicyNamesMax} members."),
            _ => map,
        };
    }

    /// <summary>Requests a minute, which a body may set or, by null, lift; what is known where it does not say.</summary>
    public static int? RequestsPerMinute(this JsonElement body, int? known) =>
        (int?)body.Limit("rpm_limit", Limits.RequestsPerMinuteMax, known);

    /// <summary>Tokens a minute, in the same way.</summary>
    public static long? TokensPerMinute(this JsonElement body, long? known) =>
        body.Limit("tpm_limit", Limits.TokensPerMinuteMax, known);

    /// <summary>Calls at the same time, in the same way.</summary>
    public static int? ParallelMax(this JsonElement body, int? known) =>
        (int?)body.Limit("max_parallel_requests", Limits.ParallelMax, known);

    private static long? Limit(this JsonElement body, string name, long max, long? known) => body.Says(name)
        ? body.Whole(name) switch
        {
            null => null,
            > 0 and var value when value <= max => value,
            _ => throw JsonMembers.Wrong($"'{name}' must be 1 to {max}."),
        }
        : known;

    /// <summary>What callers keep with a key, a team or a user; null where it is absent.</summary>
    public static JsonObject? Metadata(this JsonElement body)
    {
        if (body.Object("metadata") is not { } metadata)
        {
            return null;
        }

        var text = metadata.GetRawText();
        return text.Length <= Limits.LiteLlmMetadataLettersMax
            ? (JsonObject)JsonNode.Parse(text)!
            : throw JsonMembers.Wrong($"'metadata' must have at most {Limits.LiteLlmMetadataLettersMax} letters.");
    }

    /// <summary>Where in time a duration from now ends; null for never.</summary>
    public static DateTimeOffset? Expiry(this JsonElement body, DateTimeOffset now) => body.Name("duration") switch
    {
        null => null,
        "1mo" => now.AddMonths(1),
        var text => now + (LiteLlmDuration.Length(text) ?? throw LiteLlmDuration.Wrong("duration")),
    };

    private static bool IsEmpty(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.False => true,
        JsonValueKind.String => value.GetString()!.Length == 0,
        JsonValueKind.Array => value.GetArrayLength() == 0,
        JsonValueKind.Object => !value.EnumerateObject().MoveNext(),
        JsonValueKind.Number => value.TryGetDecimal(out var number) && number == 0,
        _ => false,
    };
}
