using System.Text.Json;
using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Limiting;
using Quoin.Platform;

namespace Quoin.Inference.Internal;

/// <summary>Policies of keys, and the tokens they are held to.</summary>
internal static class KeyPolicyRows
{
    // Of the minute before, as much counts as still lies within sixty seconds.
    private const string FindSql = """
        select p.posture, p.models::text, p.requests_per_minute, p.tokens_per_minute, p.parallel_max, p.tags::text,
            p.session, p.run, p.end_user, p.team, p.is_blocked, p.model_aliases::text,
            coalesce((
                select sum(case when m.minute = $3 then m.tokens else m.tokens * (60 - $5) / 60 end)
                from inference.key_minutes m
                where m.org_id = p.org_id
                    and m.key_id = p.key_id
                    and m.minute in ($3, $4)), 0)::bigint,
            p.required_tags::text, p.regions::text
        from inference.key_policies p
        where p.org_id = $1
            and p.key_id = $2
        """;

    /// <summary>A key's own policy; null where it has none.</summary>
    public static async Task<KeyPolicy?> Find(
        NpgsqlDataSource database, OrgId org, KeyId key, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var minute = MinuteOf(now);
        await using var command = database.Sql(
            FindSql, org.Value, key.Value, minute, minute.AddMinutes(-1), (int)(now - minute).TotalSeconds);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            return null;
        }

