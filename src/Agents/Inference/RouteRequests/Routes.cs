using System.Collections.Frozen;
using System.Text;
using Npgsql;
using Quoin.Platform;

namespace Quoin.Inference.Internal;

/// <summary>
/// The models and where they are, as they stood less than <see cref="Limits.RoutesFreshFor"/> ago. A fresh answer is a look
/// into memory; whoever finds it half-way to stale has it read again in the background.
/// </summary>
internal sealed class Routes(NpgsqlDataSource database, Secrets secrets, DeploymentWatches watches, TimeProvider time)
{
    /// <summary>What provider credentials are encrypted for.</summary>
    public const string CredentialPurpose = "inference.provider_credential";

    private readonly Lock gate = new();
    private RouteTable? table;
    private Task<RouteTable>? reading;
    private int changes;

    /// <summary>All models, by name.</summary>
    public async ValueTask<FrozenDictionary<string, ModelRoute>> All() => (await Table()).Models;

    /// <summary>All that is known.</summary>
    public ValueTask<RouteTable> Table()
    {
        var known = Volatile.Read(ref table);
        var age = known is null ? TimeSpan.MaxValue : time.GetElapsedTime(known.ReadAt);
        if (age < Limits.RoutesFreshFor)
        {
            if (age >= Limits.RoutesFreshFor / 2)
            {
                // Should it fail, whoever finds the table stale reads it and is told.
                _ = Reading();
            }

            return new(known!);
        }

        return new(Reading());
    }

    /// <summary>Reads them anew next time: called after this replica itself changed them.</summary>
    public void Forget()
    {
        lock (gate)
        {
            // What is being read now may be older than the change.
            (table, reading) = (null, null);
            changes++;
        }
    }

    private Task<RouteTable> Reading()
    {
        lock (gate)
        {
            var seen = changes;
            return reading ??= Task.Run(() => Read(seen));
        }
    }

    private const string ReadSql = """
        select p.name, p.kind, p.base_url, p.protocols, p.credential, p.provider_id,
            p.first_byte_seconds, p.idle_seconds, p.total_seconds,
            d.model, d.provider_model, d.input_tokens_max, d.output_tokens_max, d.created_at,
            coalesce(d.tier, d.position), d.weight, d.tags, coalesce(d.region, p.region), d.first_byte_seconds, d.total_seconds,
            d.shadow_percent, p.api_version, p.region, d.idle_seconds
        from inference.deployments d
        join inference.providers p on p.provider_id = d.provider_id
        where p.is_enabled
        order by d.model, d.position
        limit $1
        """;

    private async Task<RouteTable> Read(int seen)
    {
        var readAt = time.GetTimestamp();
        RouteTable? read = null;
        try
        {
            read = await Exceptions(new RouteTable(await Models(), readAt));
            return read;
        }
        finally
        {
            lock (gate)
            {
                if (changes == seen)
                {
                    (table, reading) = (read ?? table, null);
                }
            }
        }
    }

    // Most installations have none of these: then no call asks for its organisation's.
    private const string ExceptionsSql = """
        select
            exists (select from inference.routing_rules) or exists (select from inference.own_credentials),
            exists (
                select
                from inference.content_policies
                where days_kept is not null
                    or cached_seconds is not null
                    or guard not in ('null', '{}')),
            exists (select from inference.spenders where kind = 'customer' and deleted_at is null)
        """;

    private async Task<RouteTable> Exceptions(RouteTable read)
    {
        await using var command = database.Sql(ExceptionsSql);
        await using var reader = await command.ExecuteReaderAsync(CancellationToken.None);
        await reader.ReadAsync(CancellationToken.None);
        return read with
        {
            HasOwn = reader.GetBoolean(0),
            HasContentPolicies = reader.GetBoolean(1),
            HasCustomers = reader.GetBoolean(2),
        };
    }

    // Shared by all who wait for it, so no one caller's token ends it; the connection's own timeouts do.
    private async Task<FrozenDictionary<string, ModelRoute>> Models()
    {
        var rows = new List<(string Model, DateTimeOffset CreatedAt, Deployment Deployment)>();
        var providers = new Dictionary<Guid, ModelProvider>();
        await using var command = database.Sql(ReadSql, Limits.DeploymentsMax);
        await using var reader = await command.ExecuteReaderAsync(CancellationToken.None);
        while (await reader.ReadAsync(CancellationToken.None))
        {
            var id = reader.GetGuid(5);
            if (!providers.TryGetValue(id, out var provider))
            {
                providers[id] = provider = Provider(reader, id);
            }

            rows.Add((reader.GetString(9), reader.GetFieldValue<DateTimeOffset>(13), Deployment(reader, provider)));
        }

        return rows.GroupBy(row => row.Model, StringComparer.Ordinal).ToFrozenDictionary(
            model => model.Key,
            model => new ModelRoute(model.Key, [.. model.Select(row => row.Deployment)], model.First().CreatedAt),
            StringComparer.Ordinal);
    }

    private Deployment Deployment(NpgsqlDataReader reader, ModelProvider provider)
    {
        var deployment = new Deployment(provider, reader.GetString(10), reader.GetInt64(11), reader.GetInt64(12))
        {
            Tier = reader.GetInt32(14),
            Weight = reader.GetInt32(15),
            Tags = reader.GetFieldValue<string[]>(16),
            Region = reader.IsDBNull(17) ? null : reader.GetString(17),
            Timeouts = provider.Timeouts with
            {
                FirstByte = reader.IsDBNull(18) ? provider.Timeouts.FirstByte : TimeSpan.FromSeconds(reader.GetInt32(18)),
                Idle = reader.IsDBNull(23) ? provider.Timeouts.Idle : TimeSpan.FromSeconds(reader.GetInt32(23)),
                Total = reader.IsDBNull(19) ? provider.Timeouts.Total : TimeSpan.FromSeconds(reader.GetInt32(19)),
            },
            ShadowPercent = reader.GetInt32(20),
        };
        return deployment with { Watch = watches.Of(deployment.Name) };
    }

    private ModelProvider Provider(NpgsqlDataReader reader, Guid id)
    {
        var credential = reader.IsDBNull(4)
            ? null
            : Encoding.UTF8.GetString(secrets.Unprotect(CredentialPurpose, reader.GetFieldValue<byte[]>(4), id.ToByteArray()));
        return new ModelProvider(
            reader.GetString(0),
            ProviderWords.Kind(reader.GetString(1)),
            new Uri(reader.GetString(2)),
            [.. reader.GetFieldValue<string[]>(3).Select(ProviderWords.Protocol)],
            credential,
            new ProviderTimeouts(
                TimeSpan.FromSeconds(reader.GetInt32(6)),
                TimeSpan.FromSeconds(reader.GetInt32(7)),
                TimeSpan.FromSeconds(reader.GetInt32(8))))
        {
            ApiVersion = reader.IsDBNull(21) ? null : reader.GetString(21),
            Region = reader.IsDBNull(22) ? null : reader.GetString(22),
        };
    }
}

/// <summary>What is known of models and where they are.</summary>
/// <param name="Models">All models, by name.</param>
/// <param name="ReadAt">When it was read.</param>
internal sealed record RouteTable(FrozenDictionary<string, ModelRoute> Models, long ReadAt)
{
    /// <summary>Whether any organisation has rules or credentials of its own.</summary>
    public bool HasOwn { get; init; }

    /// <summary>Whether any organisation wants something done with what is asked and answered.</summary>
    public bool HasContentPolicies { get; init; }

    /// <summary>Whether any organisation holds customers to something.</summary>
    public bool HasCustomers { get; init; }
}
