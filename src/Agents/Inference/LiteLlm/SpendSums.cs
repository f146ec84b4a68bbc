using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Inference.Internal;

/// <summary>What one key spent on one model in one day.</summary>
/// <param name="Day">The day, UTC.</param>
/// <param name="Actor">The key or person that called.</param>
/// <param name="Model">The model, as clients named it.</param>
/// <param name="Provider">Who answered; empty where nobody did.</param>
/// <param name="Requests">How many calls.</param>
/// <param name="InputTokens">All input.</param>
/// <param name="OutputTokens">All output.</param>
/// <param name="Micros">What they cost, unrounded.</param>
/// <param name="Succeeded">How many of them were answered to the end.</param>
/// <param name="CachedReadTokens">Of the input, what was read from a provider's cache.</param>
/// <param name="CachedWriteTokens">Of the input, what was written to one.</param>
/// <param name="Tag">Under which tag, where they are told apart by tags; null else.</param>
internal sealed record SpendSum(
    DateOnly Day,
    string Actor,
    string Model,
    string Provider,
    long Requests,
    long InputTokens,
    long OutputTokens,
    decimal Micros,
    long Succeeded,
    long CachedReadTokens,
    long CachedWriteTokens,
    string? Tag)
{
    /// <summary>What they cost, in units of currency.</summary>
    public decimal Spend => Dollars.Of(Micros);
}

/// <summary>Whose a key's spending is.</summary>
/// <param name="Key">The key or person that called.</param>
/// <param name="Alias">What the key is called; null for none.</param>
/// <param name="Team">Its team; null for none.</param>
/// <param name="User">Its user; null for none.</param>
internal sealed record SpendOwner(string Key, string? Alias, string? Team, string? User);

/// <summary>Sums the journal up, and reads it, for LiteLLM's reports.</summary>
internal sealed class SpendSums(NpgsqlDataSource database, KeyPolicies policies)
{
    private const string Sums = """
            (r.occurred_at at time zone 'UTC')::date,
            r.actor,
            r.model,
            coalesce(r.provider, ''),
            count(*),
            sum(r.input_tokens + r.cached_read_tokens + r.cached_write_tokens + r.cached_write_hour_tokens
                + r.audio_input_tokens + r.audio_cached_read_tokens)::bigint,
            sum(r.output_tokens + r.audio_output_tokens)::bigint,
            coalesce(sum(r.quoted_micros), 0),
            count(*) filter (where r.status = 'succeeded'),
            sum(r.cached_read_tokens + r.audio_cached_read_tokens)::bigint,
            sum(r.cached_write_tokens + r.cached_write_hour_tokens)::bigint
        """;

    private const string Range = """
        where r.org_id = $1
            and r.occurred_at >= $2
            and r.occurred_at < $3
            and ($4::text is null or r.actor = $4)
        """;

    private const string ReadSql = $"""
        select
        {Sums}, null::text
        from inference.requests r
        {Range}
        group by 1, 2, 3, 4
        order by 1, 2, 3, 4
        limit $5
        """;

    private const string ReadByTagSql = $"""
        select
        {Sums}, tag.value
        from inference.requests r
        cross join jsonb_array_elements_text(r.tags) tag
        {Range}
        group by 1, 2, 3, 4, tag.value
        order by 1, 2, 3, 4, tag.value
        limit $5
        """;

    /// <summary>What was spent, by day, key and model.</summary>
    /// <exception cref="RefusedRequestException">There are too many to be told apart.</exception>
    public Task<IReadOnlyList<SpendSum>> Read(
        OrgId org, Period range, string? actor, CancellationToken cancellationToken) =>
        Read(ReadSql, org, range, actor, cancellationToken);

    /// <summary>The same by tag besides: a call with several tags counts in each, one without in none.</summary>
    /// <exception cref="RefusedRequestException">There are too many to be told apart.</exception>
    public Task<IReadOnlyList<SpendSum>> ReadByTag(
        OrgId org, Period range, string? actor, CancellationToken cancellationToken) =>
        Read(ReadByTagSql, org, range, actor, cancellationToken);

