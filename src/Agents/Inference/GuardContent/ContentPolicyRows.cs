using System.Text.Json;
using System.Text.Json.Serialization;
using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Inference.Internal;

/// <summary>Policies of content, as stored.</summary>
internal static class ContentPolicyRows
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    private const string FindSql = """
        select key_id, days_kept, cached_seconds, guard::text
        from inference.content_policies
        where org_id = $1
            and key_id = any($2)
        order by key_id
        """;

    /// <summary>The policies there are, by key; the organisation's under the nil key.</summary>
    public static async Task<IReadOnlyDictionary<Guid, ContentPolicy>> Find(
        NpgsqlDataSource database, OrgId org, Guid[] keys, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(FindSql, org.Value, keys);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new Dictionary<Guid, ContentPolicy>();
        while (await reader.ReadAsync(cancellationToken))
        {
            found[reader.GetGuid(0)] = new ContentPolicy(
                reader.IsDBNull(1) ? null : reader.GetInt32(1),
                reader.IsDBNull(2) ? null : reader.GetInt32(2),
                JsonSerializer.Deserialize<ContentGuard>(reader.GetString(3), Json));
        }

        return found;
    }

    private const string GuardedSql = """
        select key_id
        from inference.content_policies
        where org_id = $1
            and key_id <> '00000000-0000-0000-0000-000000000000'
            and guard not in ('null', '{}')
        order by changed_at desc
        limit $2
        """;

    /// <summary>The keys that have a guard of their own, those changed last first.</summary>
    public static async Task<IReadOnlyList<KeyId>> Guarded(
        NpgsqlDataSource database, OrgId org, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(GuardedSql, org.Value, Limits.GuardedKeysMax);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<KeyId>();
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(new KeyId(reader.GetGuid(0)));
        }

        return found;
    }

    // Turned off or on, neither shows what was there before.
    private const string WriteSql = """
        insert into inference.content_policies as p (org_id, key_id, days_kept, cached_seconds, guard, changed_at)
        values ($1, $2, $3::integer, $4::integer, $5::jsonb, $6)
        on conflict (org_id, key_id) do update
        set days_kept = excluded.days_kept,
            cached_seconds = excluded.cached_seconds,
            guard = excluded.guard,
            changed_at = excluded.changed_at,
            kept_since = case
                when (p.days_kept is null) <> (excluded.days_kept is null) then excluded.changed_at
                else p.kept_since
            end,
            cached_since = case
                when (p.cached_seconds is null) <> (excluded.cached_seconds is null) then excluded.changed_at
                else p.cached_since
            end
        """;

    /// <summary>Writes a policy.</summary>
    public static async Task Write(
        NpgsqlTransaction transaction,
        OrgId org,
        Guid key,
        ContentPolicy policy,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(
            WriteSql,
            org.Value,
            key,
            policy.DaysKept,
            policy.CachedSeconds,
            JsonSerializer.Serialize(policy.Guard, Json),
            now);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
