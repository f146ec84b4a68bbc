using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Inference.Internal;

/// <summary>Limits that LiteLLM's tools keep once, for several keys and customers.</summary>
/// <param name="Name">Its id, as it was given or made up.</param>
/// <param name="CreatedBy">Who made it.</param>
/// <param name="CreatedAt">Since when there is one.</param>
internal sealed record SharedBudget(string Name, string CreatedBy, DateTimeOffset CreatedAt)
{
    public long? MaxMicros { get; init; }

    public long? SoftMicros { get; init; }

    public string? Duration { get; init; }

    public int? RequestsPerMinute { get; init; }

    public long? TokensPerMinute { get; init; }

    public int? ParallelMax { get; init; }

    public DateTimeOffset ChangedAt { get; init; } = CreatedAt;
}

/// <summary>Shared budgets as rows.</summary>
internal static class SharedBudgetRows
{
    private const string Columns = """
        b.name, b.created_by, b.created_at, b.max_micros, b.soft_micros, b.budget_duration, b.requests_per_minute,
            b.tokens_per_minute, b.parallel_max, b.changed_at
        """;

    private const string FindSql = $"""
        select {Columns}
        from inference.shared_budgets b
        where b.org_id = $1
            and b.name = $2
        """;

    /// <summary>One of them; null where there is none.</summary>
    public static async Task<SharedBudget?> Find(
        NpgsqlDataSource database, OrgId org, string name, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(FindSql, org.Value, name);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Read(reader) : null;
    }

    private const string ListSql = $"""
        select {Columns}
        from inference.shared_budgets b
        where b.org_id = $1
        order by b.name
        limit $2
        """;

    /// <summary>All of an organisation.</summary>
    public static async Task<IReadOnlyList<SharedBudget>> List(
        NpgsqlDataSource database, OrgId org, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(ListSql, org.Value, Limits.LiteLlmBudgetsMax);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<SharedBudget>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(Read(reader));
        }

        return rows;
    }

    private const string WriteSql = """
        insert into inference.shared_budgets (
            org_id, name, max_micros, soft_micros, budget_duration, requests_per_minute, tokens_per_minute, parallel_max,
            created_by, created_at, changed_at)
        values ($1, $2, $3::bigint, $4::bigint, $5, $6::integer, $7::bigint, $8::integer, $9, $10, $11)
        on conflict (org_id, name) do update
        set max_micros = excluded.max_micros,
            soft_micros = excluded.soft_micros,
            budget_duration = excluded.budget_duration,
            requests_per_minute = excluded.requests_per_minute,
            tokens_per_minute = excluded.tokens_per_minute,
            parallel_max = excluded.parallel_max,
            changed_at = excluded.changed_at
        """;

    /// <summary>Writes one.</summary>
    public static async Task Write(
        NpgsqlTransaction transaction, OrgId org, SharedBudget budget, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(
            WriteSql,
            org.Value,
            budget.Name,
            budget.MaxMicros,
            budget.SoftMicros,
            budget.Duration,
            budget.RequestsPerMinute,
            budget.TokensPerMinute,
            budget.ParallelMax,
            budget.CreatedBy,
            budget.CreatedAt,
            budget.ChangedAt);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    // Whoever is held to it stays so: then there is nothing to take away.
    private const string DeleteSql = """
        delete from inference.shared_budgets b
        where b.org_id = $1
            and b.name = $2
            and not exists (
                select
                from inference.key_policies p
                where p.org_id = b.org_id
                    and p.shared_budget = b.name
                    and p.deleted_at is null)
            and not exists (
                select
                from inference.spenders s
                where s.org_id = b.org_id
                    and s.shared_budget = b.name
                    and s.deleted_at is null)
        """;

    /// <summary>Deletes one that nobody is held to; whether it is gone.</summary>
    public static async Task<bool> Delete(
        NpgsqlTransaction transaction, OrgId org, string name, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(DeleteSql, org.Value, name);
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    private const string HeldSql = """
        select 'key', p.key_id::text
        from inference.key_policies p
        where p.org_id = $1
            and p.shared_budget = $2
            and p.deleted_at is null
        union all
        select s.kind, s.name
        from inference.spenders s
        where s.org_id = $1
            and s.shared_budget = $2
            and s.deleted_at is null
        order by 1, 2
        """;

    /// <summary>Who is held to one: keys by the first of their line, others by kind and name.</summary>
    public static async Task<IReadOnlyList<(string Kind, string Name)>> Held(
        NpgsqlDataSource database, OrgId org, string name, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(HeldSql, org.Value, name);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var held = new List<(string, string)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            held.Add((reader.GetString(0), reader.GetString(1)));
        }

        return held;
    }

    private static SharedBudget Read(NpgsqlDataReader reader) => new(
        reader.GetString(0), reader.GetString(1), reader.GetFieldValue<DateTimeOffset>(2))
    {
        MaxMicros = reader.IsDBNull(3) ? null : reader.GetInt64(3),
        SoftMicros = reader.IsDBNull(4) ? null : reader.GetInt64(4),
        Duration = reader.IsDBNull(5) ? null : reader.GetString(5),
        RequestsPerMinute = reader.IsDBNull(6) ? null : reader.GetInt32(6),
        TokensPerMinute = reader.IsDBNull(7) ? null : reader.GetInt64(7),
        ParallelMax = reader.IsDBNull(8) ? null : reader.GetInt32(8),
        ChangedAt = reader.GetFieldValue<DateTimeOffset>(9),
    };
}
