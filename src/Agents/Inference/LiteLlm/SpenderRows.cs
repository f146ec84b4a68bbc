using System.Text.Json.Nodes;
using Npgsql;
using Quoin.Kernel;
using Quoin.Limiting;
using Quoin.Platform;

namespace Quoin.Inference.Internal;

/// <summary>A team of keys, a user who has keys, one within a team, or a customer whom calls name.</summary>
/// <param name="Kind"><c>team</c>, <c>user</c>, <c>member</c> or <c>customer</c>: the kind of scope of its budgets.</param>
/// <param name="Name">Its id, as it was given or made up.</param>
/// <param name="Counter">What its tokens a minute are counted under.</param>
/// <param name="CreatedAt">Since when there is one.</param>
internal sealed record Spender(string Kind, string Name, Guid Counter, DateTimeOffset CreatedAt)
{
    public string? Alias { get; init; }

    public string? Email { get; init; }

    public IReadOnlyList<string>? Models { get; init; }

    public int? RequestsPerMinute { get; init; }

    public long? TokensPerMinute { get; init; }

    public bool IsBlocked { get; init; }

    public JsonArray Members { get; init; } = [];

    public JsonObject Metadata { get; init; } = [];

    public KeptBudgets Budgets { get; init; } = KeptBudgets.None;

    /// <summary>The shared budget whose limits are its; null where they are its own.</summary>
    public string? SharedBudget { get; init; }

    public DateTimeOffset ChangedAt { get; init; } = CreatedAt;

    public DateTimeOffset? DeletedAt { get; init; }

    /// <summary>Whose budgets are its.</summary>
    public SpendScope Scope => new(Kind, Name);
}

/// <summary>Teams and users as rows.</summary>
internal static class SpenderRows
{
    private const string Columns = """
        s.kind, s.name, s.counter_id, s.created_at, s.alias, s.email, s.models::text, s.requests_per_minute,
            s.tokens_per_minute, s.is_blocked, s.members::text, s.metadata::text, s.budget_id, s.soft_budget_id,
            s.budget_duration, s.changed_at, s.deleted_at, s.shared_budget
        """;

    private const string FindSql = $"""
        select {Columns}
        from inference.spenders s
        where s.org_id = $1
            and s.kind = $2
            and s.name = $3
        """;

    /// <summary>One of them, also one that was deleted; null where there is none.</summary>
    public static async Task<Spender?> Find(
        NpgsqlDataSource database, OrgId org, string kind, string name, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(FindSql, org.Value, kind, name);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Read(reader) : null;
    }

    private const string ListSql = $"""
        select {Columns}, count(*) over ()
        from inference.spenders s
        where s.org_id = $1
            and s.kind = $2
            and s.deleted_at is null
            and ($3::text is null or s.members @> jsonb_build_array(jsonb_build_object('user_id', $3::text)))
        order by s.name
        limit $4 offset $5
        """;

    /// <summary>Those that are not deleted, and how many there are altogether.</summary>
    public static async Task<(IReadOnlyList<Spender> Rows, long Total)> List(
        NpgsqlDataSource database,
        OrgId org,
        string kind,
        string? member,
        int limit,
        int offset,
        CancellationToken cancellationToken)
    {
        await using var command = database.Sql(ListSql, org.Value, kind, member, limit, offset);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var (rows, total) = (new List<Spender>(), 0L);
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(Read(reader));
            total = reader.GetInt64(18);
        }

        return (rows, total);
    }

    private const string WriteSql = """
        insert into inference.spenders (
            org_id, kind, name, counter_id, alias, email, models, requests_per_minute, tokens_per_minute, is_blocked, members,
            metadata, budget_id, soft_budget_id, budget_duration, created_at, changed_at, deleted_at, shared_budget)
        values (
            $1, $2, $3, $4, $5, $6, $7::jsonb, $8::integer, $9::bigint, $10, $11::jsonb, $12::jsonb, $13::uuid, $14::uuid, $15,
            $16, $17, $18::timestamptz, $19)
        on conflict (org_id, kind, name) do update
        set alias = excluded.alias,
            email = excluded.email,
            models = excluded.models,
            requests_per_minute = excluded.requests_per_minute,
            tokens_per_minute = excluded.tokens_per_minute,
            is_blocked = excluded.is_blocked,
            members = excluded.members,
            metadata = excluded.metadata,
            budget_id = excluded.budget_id,
            soft_budget_id = excluded.soft_budget_id,
            budget_duration = excluded.budget_duration,
            changed_at = excluded.changed_at,
            deleted_at = excluded.deleted_at,
            shared_budget = excluded.shared_budget
        """;

    /// <summary>Writes one.</summary>
    public static async Task Write(
        NpgsqlTransaction transaction, OrgId org, Spender spender, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(
            WriteSql,
            org.Value,
            spender.Kind,
            spender.Name,
            spender.Counter,
            spender.Alias,
            spender.Email,
            spender.Models is null ? null : System.Text.Json.JsonSerializer.Serialize(spender.Models),
            spender.RequestsPerMinute,
            spender.TokensPerMinute,
            spender.IsBlocked,
            spender.Members.ToJsonString(),
            spender.Metadata.ToJsonString(),
            spender.Budgets.Limit?.Value,
            spender.Budgets.Soft?.Value,
            spender.Budgets.Duration,
            spender.CreatedAt,
            spender.ChangedAt,
            spender.DeletedAt,
            spender.SharedBudget);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static Spender Read(NpgsqlDataReader reader) => new(
        reader.GetString(0), reader.GetString(1), reader.GetGuid(2), reader.GetFieldValue<DateTimeOffset>(3))
    {
        Alias = reader.IsDBNull(4) ? null : reader.GetString(4),
        Email = reader.IsDBNull(5) ? null : reader.GetString(5),
        Models = reader.IsDBNull(6)
            ? null
            : System.Text.Json.JsonSerializer.Deserialize<IReadOnlyList<string>>(reader.GetString(6)),
        RequestsPerMinute = reader.IsDBNull(7) ? null : reader.GetInt32(7),
        TokensPerMinute = reader.IsDBNull(8) ? null : reader.GetInt64(8),
        IsBlocked = reader.GetBoolean(9),
        Members = (JsonArray)JsonNode.Parse(reader.GetString(10))!,
        Metadata = (JsonObject)JsonNode.Parse(reader.GetString(11))!,
        Budgets = new KeptBudgets(
            reader.IsDBNull(12) ? null : new BudgetId(reader.GetGuid(12)),
            reader.IsDBNull(13) ? null : new BudgetId(reader.GetGuid(13)),
            reader.IsDBNull(14) ? null : reader.GetString(14)),
        ChangedAt = reader.GetFieldValue<DateTimeOffset>(15),
        DeletedAt = reader.IsDBNull(16) ? null : reader.GetFieldValue<DateTimeOffset>(16),
        SharedBudget = reader.IsDBNull(17) ? null : reader.GetString(17),
    };
}
