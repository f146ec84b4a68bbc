using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Inference.Internal;

/// <summary>Another gateway whose calls are usage here.</summary>
/// <param name="Org">Whose usage they are.</param>
/// <param name="Name">Its name: a part of the events' source.</param>
/// <param name="BillingAccount">Who pays.</param>
/// <param name="BaseUrl">Its address.</param>
/// <param name="IsEnabled">Whether it is read.</param>
internal sealed record SpendSource(OrgId Org, string Name, BillingAccountId BillingAccount, string BaseUrl, bool IsEnabled)
{
    /// <summary>What its key is encrypted for.</summary>
    public const string CredentialPurpose = "inference.spend_source";

    /// <summary>From when its calls count.</summary>
    public DateTimeOffset BeginsAt { get; init; }

    /// <summary>How far each of the <see cref="SpendPasses"/> has read, in their order.</summary>
    public required IReadOnlyList<DateTimeOffset> PassedTo { get; init; }

    /// <summary>Everything before was read, but for what comes late.</summary>
    public DateTimeOffset ReadTo => PassedTo[0];

    /// <summary>Everything before was looked for a last time.</summary>
    public DateTimeOffset SettledTo => PassedTo[^1];

    /// <summary>Nothing after was read.</summary>
    public DateTimeOffset ReadAtMostTo => WindowTo is { } end && end > ReadTo ? end : ReadTo;

    /// <summary>Its key, encrypted.</summary>
    public byte[] Credential { get; init; } = [];

    /// <summary>Where the stretch that is being read ends; null between two.</summary>
    public DateTimeOffset? WindowTo { get; init; }

    /// <summary>Which pass reads that stretch.</summary>
    public int WindowPass { get; init; }

    /// <summary>When its first page was asked for; null between two.</summary>
    public DateTimeOffset? WindowBegunAt { get; init; }

    /// <summary>The page of it to read next, from 1.</summary>
    public int NextPage { get; init; } = 1;

    /// <summary>When it is read next.</summary>
    public DateTimeOffset NextAt { get; init; }

    /// <summary>How often in a row it could not be read.</summary>
    public int Failures { get; init; }

    /// <summary>Why, the last time; null where it could.</summary>
    public string? LastError { get; init; }

    /// <summary>When a page was read last; null for never.</summary>
    public DateTimeOffset? LastReadAt { get; init; }

    /// <summary>Calls that became usage.</summary>
    public long Recorded { get; init; }

    /// <summary>Those of them that were written down so late that only a pass that trails found them.</summary>
    public long Late { get; init; }

    /// <summary>Calls that were read again.</summary>
    public long Known { get; init; }

    /// <summary>Calls that Metering did not take.</summary>
    public long Refused { get; init; }

    /// <summary>Why, the last time; null where it took all.</summary>
    public string? LastRefusal { get; init; }

    /// <summary>Counts changes.</summary>
    public long Version { get; init; }

    /// <summary>What binds the encrypted key to this row.</summary>
    public byte[] Binding => [.. Org.Value.ToByteArray(), .. System.Text.Encoding.UTF8.GetBytes(Name)];

    /// <summary>Never the key: records print all they hold.</summary>
    public override string ToString() => $"{Org}/{Name}";
}

/// <summary>Such gateways as rows.</summary>
internal static class SpendSourceRows
{
    private const string Columns = """
        s.org_id, s.name, s.billing_account_id, s.base_url, s.is_enabled, s.read_to, s.credential, s.window_to, s.next_page,
            s.next_at, s.failures, s.last_error, s.last_read_at, s.recorded_count, s.known_count, s.refused_count,
            s.last_refusal, s.version, s.begins_at, s.trailing_to, s.window_pass, s.window_begun_at, s.late_count
        """;

    private const string DueSql = $"""
        select {Columns}
        from inference.spend_sources s
        where s.shard = any($1)
            and s.is_enabled
            and s.next_at <= $2
        order by s.next_at, s.org_id, s.name
        limit 1
        """;

    /// <summary>The one that waits longest; null where none is due.</summary>
    public static async Task<SpendSource?> Due(
        NpgsqlDataSource database, IReadOnlyList<int> shards, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(DueSql, shards.Select(shard => (short)shard).ToArray(), now);
        return (await Rows(command, cancellationToken)).FirstOrDefault();
    }

    private const string ListSql = $"""
        select {Columns}
        from inference.spend_sources s
        where s.org_id = $1
            and ($2::text is null or s.name = $2)
        order by s.name
        """;

    /// <summary>An organisation's, or the one of a name.</summary>
    public static async Task<IReadOnlyList<SpendSource>> List(
        NpgsqlDataSource database, OrgId org, string? name, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(ListSql, org.Value, name);
        return await Rows(command, cancellationToken);
    }

    /// <summary>The same, locked until the transaction ends.</summary>
    public static async Task<IReadOnlyList<SpendSource>> Lock(
        NpgsqlTransaction transaction, OrgId org, string? name, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql($"{ListSql}\nfor update", org.Value, name);
        return await Rows(command, cancellationToken);
    }

    private const string TakeTurnSql = "select pg_advisory_xact_lock(hashtextextended('inference.spend_sources', 0))";