        return new KeyPolicy(StoredWord.Read<SpendPosture>(reader.GetString(0)))
        {
            Root = key,
            Models = reader.IsDBNull(1) ? null : JsonSerializer.Deserialize<IReadOnlyList<string>>(reader.GetString(1)),
            RequestsPerMinute = reader.IsDBNull(2) ? null : reader.GetInt32(2),
            TokensPerMinute = reader.IsDBNull(3) ? null : reader.GetInt64(3),
            ParallelMax = reader.IsDBNull(4) ? null : reader.GetInt32(4),
            Tags = JsonSerializer.Deserialize<IReadOnlyList<string>>(reader.GetString(5))!,
            Session = reader.IsDBNull(6) ? null : reader.GetString(6),
            Run = reader.IsDBNull(7) ? null : reader.GetString(7),
            User = reader.IsDBNull(8) ? null : reader.GetString(8),
            Team = reader.IsDBNull(9) ? null : reader.GetString(9),
            Member = reader.IsDBNull(8) || reader.IsDBNull(9)
                ? null
                : CallScopes.MemberOf(reader.GetString(9), reader.GetString(8)),
            IsBlocked = reader.GetBoolean(10),
            ModelAliases = reader.IsDBNull(11)
                ? null
                : JsonSerializer.Deserialize<IReadOnlyDictionary<string, string>>(reader.GetString(11)),
            TokensUsed = reader.GetInt64(12),
            Routing = reader.IsDBNull(13) && reader.IsDBNull(14)
                ? RoutingRule.None
                : new RoutingRule(Names(reader, 13), Names(reader, 14)),
        };
    }

    private static IReadOnlyList<string> Names(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? [] : JsonSerializer.Deserialize<IReadOnlyList<string>>(reader.GetString(column))!;

    private const string SpendersSql = """
        select s.kind, s.name, s.is_blocked or s.deleted_at is not null, s.models::text, s.requests_per_minute,
            s.tokens_per_minute, s.counter_id,
            coalesce((
                select sum(case when m.minute = $4 then m.tokens else m.tokens * (60 - $6) / 60 end)
                from inference.key_minutes m
                where m.org_id = s.org_id
                    and m.key_id = s.counter_id
                    and m.minute in ($4, $5)), 0)::bigint
        from inference.spenders s
        where s.org_id = $1
            and ((s.kind = 'team' and s.name = $2)
                or (s.kind = 'user' and s.name = $3)
                or (s.kind = 'member' and s.name = $8 and s.deleted_at is null)
                or (s.kind = 'customer' and s.name = $7 and s.deleted_at is null))
        order by s.kind
        """;

    /// <summary>
    /// What a team, a user, a member and a customer are held to; those that are held to nothing are left out. Of a customer that
    /// was deleted nothing is left: who calls names them, and they had no keys; nor of a member that left.
    /// </summary>
    public static async Task<IReadOnlyList<SpenderPolicy>> Spenders(
        NpgsqlDataSource database,
        OrgId org,
        string? team,
        string? user,
        string? member,
        string? customer,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var minute = MinuteOf(now);
        await using var command = database.Sql(
            SpendersSql, org.Value, team, user, minute, minute.AddMinutes(-1), (int)(now - minute).TotalSeconds, customer, member);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var spenders = new List<SpenderPolicy>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var spender = new SpenderPolicy(
                reader.GetString(0),
                reader.GetString(1),
                reader.GetBoolean(2),
                reader.IsDBNull(3) ? null : JsonSerializer.Deserialize<IReadOnlyList<string>>(reader.GetString(3)),
                reader.IsDBNull(4) ? null : reader.GetInt32(4),
                reader.IsDBNull(5) ? null : reader.GetInt64(5),
                reader.GetInt64(7),
                new KeyId(reader.GetGuid(6)));
            if (spender.Holds)
            {
                spenders.Add(spender);
            }
        }

        return spenders;
    }

    private const string WriteSql = """
        insert into inference.key_policies (
            org_id, key_id, posture, models, requests_per_minute, tokens_per_minute, parallel_max, tags, session, run,
            end_user, created_at, changed_at, required_tags, regions, team)
        values ($1, $2, $3, $4::jsonb, $5::integer, $6::bigint, $7::integer, $8::jsonb, $9, $10, $11, $12, $12, $13::jsonb,
            $14::jsonb, $15)
        on conflict (org_id, key_id) do update
        set posture = excluded.posture,
            models = excluded.models,
            requests_per_minute = excluded.requests_per_minute,
            tokens_per_minute = excluded.tokens_per_minute,
            parallel_max = excluded.parallel_max,
            tags = excluded.tags,
            session = excluded.session,
            run = excluded.run,
            end_user = excluded.end_user,
            required_tags = excluded.required_tags,
            regions = excluded.regions,
            team = excluded.team,
            changed_at = excluded.changed_at
        """;

    /// <summary>Writes a key's policy.</summary>
    public static async Task Write(
        NpgsqlTransaction transaction,
        OrgId org,
        KeyId key,
        KeyPolicy policy,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(
            WriteSql,
            org.Value,
            key.Value,
            StoredWord.Of(policy.Posture),
            policy.Models is null ? null : JsonSerializer.Serialize(policy.Models),
            policy.RequestsPerMinute,
            policy.TokensPerMinute,
            policy.ParallelMax,
            JsonSerializer.Serialize(policy.Tags),
            policy.Session,
            policy.Run,
            policy.User,
            now,
            policy.Routing.RequiredTags.Count == 0 ? null : JsonSerializer.Serialize(policy.Routing.RequiredTags),
            policy.Routing.Regions.Count == 0 ? null : JsonSerializer.Serialize(policy.Routing.Regions),
            policy.Team);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private const string CountSql = """
        insert into inference.key_minutes as m (org_id, key_id, minute, tokens)
        select org_id, key_id, $1, sum(tokens)
        from unnest($2::uuid[], $3::uuid[], $4::bigint[]) as used (org_id, key_id, tokens)
        group by org_id, key_id
        order by org_id, key_id
        on conflict (org_id, key_id, minute) do update
        set tokens = m.tokens + excluded.tokens
        """;

    /// <summary>Adds the counting of tokens that keys used now to a batch.</summary>
    public static void Count(
        NpgsqlBatch batch, IReadOnlyList<(OrgId Org, KeyId Key, long Tokens)> used, DateTimeOffset now)
    {
        if (used.Count > 0)
        {
            batch.Sql(
                CountSql,
                MinuteOf(now),
                used.Select(one => one.Org.Value).ToArray(),
                used.Select(one => one.Key.Value).ToArray(),
                used.Select(one => one.Tokens).ToArray());
        }
    }

    private const string PurgeSql = """
        delete from inference.key_minutes
        where minute < $1
        """;

    /// <summary>Forgets minutes that count no more.</summary>
    public static async Task Purge(NpgsqlDataSource database, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(PurgeSql, MinuteOf(now).AddMinutes(-2));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The start of a minute.</summary>
    public static DateTimeOffset MinuteOf(DateTimeOffset now) => now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMinute));
}
