using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Limiting;
using Quoin.Platform;

namespace Quoin.Inference.Internal;

/// <summary>What LiteLLM's tools say of a key beyond what the gateway holds it to.</summary>
/// <param name="Key">The first key of its line.</param>
internal sealed record KeyRecord(KeyId Key)
{
    public string? Alias { get; init; }

    public bool IsBlocked { get; init; }

    public IReadOnlyDictionary<string, string>? ModelAliases { get; init; }

    public JsonObject Metadata { get; init; } = [];

    public KeptBudgets Budgets { get; init; } = KeptBudgets.None;

    /// <summary>The shared budget whose limits are its; null where they are its own.</summary>
    public string? SharedBudget { get; init; }

    /// <summary>The team it belongs to, as its rules say.</summary>
    public string? Team { get; init; }

    /// <summary>The user it belongs to, as its rules say.</summary>
    public string? User { get; init; }

    /// <summary>Whose budgets are its.</summary>
    public SpendScope Scope => new(CallScopes.KeyKind, Key.ToString());
}

/// <summary>Which keys, of those that were not deleted.</summary>
/// <param name="Team">Those of a team; null for any.</param>
/// <param name="User">Those of a user; null for any.</param>
internal sealed record KeyFilter(string? Team = null, string? User = null)
{
    /// <summary>The one of this name; null for any.</summary>
    public string? Alias { get; init; }

    /// <summary>Those of these lines, by their first keys; null for any.</summary>
    public IReadOnlyCollection<KeyId>? Lines { get; init; }
}

/// <summary>What LiteLLM's tools say of keys, beside their rules.</summary>
internal static class KeyRecordRows
{
    private const string Columns = """
        p.key_id, p.alias, p.is_blocked, p.model_aliases::text, p.metadata::text, p.budget_id, p.soft_budget_id,
            p.budget_duration, p.team, p.end_user, p.shared_budget
        """;

    private const string FindSql = $"""
        select {Columns}
        from inference.key_policies p
        where p.org_id = $1
            and p.key_id = $2
        """;

    /// <summary>What is said of a key; nothing where it has no rules yet.</summary>
    public static async Task<KeyRecord> Find(
        NpgsqlDataSource database, OrgId org, KeyId root, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(FindSql, org.Value, root.Value);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Read(reader) : new KeyRecord(root);
    }

    private const string ListSql = $"""
        select {Columns}, count(*) over ()
        from inference.key_policies p
        where p.org_id = $1
            and p.deleted_at is null
            and ($2::text is null or p.team = $2)
            and ($3::text is null or p.end_user = $3)
            and ($4::text is null or p.alias = $4)
            and ($5::uuid[] is null or p.key_id = any($5))
        order by p.key_id desc
        limit $6 offset $7
        """;

    /// <summary>Keys that were not deleted, the newest first, and how many there are altogether.</summary>
    public static async Task<(IReadOnlyList<KeyRecord> Rows, long Total)> List(
        NpgsqlDataSource database,
        OrgId org,
        KeyFilter filter,
        int limit,
        int offset,
        CancellationToken cancellationToken)
    {
        await using var command = database.Sql(
            ListSql,
            org.Value,
            filter.Team,
            filter.User,
            filter.Alias,
            filter.Lines?.Select(first => first.Value).ToArray(),
            limit,
            offset);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var (rows, total) = (new List<KeyRecord>(), 0L);
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(Read(reader));
            total = reader.GetInt64(11);
        }

        return (rows, total);
    }

    private const string LinesSql = """
        select p.key_id
        from inference.key_policies p
        where p.org_id = $1
            and ($2::text is null or p.team = $2)
            and ($3::text is null or p.end_user = $3)
        order by p.key_id desc
        limit $4
        """;

    /// <summary>
    /// The lines of a team, a user or both, by their first keys, the newest first: those that were deleted, too, for what they
    /// spent stays spent.
    /// </summary>
    public static async Task<IReadOnlyList<KeyId>> Lines(
        NpgsqlDataSource database, OrgId org, string? team, string? user, int rowsMax, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(LinesSql, org.Value, team, user, rowsMax);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var lines = new List<KeyId>();
        while (await reader.ReadAsync(cancellationToken))
        {
            lines.Add(new KeyId(reader.GetGuid(0)));
        }

        return lines;
    }

    private const string WriteSql = """
        update inference.key_policies
        set alias = $3,
            is_blocked = $4,
            model_aliases = $5::jsonb,
            metadata = $6::jsonb,
            budget_id = $7::uuid,
            soft_budget_id = $8::uuid,
            budget_duration = $9,
            changed_at = $10,
            shared_budget = $11
        where org_id = $1
            and key_id = $2
        """;

    /// <summary>Writes what is said of a key that has rules.</summary>
    public static async Task Write(
        NpgsqlTransaction transaction, OrgId org, KeyRecord record, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(
            WriteSql,
            org.Value,
            record.Key.Value,
            record.Alias,
            record.IsBlocked,
            record.ModelAliases is null ? null : JsonSerializer.Serialize(record.ModelAliases),
            record.Metadata.ToJsonString(),
            record.Budgets.Limit?.Value,
            record.Budgets.Soft?.Value,
            record.Budgets.Duration,
            now,
            record.SharedBudget);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    // Its name is free again; what it did keeps the key's label.
    private const string DeleteSql = """
        update inference.key_policies
        set alias = null,
            deleted_at = $3,
            changed_at = $3
        where org_id = $1
            and key_id = $2
        """;

    /// <summary>Notes that a key was deleted.</summary>
    public static async Task Delete(
        NpgsqlDataSource database, OrgId org, KeyId root, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(DeleteSql, org.Value, root.Value, now);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private const string FreeAliasSql = """
        update inference.key_policies
        set alias = null,
            changed_at = $3
        where org_id = $1
            and key_id = $2
        """;

    /// <summary>Takes its name from a key that needs it no longer.</summary>
    public static async Task FreeAlias(
        NpgsqlDataSource database, OrgId org, KeyId root, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(FreeAliasSql, org.Value, root.Value, now);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static KeyRecord Read(NpgsqlDataReader reader) => new(new KeyId(reader.GetGuid(0)))
    {
        Alias = reader.IsDBNull(1) ? null : reader.GetString(1),
        IsBlocked = reader.GetBoolean(2),
        ModelAliases = reader.IsDBNull(3)
            ? null
            : JsonSerializer.Deserialize<IReadOnlyDictionary<string, string>>(reader.GetString(3)),
        Metadata = reader.IsDBNull(4) ? [] : (JsonObject)JsonNode.Parse(reader.GetString(4))!,
        Budgets = new KeptBudgets(
            reader.IsDBNull(5) ? null : new BudgetId(reader.GetGuid(5)),
            reader.IsDBNull(6) ? null : new BudgetId(reader.GetGuid(6)),
            reader.IsDBNull(7) ? null : reader.GetString(7)),
        Team = reader.IsDBNull(8) ? null : reader.GetString(8),
        User = reader.IsDBNull(9) ? null : reader.GetString(9),
        SharedBudget = reader.IsDBNull(10) ? null : reader.GetString(10),
    };
}
