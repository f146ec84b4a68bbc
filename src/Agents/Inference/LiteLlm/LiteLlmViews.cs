using System.Text.Json.Nodes;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Inference.Internal;

/// <summary>Keys, teams and users in the members that LiteLLM's proxy has for them.</summary>
internal static class LiteLlmViews
{
    /// <summary>A key, without its value.</summary>
    public static JsonObject Key(OrgId org, KeyProfile key, KeyPolicy policy, KeyRecord record, ScopeSpend money) => new()
    {
        ["token"] = key.Id.ToString(),
        ["token_id"] = key.Id.ToString(),
        ["key_name"] = $"{key.Prefix}_...{key.LastFour}",
        ["key_alias"] = record.Alias,
        ["spend"] = money.Spend,
        ["max_budget"] = money.Max,
        ["soft_budget"] = money.Soft,
        ["budget_duration"] = record.Budgets.Duration,
        ["budget_reset_at"] = Text(money.ResetsAt),
        ["budget_id"] = record.SharedBudget,
        ["expires"] = Text(key.ExpiresAt),
        ["models"] = Names(policy.Models),
        ["aliases"] = Map(record.ModelAliases),
        ["config"] = new JsonObject(),
        ["permissions"] = new JsonObject(),
        ["model_max_budget"] = new JsonObject(),
        ["user_id"] = policy.User,
        ["team_id"] = policy.Team,
        ["project_id"] = policy.Project?.ToString(),
        ["organization_id"] = org.ToString(),
        ["max_parallel_requests"] = policy.ParallelMax,
        ["tpm_limit"] = policy.TokensPerMinute,
        ["rpm_limit"] = policy.RequestsPerMinute,
        ["tags"] = Names(policy.Tags),
        ["metadata"] = record.Metadata.DeepClone(),
        ["blocked"] = record.IsBlocked,
        ["created_by"] = key.CreatedBy,
        ["created_at"] = Text(key.CreatedAt),
    };

    /// <summary>A team.</summary>
    public static JsonObject Team(OrgId org, Spender team, ScopeSpend money) => new()
    {
        ["team_id"] = team.Name,
        ["team_alias"] = team.Alias,
        ["organization_id"] = org.ToString(),
        ["admins"] = Ids(team, "admin"),
        ["members"] = Ids(team, "user"),
        ["members_with_roles"] = team.Members.DeepClone(),
        ["metadata"] = team.Metadata.DeepClone(),
        ["tpm_limit"] = team.TokensPerMinute,
        ["rpm_limit"] = team.RequestsPerMinute,
        ["max_budget"] = money.Max,
        ["soft_budget"] = money.Soft,
        ["budget_duration"] = team.Budgets.Duration,
        ["budget_reset_at"] = Text(money.ResetsAt),
        ["models"] = Names(team.Models),
        ["blocked"] = team.IsBlocked,
        ["spend"] = money.Spend,
        ["created_at"] = Text(team.CreatedAt),
        ["updated_at"] = Text(team.ChangedAt),
    };

    /// <summary>What a user may do within a team.</summary>
    public static JsonObject Membership(string team, string user, Spender member, ScopeSpend money) => new()
    {
        ["user_id"] = user,
        ["team_id"] = team,
        ["budget_id"] = member.Budgets.Limit?.ToString(),
        ["spend"] = money.Spend,
        ["litellm_budget_table"] = HeldTo(member, money),
    };

    /// <summary>A user.</summary>
    public static JsonObject User(Spender user, ScopeSpend money, IEnumerable<string> teams) => new()
    {
        ["user_id"] = user.Name,
        ["user_alias"] = user.Alias,
        ["user_email"] = user.Email,
        ["user_role"] = "internal_user",
        ["teams"] = Names([.. teams]),
        ["metadata"] = user.Metadata.DeepClone(),
        ["tpm_limit"] = user.TokensPerMinute,
        ["rpm_limit"] = user.RequestsPerMinute,
        ["max_budget"] = money.Max,
        ["soft_budget"] = money.Soft,
        ["budget_duration"] = user.Budgets.Duration,
        ["budget_reset_at"] = Text(money.ResetsAt),
        ["models"] = Names(user.Models),
        ["spend"] = money.Spend,
        ["created_at"] = Text(user.CreatedAt),
        ["updated_at"] = Text(user.ChangedAt),
    };