    private async Task<IReadOnlyList<SpendSum>> Read(
        string sql, OrgId org, Period range, string? actor, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(
            sql, org.Value, range.Start, range.End, actor, Limits.LiteLlmSumsMax + 1);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var sums = new List<SpendSum>();
        while (await reader.ReadAsync(cancellationToken))
        {
            sums.Add(new SpendSum(
                reader.GetFieldValue<DateOnly>(0),
                reader.GetString(1),
                reader.GetString(2),
                reader.GetString(3),
                reader.GetInt64(4),
                reader.GetInt64(5),
                reader.GetInt64(6),
                reader.GetDecimal(7),
                reader.GetInt64(8),
                reader.GetInt64(9),
                reader.GetInt64(10),
                reader.IsDBNull(11) ? null : reader.GetString(11)));
        }

        return sums.Count <= Limits.LiteLlmSumsMax
            ? sums
            : throw new RefusedRequestException(
                InferenceProblems.InvalidUsageRange, "Too many keys, models and tags in this range; ask for a shorter one.");
    }

    private const string TagsSql = """
        select tag.value, count(*), coalesce(sum(r.quoted_micros), 0)
        from inference.requests r
        cross join jsonb_array_elements_text(r.tags) tag
        where r.org_id = $1
            and r.occurred_at >= $2
            and r.occurred_at < $3
        group by 1
        order by 3 desc, 1
        limit $4
        """;

    /// <summary>What was spent by tag, the most first; a call with several counts in each.</summary>
    public async Task<IReadOnlyList<(string Tag, long Requests, decimal Micros)>> Tags(
        OrgId org, Period range, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(TagsSql, org.Value, range.Start, range.End, Limits.LiteLlmRowsMax);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var tags = new List<(string, long, decimal)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            tags.Add((reader.GetString(0), reader.GetInt64(1), reader.GetDecimal(2)));
        }

        return tags;
    }

    private const string CountSql = """
        select count(*)
        from inference.requests r
        where r.org_id = $1
            and ($2::timestamptz is null or r.occurred_at >= $2)
            and ($3::timestamptz is null or r.occurred_at < $3)
            and ($4::text[] is null or r.actor = any($4))
            and ($5::uuid is null or r.request_id = $5)
        """;

    private const string LogsSql = $"""
        select {RequestRows.Columns}
        from inference.requests r
        where r.org_id = $1
            and ($2::timestamptz is null or r.occurred_at >= $2)
            and ($3::timestamptz is null or r.occurred_at < $3)
            and ($4::text[] is null or r.actor = any($4))
            and ($5::uuid is null or r.request_id = $5)
        order by r.occurred_at desc, r.request_id desc
        limit $6 offset $7
        """;

    /// <summary>Calls one by one, those that were over last first.</summary>
    public async Task<IReadOnlyList<StoredRequest>> Logs(
        OrgId org, LogSearch search, int limit, int offset, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(
            LogsSql,
            org.Value,
            search.Range?.Start,
            search.Range?.End,
            search.Actors?.ToArray(),
            search.Request?.Value,
            limit,
            offset);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<StoredRequest>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(RequestRows.Read(reader));
        }

        return rows;
    }

    /// <summary>How many calls a search finds.</summary>
    public async Task<long> Count(OrgId org, LogSearch search, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(
            CountSql, org.Value, search.Range?.Start, search.Range?.End, search.Actors?.ToArray(), search.Request?.Value);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Whose the spending of some keys is, as of now.</summary>
    public async Task<IReadOnlyDictionary<string, SpendOwner>> Owners(
        OrgId org, IEnumerable<string> actors, CancellationToken cancellationToken)
    {
        var owners = new Dictionary<string, SpendOwner>(StringComparer.Ordinal);
        foreach (var actor in actors.Distinct(StringComparer.Ordinal))
        {
            var policy = await policies.Of(org, actor, cancellationToken);
            var record = policy.Root is { } root ? await KeyRecordRows.Find(database, org, root, cancellationToken) : null;
            owners[actor] = new SpendOwner(actor, record?.Alias, policy.Team, policy.User);
        }

        return owners;
    }
}

/// <summary>Which calls.</summary>
/// <param name="Range">When they were over; null for any time.</param>
/// <param name="Actors">By whom; null for anybody.</param>
/// <param name="Request">Which one; null for all.</param>
internal sealed record LogSearch(Period? Range, IReadOnlyList<string>? Actors, CallId? Request);
