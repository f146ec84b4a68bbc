using System.Text.Json;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;
using Quoin.Pricing;

namespace Quoin.Charging.Internal;

/// <summary>Shadow ratings and what they come to, as rows.</summary>
internal sealed class ShadowRows(NpgsqlDataSource database, TimeProvider time, IdSource ids)
{
    private const string Columns = """
        shadow_id, name, from_at, to_at, price_book_id, currency, prices::text, organisations, state, is_truncated,
        organisation_count, line_count, started_by, started_at, finished_at
        """;

    private const string AddSql = """
        insert into charging.shadow_ratings
            (shadow_id, name, from_at, to_at, price_book_id, currency, prices, organisations, state, started_by, started_at)
        values ($1, $2, $3, $4, $5, $6, $7::jsonb, $8, 'running', $9, $10)
        """;

    public async Task<ShadowRatingId> Add(
        NpgsqlTransaction transaction,
        NewShadowRating asked,
        Currency currency,
        string actor,
        CancellationToken cancellationToken)
    {
        var id = ids.Next<ShadowRatingId>();
        await using var command = transaction.Sql(
            AddSql,
            id.Value,
            asked.Name,
            asked.Range.Start,
            asked.Range.End,
            asked.Book.Value,
            currency.Code,
            JsonSerializer.Serialize(asked.Prices, JsonConventions.Options),
            asked.Organisations?.Select(org => org.Value).ToArray(),
            actor,
            time.GetUtcNow());
        await command.ExecuteNonQueryAsync(cancellationToken);
        return id;
    }

    private const string NewestSql = $"""
        select {Columns}
        from charging.shadow_ratings
        where shadow_id < $1
        order by shadow_id desc
        limit $2
        """;

    public async Task<IReadOnlyList<ShadowRating>> Newest(
        ShadowRatingId? before, int limit, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(NewestSql, before?.Value ?? Guid.AllBitsSet, limit);
        return await Read(command, cancellationToken);
    }

    private const string FindSql = $"""
        select {Columns}
        from charging.shadow_ratings
        where shadow_id = $1
        """;

    public async Task<ShadowRating?> Find(ShadowRatingId id, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(FindSql, id.Value);
        return (await Read(command, cancellationToken)).SingleOrDefault();
    }

    private const string PlaceSql = """
        select at_org
        from charging.shadow_ratings
        where shadow_id = $1
        """;

    /// <summary>The last organisation that is done.</summary>
    public async Task<OrgId?> Place(ShadowRatingId id, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(PlaceSql, id.Value);
        return await command.ExecuteScalarAsync(cancellationToken) is Guid org ? new OrgId(org) : null;
    }

    private const string AddCustomersSql = """
        insert into charging.shadow_rating_customers
            (org_id, shadow_id, billing_account_id, existing_micros, candidate_micros, line_count, unchanged_count)
        select $1, $2, billing_account_id, existing_micros, candidate_micros, line_count, unchanged_count
        from unnest($3::uuid[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[])
            as made (billing_account_id, existing_micros, candidate_micros, line_count, unchanged_count)
        """;

    private const string AdvanceSql = """
        update charging.shadow_ratings
        set at_org = $2,
            organisation_count = organisation_count + 1,
            line_count = line_count + $3
        where shadow_id = $1
        """;