    /// <summary>A customer: whom calls name.</summary>
    public static JsonObject Customer(Spender customer, ScopeSpend money) => new()
    {
        ["user_id"] = customer.Name,
        ["alias"] = customer.Alias,
        ["blocked"] = customer.IsBlocked,
        ["spend"] = money.Spend,
        ["allowed_model_region"] = null,
        ["default_model"] = null,
        ["litellm_budget_table"] = HeldTo(customer, money),
    };

    /// <summary>Limits that are kept once.</summary>
    public static JsonObject Budget(SharedBudget budget) => new()
    {
        ["budget_id"] = budget.Name,
        ["max_budget"] = Units(budget.MaxMicros),
        ["soft_budget"] = Units(budget.SoftMicros),
        ["budget_duration"] = budget.Duration,
        ["tpm_limit"] = budget.TokensPerMinute,
        ["rpm_limit"] = budget.RequestsPerMinute,
        ["max_parallel_requests"] = budget.ParallelMax,
        ["model_max_budget"] = new JsonObject(),
        ["created_by"] = budget.CreatedBy,
        ["created_at"] = Text(budget.CreatedAt),
        ["updated_at"] = Text(budget.ChangedAt),
    };

    /// <summary>What the audit log keeps of a key.</summary>
    public static string Audited(KeyRecord record) => new JsonObject
    {
        ["key_alias"] = record.Alias,
        ["blocked"] = record.IsBlocked,
        ["aliases"] = Map(record.ModelAliases),
        ["metadata"] = record.Metadata.DeepClone(),
        ["budget_id"] = record.Budgets.Limit?.ToString(),
        ["soft_budget_id"] = record.Budgets.Soft?.ToString(),
        ["shared_budget"] = record.SharedBudget,
        ["budget_duration"] = record.Budgets.Duration,
    }.ToJsonString();

    /// <summary>What the audit log keeps of a team or a user.</summary>
    public static string Audited(Spender spender) => new JsonObject
    {
        ["kind"] = spender.Kind,
        ["name"] = spender.Name,
        ["alias"] = spender.Alias,
        ["models"] = Names(spender.Models),
        ["requests_per_minute"] = spender.RequestsPerMinute,
        ["tokens_per_minute"] = spender.TokensPerMinute,
        ["is_blocked"] = spender.IsBlocked,
        ["members"] = spender.Members.DeepClone(),
        ["metadata"] = spender.Metadata.DeepClone(),
        ["budget_id"] = spender.Budgets.Limit?.ToString(),
        ["soft_budget_id"] = spender.Budgets.Soft?.ToString(),
        ["shared_budget"] = spender.SharedBudget,
        ["budget_duration"] = spender.Budgets.Duration,
        ["deleted_at"] = Text(spender.DeletedAt),
    }.ToJsonString();

    /// <summary>Names as a list; none is an empty one.</summary>
    public static JsonArray Names(IReadOnlyList<string>? names) => new([.. (names ?? []).Select(name => (JsonNode)name)]);

    private static JsonObject Map(IReadOnlyDictionary<string, string>? map) =>
        new((map ?? new Dictionary<string, string>()).Select(one => KeyValuePair.Create(one.Key, (JsonNode?)one.Value)));

    private static JsonArray Ids(Spender team, string role) => new(
    [
        .. team.Members
            .Where(member => (string?)member!["role"] == role && member["user_id"] is not null)
            .Select(member => member!["user_id"]!.DeepClone()),
    ]);

    private static JsonObject HeldTo(Spender spender, ScopeSpend money) => new()
    {
        ["budget_id"] = spender.SharedBudget,
        ["max_budget"] = money.Max,
        ["soft_budget"] = money.Soft,
        ["budget_duration"] = spender.Budgets.Duration,
        ["budget_reset_at"] = Text(money.ResetsAt),
        ["tpm_limit"] = spender.TokensPerMinute,
        ["rpm_limit"] = spender.RequestsPerMinute,
        ["max_parallel_requests"] = null,
        ["allowed_models"] = Names(spender.Models),
        ["model_max_budget"] = new JsonObject(),
    };

    private static decimal? Units(long? micros) => micros is { } known ? Dollars.Of(known) : null;

    private static string? Text(DateTimeOffset? instant) => instant is { } at ? Rfc3339.Format(at) : null;
}
