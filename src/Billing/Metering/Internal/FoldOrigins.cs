using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Metering.Internal;

/// <summary>Which requests the events of folds came by.</summary>
internal sealed class FoldOrigins(NpgsqlDataSource database)
{
    private const string AddSql = """
        insert into metering.fold_origins (org_id, fold_id, first_ordinal, event_count, correlation_id)
        select *
        from unnest($1::uuid[], $2::uuid[], $3::integer[], $4::integer[], $5::text[])
        """;

    /// <summary>Adds the statement that remembers some.</summary>
    public static void Add(NpgsqlBatch batch, List<FoldOrigin> origins) => batch.Sql(
        AddSql,
        origins.ConvertAll(origin => origin.Org.Value),
        origins.ConvertAll(origin => origin.Fold),
        origins.ConvertAll(origin => origin.FirstOrdinal),
        origins.ConvertAll(origin => origin.EventCount),
        origins.ConvertAll(origin => origin.CorrelationId));

    private const string ByCorrelationSql = """
        select fold_id, first_ordinal, event_count, correlation_id
        from metering.fold_origins
        where org_id = $1
            and correlation_id = $2
        order by fold_id, first_ordinal
        limit $3
        """;

    public async Task<IReadOnlyList<FoldOrigin>> Of(
        OrgId org, string correlationId, int limit, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(ByCorrelationSql, org.Value, correlationId, limit);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var origins = new List<FoldOrigin>();
        while (await reader.ReadAsync(cancellationToken))
        {
            origins.Add(new FoldOrigin(
                org, reader.GetGuid(0), reader.GetInt32(1), reader.GetInt32(2), reader.GetString(3)));
        }

        return origins;
    }

    // A lateral probe per fold: its first row by the primary key, whatever the number of requests in it.
    private const string FirstSql = """
        select wanted.place, origin.correlation_id
        from unnest($1::uuid[], $2::uuid[]) with ordinality as wanted (org_id, fold_id, place)
        cross join lateral (
            select correlation_id
            from metering.fold_origins
            where fold_origins.org_id = wanted.org_id
                and fold_origins.fold_id = wanted.fold_id
            order by first_ordinal
            limit 1
        ) origin
        """;

    public static async Task<IReadOnlyList<string?>> First(
        NpgsqlTransaction transaction, IReadOnlyList<(OrgId Org, Guid Fold)> folds, CancellationToken cancellationToken)
    {
        var found = new string?[folds.Count];
        if (folds.Count == 0)
        {
            return found;
        }

        await using var command = transaction.Sql(
            FirstSql, folds.Select(fold => fold.Org.Value).ToArray(), folds.Select(fold => fold.Fold).ToArray());
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            found[reader.GetInt64(0) - 1] = reader.GetString(1);
        }

        return found;
    }

    private const string OfEventSql = """
        select correlation_id
        from metering.fold_origins
        where org_id = $1
            and fold_id = $2
            and first_ordinal <= $3
            and first_ordinal + event_count > $3
        order by first_ordinal desc
        limit 1
        """;

    public async Task<string?> Of(OrgId org, EventPosition position, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(OfEventSql, org.Value, position.Fold, position.Ordinal);
        return await command.ExecuteScalarAsync(cancellationToken) as string;
    }
}
