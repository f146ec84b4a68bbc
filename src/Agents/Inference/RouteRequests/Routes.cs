using System.Collections.Frozen;
using System.Text;
using Npgsql;
using Quoin.Platform;

namespace Quoin.Inference.Internal;

/// <summary>
/// The models and where they are, as they stood less than <see cref="Limits.RoutesFreshFor"/> ago. A fresh answer is a look
/// into memory; whoever finds it half-way to stale has it read again in the background.
/// </summary>
internal sealed class Routes(NpgsqlDataSource database, Secrets secrets, TimeProvider time)
{
    /// <summary>What provider credentials are encrypted for.</summary>
    public const string CredentialPurpose = "inference.provider_credential";

    private readonly Lock gate = new();
    private RouteTable? table;
    private Task<RouteTable>? reading;
    private int changes;

    /// <summary>All models, by name.</summary>
    public ValueTask<FrozenDictionary<string, ModelRoute>> All()
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

            return new(known!.Models);
        }

        return Awaited();
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

    private async ValueTask<FrozenDictionary<string, ModelRoute>> Awaited() => (await Reading()).Models;

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
            d.model, d.provider_model, d.input_tokens_max, d.output_tokens_max, d.created_at
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
            read = new RouteTable(await Models(), readAt);
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

            var deployment = new Deployment(provider, reader.GetString(10), reader.GetInt64(11), reader.GetInt64(12));
            rows.Add((reader.GetString(9), reader.GetFieldValue<DateTimeOffset>(13), deployment));
        }

        return rows.GroupBy(row => row.Model, StringComparer.Ordinal).ToFrozenDictionary(
            model => model.Key,
            model => new ModelRoute(model.Key, [.. model.Select(row => row.Deployment)], model.First().CreatedAt),
            StringComparer.Ordinal);
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
                TimeSpan.FromSeconds(reader.GetInt32(8))));
    }

    private sealed record RouteTable(FrozenDictionary<string, ModelRoute> Models, long ReadAt);
}