    public async Task Advance(
        NpgsqlTransaction transaction,
        ShadowRatingId id,
        OrgId org,
        IReadOnlyList<ShadowCustomer> customers,
        CancellationToken cancellationToken)
    {
        await using var batch = transaction.Batch();
        batch.Sql(
            AddCustomersSql,
            org.Value,
            id.Value,
            customers.Select(one => one.BillingAccount.Value).ToArray(),
            customers.Select(one => one.Existing.Micros).ToArray(),
            customers.Select(one => one.Candidate.Micros).ToArray(),
            customers.Select(one => one.Lines).ToArray(),
            customers.Select(one => one.Unchanged).ToArray());
        batch.Sql(AdvanceSql, id.Value, org.Value, customers.Sum(one => one.Lines));
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    private const string FinishSql = """
        update charging.shadow_ratings
        set state = 'finished',
            is_truncated = $2,
            finished_at = $3
        where shadow_id = $1
        """;

    public async Task Finish(
        NpgsqlTransaction transaction, ShadowRatingId id, bool isTruncated, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(FinishSql, id.Value, isTruncated, time.GetUtcNow());
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private const string TotalsSql = """
        select coalesce(sum(existing_micros), 0)::bigint, coalesce(sum(candidate_micros), 0)::bigint, count(*),
            count(*) filter (where candidate_micros < existing_micros),
            count(*) filter (where candidate_micros > existing_micros)
        from charging.shadow_rating_customers
        where shadow_id = $1
        """;

    public async Task<ShadowResult> Result(ShadowRating rating, CancellationToken cancellationToken)
    {
        var winners = await Customers(WinnersSql, rating, [Limits.ShadowShownMax], cancellationToken);
        var losers = await Customers(LosersSql, rating, [Limits.ShadowShownMax], cancellationToken);
        await using var command = database.Sql(TotalsSql, rating.Id.Value);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new ShadowResult(
            new Money(reader.GetInt64(0), rating.Currency),
            new Money(reader.GetInt64(1), rating.Currency),
            reader.GetInt64(2),
            reader.GetInt64(3),
            reader.GetInt64(4),
            winners,
            losers);
    }

    private const string CustomerColumns = """
        org_id, billing_account_id, existing_micros, candidate_micros, line_count, unchanged_count
        """;

    private const string WinnersSql = $"""
        select {CustomerColumns}
        from charging.shadow_rating_customers
        where shadow_id = $1
            and candidate_micros < existing_micros
        order by candidate_micros - existing_micros, org_id, billing_account_id
        limit $2
        """;

    private const string LosersSql = $"""
        select {CustomerColumns}
        from charging.shadow_rating_customers
        where shadow_id = $1
            and candidate_micros > existing_micros
        order by candidate_micros - existing_micros desc, org_id, billing_account_id
        limit $2
        """;

    private const string CustomersSql = $"""
        select {CustomerColumns}
        from charging.shadow_rating_customers
        where shadow_id = $1
            and org_id > $2
        order by org_id, billing_account_id
        limit $3
        """;

    public Task<IReadOnlyList<ShadowCustomer>> Customers(
        ShadowRating rating, OrgId? after, int limit, CancellationToken cancellationToken) =>
        Customers(CustomersSql, rating, [after?.Value ?? Guid.Empty, limit], cancellationToken);

    private async Task<IReadOnlyList<ShadowCustomer>> Customers(
        string sql, ShadowRating rating, object[] values, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(sql, [rating.Id.Value, .. values]);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<ShadowCustomer>();
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(new ShadowCustomer(
                new OrgId(reader.GetGuid(0)),
                new BillingAccountId(reader.GetGuid(1)),
                new Money(reader.GetInt64(2), rating.Currency),
                new Money(reader.GetInt64(3), rating.Currency),
                reader.GetInt64(4),
                reader.GetInt64(5)));
        }

        return found;
    }

    private static async Task<IReadOnlyList<ShadowRating>> Read(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<ShadowRating>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var asked = new NewShadowRating(
                reader.GetString(1),
                new Period(reader.GetFieldValue<DateTimeOffset>(2), reader.GetFieldValue<DateTimeOffset>(3)),
                new PriceBookId(reader.GetGuid(4)),
                JsonSerializer.Deserialize<List<CandidatePrice>>(reader.GetString(6), JsonConventions.Options)!,
                reader.IsDBNull(7) ? null : [.. reader.GetFieldValue<Guid[]>(7).Select(org => new OrgId(org))]);
            found.Add(new ShadowRating(
                new ShadowRatingId(reader.GetGuid(0)),
                asked,
                Currency.Of(reader.GetString(5)),
                reader.GetString(8) == "finished",
                reader.GetBoolean(9),
                reader.GetInt32(10),
                reader.GetInt64(11),
                reader.GetString(12),
                reader.GetFieldValue<DateTimeOffset>(13),
                reader.IsDBNull(14) ? null : reader.GetFieldValue<DateTimeOffset>(14)));
        }

        return found;
    }
}
