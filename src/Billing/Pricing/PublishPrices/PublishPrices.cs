using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Pricing.Internal;

/// <summary>Creates books and publishes versions; the catalogue's one state row serialises publishers.</summary>
internal sealed class PublishPrices(NpgsqlDataSource database, TimeProvider time, IdSource ids, IAudit audit)
{
    // A first version without a date holds from here on: older usage does not exist.
    private static readonly DateTimeOffset StartOfTime = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

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
        string actor,
        IdempotentRequest idempotent,
        CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
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
            if (WhyRefused(price, known?.EffectiveFrom, now) is { } reason)
            {
                return new PublishOutcome.Refused(index, reason);
            }

            var version = new PriceVersion(
                ids.Next<PriceVersionId>(),
                bookId,
                known?.Component ?? ids.Next<PriceComponentId>(),
                currency,
                price.Meter,
                price.Match,
                price.UnitPrice,
                price.PerQuantity,
                price.EffectiveFrom ?? StartOfTime,
                now);
            newest[(price.Meter, price.Match)] = new Newest(version.Component, version.EffectiveFrom);
            versions.Add(version);
        }

        await Write(transaction, versions, now, cancellationToken);
        var after = $$"""{"prices":{{versions.Count}}}""";
        await audit.Record(
            transaction,
            new AuditEntry(null, actor, "prices.published", bookId.ToString(), After: after),
            cancellationToken);
        await idempotent.Complete(transaction, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new PublishOutcome.Published(versions);
    }

    /// <summary>Why a price cannot be published, or null. Pure.</summary>
    private static string? WhyRefused(NewPrice price, DateTimeOffset? newest, DateTimeOffset now)
    {
        if (WhyNamesNothing(price) is { } reason)
        {
            return reason;
        }

        if (price.UnitPrice is < 0 or > Limits.UnitPriceMax || price.UnitPrice.Scale > Limits.UnitPriceScaleMax)
        {
            return $"A unit price is between 0 and {Limits.UnitPriceMax} with at most {Limits.UnitPriceScaleMax} decimals.";
        }

        if (price.PerQuantity is not (1 or 1_000 or 1_000_000))
        {
            return "A price is per 1, 1000 or 1000000.";
        }

        if (price.EffectiveFrom is { } start && !QuarterHour.IsStart(start))
        {
            return "A price takes effect at the start of a quarter hour, UTC.";
        }

        if (newest is null)
        {
            return null;
        }

        return price.EffectiveFrom is { } next && next > newest && next >= now + Limits.PublishAhead
            ? null
            : $"This component has a price from {newest:O}; the next one must begin after it and at least "
                + $"{Limits.PublishAhead.TotalMinutes} minutes from now, so that rated usage keeps its price.";
    }

    private static string? WhyNamesNothing(NewPrice price)
    {
        if (InputText.Problem(price.Meter, Limits.NameLettersMax) is { } problem)
        {
            return $"meter {problem}.";
        }

        var wrong = price.Match.ToDictionary()
            .SelectMany(pair => new[] { pair.Key, pair.Value })
            .Select(text => InputText.Problem(text, Limits.DimensionLettersMax))
            .FirstOrDefault(found => found is not null);
        return wrong is null ? null : $"A name or value of match {wrong}.";
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
        select c.meter, c.dimensions, c.component_id, max(v.effective_from)
        from pricing.price_components c
        join pricing.price_versions v on v.component_id = c.component_id
        where c.price_book_id = $1
        group by c.meter, c.dimensions, c.component_id
        """;

    private static async Task<Dictionary<(string Meter, Dimensions Match), Newest>> NewestVersions(
        NpgsqlTransaction transaction,
        PriceBookId book,
        CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(NewestSql, book.Value);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var newest = new Dictionary<(string, Dimensions), Newest>();
        while (await reader.ReadAsync(cancellationToken))
        {
            newest[(reader.GetString(0), Dimensions.FromText(reader.GetString(1)))] =
                new Newest(new PriceComponentId(reader.GetGuid(2)), reader.GetFieldValue<DateTimeOffset>(3));
        }

        return newest;
    }

    private const string InsertComponentsSql = """
        insert into pricing.price_components (price_book_id, component_id, meter, dimensions, created_at)
        select distinct on (component_id) price_book_id, component_id, meter, dimensions, $5
        from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[]) as added (price_book_id, component_id, meter, dimensions)
        on conflict do nothing
        """;

    private const string InsertVersionsSql = """
        insert into pricing.price_versions
            (price_book_id, component_id, version_id, unit_price, per_quantity, effective_from, published_at, content_hash)
        select price_book_id, component_id, version_id, unit_price, per_quantity, effective_from, $8, content_hash
        from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::numeric[], $5::bigint[], $6::timestamptz[], $7::bytea[])
            as added (price_book_id, component_id, version_id, unit_price, per_quantity, effective_from, content_hash)
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
            now);
        batch.Sql(
            InsertVersionsSql,
            books,
            components,
            versions.ConvertAll(version => version.Id.Value),
            versions.ConvertAll(version => version.UnitPrice),
            versions.ConvertAll(version => version.PerQuantity),
            versions.ConvertAll(version => version.EffectiveFrom.ToUniversalTime()),
            versions.ConvertAll(ContentHash),
            now);
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    private static byte[] ContentHash(PriceVersion version) => SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"{version.Id}|{version.Component}|{version.Currency}|{version.Meter}|{version.Match}"
        + $"|{version.UnitPrice}|{version.PerQuantity}|{version.EffectiveFrom.UtcTicks}")));

    private sealed record Newest(PriceComponentId Component, DateTimeOffset EffectiveFrom);
}