    /// <summary>Lets changes of sources, of whichever organisation, happen one after another: no two may read one address.</summary>
    public static async Task TakeTurn(NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(TakeTurnSql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private const string AddressesSql = """
        select org_id, name, base_url
        from inference.spend_sources
        where (org_id, name) <> ($1, $2)
        order by org_id, name
        """;

    /// <summary>Which other source, of any organisation, reads an address; null for none.</summary>
    public static async Task<(OrgId Org, string Name)?> OtherOf(
        NpgsqlTransaction transaction, string address, OrgId org, string name, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(AddressesSql, org.Value, name);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            if (SpendAddress.Of(reader.GetString(2)) == address)
            {
                return (new OrgId(reader.GetGuid(0)), reader.GetString(1));
            }
        }

        return null;
    }

    private const string SetSql = """
        insert into inference.spend_sources as s (
            org_id, name, shard, billing_account_id, base_url, credential, is_enabled, begins_at, read_to, trailing_to, next_page,
            next_at, failures, recorded_count, known_count, refused_count, version, created_at, changed_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11, 0, 0, 0, 0, 1, $11, $11)
        on conflict (org_id, name) do update
        set billing_account_id = excluded.billing_account_id,
            base_url = excluded.base_url,
            credential = excluded.credential,
            is_enabled = excluded.is_enabled,
            begins_at = excluded.begins_at,
            read_to = excluded.read_to,
            trailing_to = excluded.trailing_to,
            window_to = null,
            window_pass = 0,
            window_begun_at = null,
            next_page = 1,
            next_at = excluded.next_at,
            failures = 0,
            last_error = null,
            version = s.version + 1,
            changed_at = excluded.changed_at
        """;

    /// <summary>Makes one, or changes it; a stretch that is being read is begun anew.</summary>
    public static async Task Set(
        NpgsqlTransaction transaction, SpendSource source, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(
            SetSql,
            source.Org.Value,
            source.Name,
            (short)OrgShard.Of(source.Org, Limits.SpendShards),
            source.BillingAccount.Value,
            source.BaseUrl,
            source.Credential,
            source.IsEnabled,
            source.BeginsAt,
            source.ReadTo,
            source.PassedTo.Skip(1).ToArray(),
            now);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private const string AdvanceSql = """
        update inference.spend_sources
        set read_to = $4,
            window_to = $5::timestamptz,
            next_page = $6,
            next_at = $7,
            failures = $8,
            last_error = $9,
            last_read_at = $10::timestamptz,
            recorded_count = $11,
            known_count = $12,
            refused_count = $13,
            last_refusal = $14,
            trailing_to = $15,
            window_pass = $16,
            window_begun_at = $17::timestamptz,
            late_count = $18,
            version = version + 1
        where org_id = $1
            and name = $2
            and version = $3
        """;

    /// <summary>Writes how far one was read; false where somebody changed it meanwhile: then nothing may be kept.</summary>
    public static async Task<bool> Advance(
        NpgsqlTransaction transaction, SpendSource source, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(
            AdvanceSql,
            source.Org.Value,
            source.Name,
            source.Version,
            source.ReadTo,
            source.WindowTo,
            source.NextPage,
            source.NextAt,
            source.Failures,
            source.LastError,
            source.LastReadAt,
            source.Recorded,
            source.Known,
            source.Refused,
            source.LastRefusal,
            source.PassedTo.Skip(1).ToArray(),
            (short)source.WindowPass,
            source.WindowBegunAt,
            source.Late);
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    private const string RemoveSql = """
        delete from inference.spend_sources
        where org_id = $1
            and name = $2
        """;

    /// <summary>Takes one away; what was read from it stays.</summary>
    public static async Task Remove(NpgsqlTransaction transaction, SpendSource source, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(RemoveSql, source.Org.Value, source.Name);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private const string DepthSql = """
        select count(*), min(next_at)
        from inference.spend_sources
        where is_enabled
            and next_at <= $1
        """;

    /// <summary>How many are due, and since when.</summary>
    public static async Task<StageDepth> Depth(
        NpgsqlDataSource database, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(DepthSql, now);
        return await StageDepth.Read(command, cancellationToken);
    }

    private static async Task<IReadOnlyList<SpendSource>> Rows(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<SpendSource>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(Row(reader));
        }

        return rows;
    }

    private static SpendSource Row(NpgsqlDataReader reader)
    {
        var beginsAt = reader.GetFieldValue<DateTimeOffset>(18);
        var trailing = reader.IsDBNull(19)
            ? Enumerable.Repeat(beginsAt, SpendPasses.All.Count - 1)
            : reader.GetFieldValue<DateTimeOffset[]>(19);
        return new SpendSource(
            new OrgId(reader.GetGuid(0)),
            reader.GetString(1),
            new BillingAccountId(reader.GetGuid(2)),
            reader.GetString(3),
            reader.GetBoolean(4))
        {
            BeginsAt = beginsAt,
            PassedTo = [reader.GetFieldValue<DateTimeOffset>(5), .. trailing],
            Credential = reader.GetFieldValue<byte[]>(6),
            WindowTo = reader.IsDBNull(7) ? null : reader.GetFieldValue<DateTimeOffset>(7),
            WindowPass = reader.GetInt16(20),
            WindowBegunAt = reader.IsDBNull(21) ? null : reader.GetFieldValue<DateTimeOffset>(21),
            NextPage = reader.GetInt32(8),
            NextAt = reader.GetFieldValue<DateTimeOffset>(9),
            Failures = reader.GetInt32(10),
            LastError = reader.IsDBNull(11) ? null : reader.GetString(11),
            LastReadAt = reader.IsDBNull(12) ? null : reader.GetFieldValue<DateTimeOffset>(12),
            Recorded = reader.GetInt64(13),
            Late = reader.GetInt64(22),
            Known = reader.GetInt64(14),
            Refused = reader.GetInt64(15),
            LastRefusal = reader.IsDBNull(16) ? null : reader.GetString(16),
            Version = reader.GetInt64(17),
        };
    }
}
