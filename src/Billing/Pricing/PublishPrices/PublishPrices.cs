using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Pricing.Internal;

/// <summary>Creates books and publishes versions; the catalogue's one state row serialises publishers.</summary>
internal sealed class PublishPrices(NpgsqlDataSource database, TimeProvider time, IdSource ids, IAudit audit)
{
    private const string CreateBookSql = """
        insert into pricing.price_books (price_book_id, name, currency, is_default, created_at)
        values ($1, $2, $3, $4, $5)
        on conflict do nothing
        """;

    public async Task<CreateBookOutcome> CreateBook(
        string name,
        Currency currency,
        bool isDefault,
        string actor,
        IdempotentRequest idempotent,
        CancellationToken cancellationToken)
    {
        var book = new PriceBook(ids.Next<PriceBookId>(), name, currency, isDefault);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var command = transaction.Sql(
            CreateBookSql, book.Id.Value, name, currency.Code, isDefault, time.GetUtcNow());
        if (await command.ExecuteNonQueryAsync(cancellationToken) == 0)
        {
            return new CreateBookOutcome.Taken($"A book is named '{name}', or {currency} has a default book already.");
        }

        await audit.Record(transaction, new AuditEntry(null, actor, "price_book.created", book.Id.ToString()), cancellationToken);
        await idempotent.Complete(transaction, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new CreateBookOutcome.Created(book);
    }

    public async Task<PublishOutcome> Publish(
        PriceBookId bookId,
        IReadOnlyList<NewPrice> prices,
        bool maySellBelowCost,
        string actor,
        IdempotentRequest idempotent,
        CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var outcome = await Publish(transaction, bookId, prices, maySellBelowCost, actor, cancellationToken);
        if (outcome is PublishOutcome.Published)
        {
            await idempotent.Complete(transaction, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        return outcome;
    }

    /// <summary>Publishes in the caller's transaction; only <see cref="PublishOutcome.Published"/> may be committed.</summary>
    public async Task<PublishOutcome> Publish(
        NpgsqlTransaction transaction,
        PriceBookId bookId,
        IReadOnlyList<NewPrice> prices,
        bool maySellBelowCost,
        string actor,
        CancellationToken cancellationToken)
    {
        if (await LockBook(transaction, bookId, cancellationToken) is not { } currency)
        {
            return new PublishOutcome.NoSuchBook();
        }

        var newest = await NewestVersions(transaction, bookId, cancellationToken);
        var now = Instant.Now(time);
        var versions = new List<PriceVersion>();
        foreach (var (index, price) in prices.Index())
        {
            var known = newest.GetValueOrDefault((price.Meter, price.Match));
            if (PriceCheck.Problem(price, known, now) is { } reason)
            {
                return new PublishOutcome.Refused(index, reason);
            }

            if (!maySellBelowCost && BelowCost.Problem(price) is { } loss)
            {
                return new PublishOutcome.BelowCost(index, loss);
            }

            var version = new PriceVersion(
                ids.Next<PriceVersionId>(),
                bookId,
                known?.Component ?? ids.Next<PriceComponentId>(),
                currency,
                price.Meter,
                price.Match,
                price.Terms,
                PriceCheck.StartOf(price),
                now)
            {
                GroupBy = [.. price.GroupBy.Order(StringComparer.Ordinal)],
                Cost = price.Cost,
                Scale = price.Scale,
            };
            version = version with { Hash = Convert.ToHexStringLower(PriceHash.Of(version)) };
            newest[(price.Meter, price.Match)] = new NewestVersion(
                version.Component, version.EffectiveFrom, version.GroupBy, price.Terms.IsUnpriced);
            versions.Add(version);
        }

        await Write(transaction, versions, now, cancellationToken);
        var after = $$"""{"prices":{{versions.Count}}}""";
        await audit.Record(
            transaction,
            new AuditEntry(null, actor, "prices.published", bookId.ToString(), After: after),
            cancellationToken);
        return new PublishOutcome.Published(versions);
    }

    private const string LockBookSql = """
        with publishing as (
            update pricing.catalogue_state
            set revision = revision + 1
            returning revision
        )
        select currency
        from pricing.price_books, publishing
        where price_book_id = $1
        """;

    private static async Task<Currency?> LockBook(NpgsqlTransaction transaction, PriceBookId book, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(LockBookSql, book.Value);
        return await command.ExecuteScalarAsync(cancellationToken) is string code ? Currency.Of(code) : null;
    }

    private const string NewestSql = """
        select c.meter, c.dimensions, c.component_id, max(v.effective_from), c.group_by,
            (array_agg(v.terms order by v.effective_from desc))[1]
        from pricing.price_components c
        join pricing.price_versions v on v.component_id = c.component_id
        where c.price_book_id = $1
        group by c.meter, c.dimensions, c.component_id, c.group_by
        """;

    private static readonly string UnpricedText = TermsDocument.Write(PriceTerms.Unpriced);

    private static async Task<Dictionary<(string Meter, Dimensions Match), NewestVersion>> NewestVersions(
        NpgsqlTransaction transaction,
        PriceBookId book,
        CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(NewestSql, book.Value);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var newest = new Dictionary<(string, Dimensions), NewestVersion>();
        while (await reader.ReadAsync(cancellationToken))
        {
            newest[(reader.GetString(0), Dimensions.FromText(reader.GetString(1)))] =
                new NewestVersion(
                    new PriceComponentId(reader.GetGuid(2)),
                    reader.GetFieldValue<DateTimeOffset>(3),
                    reader.GetFieldValue<string[]>(4),
                    !reader.IsDBNull(5) && reader.GetString(5) == UnpricedText);
        }

        return newest;
    }

    private const string InsertComponentsSql = """
        insert into pricing.price_components (price_book_id, component_id, meter, dimensions, created_at, group_by)
        select distinct on (component_id)
            price_book_id, component_id, meter, dimensions, $5, coalesce(string_to_array(group_by, chr(10)), '{}')
        from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $6::text[])
            as added (price_book_id, component_id, meter, dimensions, group_by)
        on conflict do nothing
        """;

    private const string InsertVersionsSql = """
        insert into pricing.price_versions
            (price_book_id, component_id, version_id, unit_price, per_quantity, effective_from, published_at, content_hash,
            terms, cost, scale)
        select price_book_id, component_id, version_id, unit_price, per_quantity, effective_from, $8, content_hash,
            terms, cost, scale
        from unnest(
            $1::uuid[], $2::uuid[], $3::uuid[], $4::numeric[], $5::bigint[], $6::timestamptz[], $7::bytea[], $9::text[],
            $10::text[], $11::smallint[])
            as added (price_book_id, component_id, version_id, unit_price, per_quantity, effective_from, content_hash, terms,
                cost, scale)
        """;

    private static async Task Write(
        NpgsqlTransaction transaction,
        List<PriceVersion> versions,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var books = versions.ConvertAll(version => version.Book.Value);
        var components = versions.ConvertAll(version => version.Component.Value);
        await using var batch = transaction.Batch();
        batch.Sql(
            InsertComponentsSql,
            books,
            components,
            versions.ConvertAll(version => version.Meter),
            versions.ConvertAll(version => version.Match.Text),
            now,
            // Arrays of arrays must be rectangular in PostgreSQL; these go as text, and no name holds a line's end.
            versions.ConvertAll(version => version.GroupBy.Count == 0 ? null : string.Join('\n', version.GroupBy)));
        batch.Sql(
            InsertVersionsSql,
            books,
            components,
            versions.ConvertAll(version => version.Id.Value),
            versions.ConvertAll(version => PriceHash.IsBare(version) ? version.UnitPrice : null),
            versions.ConvertAll(version => PriceHash.IsBare(version) ? version.PerQuantity : null),
            versions.ConvertAll(version => version.EffectiveFrom),
            versions.ConvertAll(version => Convert.FromHexString(version.Hash)),
            now,
            versions.ConvertAll(version => PriceHash.IsBare(version) ? null : TermsDocument.Write(version.Terms)),
            versions.ConvertAll(version => version.Cost is null ? null : TermsDocument.Write(version.Cost)),
            versions.ConvertAll(version => (short)version.Scale));
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }
}
