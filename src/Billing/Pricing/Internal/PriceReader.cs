using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Pricing.Internal;

/// <summary>Reads price books and remembers the last snapshot.</summary>
internal sealed class PriceReader(NpgsqlDataSource database)
{
    private volatile PriceSnapshot last = new(-1, [], []);

    public async Task<PriceSnapshot> Current(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await Current(connection, cancellationToken);
    }

    private const string RevisionSql = "select revision from pricing.catalogue_state";

    private const string VersionsSql = """
        select v.version_id, v.price_book_id, v.component_id, b.currency, c.meter, c.dimensions, v.unit_price,
            v.per_quantity, v.effective_from, v.published_at, v.terms, v.cost, v.scale, c.group_by, v.content_hash
        from pricing.price_versions v
        join pricing.price_components c
            on c.price_book_id = v.price_book_id and c.component_id = v.component_id
        join pricing.price_books b on b.price_book_id = v.price_book_id
        """;

    public async Task<PriceSnapshot> Current(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var asking = connection.Sql(RevisionSql);
        var revision = (long)(await asking.ExecuteScalarAsync(cancellationToken))!;
        if (last is { } known && known.Revision == revision)
        {
            return known;
        }

        await using var batch = connection.CreateBatch();
        batch.Sql(BooksSql);
        batch.Sql(VersionsSql);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var books = await ReadBooks(reader, cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        var versions = new List<PriceVersion>();
        while (await reader.ReadAsync(cancellationToken))
        {
            versions.Add(ReadVersion(reader));
        }

        // Prices only grow, so versions read a moment after the revision are at worst newer: the next call reads again.
        return last = new PriceSnapshot(revision, books, versions);
    }

    private static PriceVersion ReadVersion(NpgsqlDataReader reader) => new(
        new PriceVersionId(reader.GetGuid(0)),
        new PriceBookId(reader.GetGuid(1)),
        new PriceComponentId(reader.GetGuid(2)),
        Currency.Of(reader.GetString(3)),
        reader.GetString(4),
        Dimensions.FromText(reader.GetString(5)),
        reader.IsDBNull(10)
            ? PriceTerms.PerUnit(reader.GetDecimal(6), reader.GetInt64(7))
            : TermsDocument.Stored(reader.GetString(10)),
        reader.GetFieldValue<DateTimeOffset>(8),
        reader.GetFieldValue<DateTimeOffset>(9))
    {
        Cost = reader.IsDBNull(11) ? null : TermsDocument.Stored(reader.GetString(11)),
        Scale = reader.GetInt16(12),
        GroupBy = reader.GetFieldValue<string[]>(13),
        Hash = Convert.ToHexStringLower(reader.GetFieldValue<byte[]>(14)),
    };

    private const string BooksSql = """
        select price_book_id, name, currency, is_default
        from pricing.price_books
        order by name
        """;

    public async Task<IReadOnlyList<PriceBook>> Books(CancellationToken cancellationToken)
    {
        await using var command = database.Sql(BooksSql);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await ReadBooks(reader, cancellationToken);
    }

    private static async Task<List<PriceBook>> ReadBooks(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var books = new List<PriceBook>();
        while (await reader.ReadAsync(cancellationToken))
        {
            books.Add(new PriceBook(
                new PriceBookId(reader.GetGuid(0)),
                reader.GetString(1),
                Currency.Of(reader.GetString(2)),
                reader.GetBoolean(3)));
        }

        return books;
    }
}
