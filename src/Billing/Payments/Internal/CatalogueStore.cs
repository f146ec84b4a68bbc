using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Payments.Internal;

/// <summary>Something that may be sold once, by a price of the provider.</summary>
internal sealed record CatalogueItemRow(
    CatalogueItemId Id, ProviderPlace Place, string Name, Currency Currency, long AmountMinor, string ProviderPrice, bool IsActive)
{
    public const string Columns = """
        catalogue_item_id, provider, mode, name, currency, amount_minor, provider_price_id, is_active
        """;

    public static CatalogueItemRow Read(NpgsqlDataReader row) => new(
        new CatalogueItemId(row.GetGuid(0)),
        new ProviderPlace(row.GetString(1), row.Mode(2)),
        row.GetString(3),
        Currency.Of(row.GetString(4)),
        row.GetInt64(5),
        row.GetString(6),
        row.GetBoolean(7));
}

/// <summary>The allow-list of what may be sold once: prices nobody put here cannot be sold.</summary>
internal sealed class CatalogueStore(NpgsqlDataSource database)
{
    private const string FindSql = $"""
        select {CatalogueItemRow.Columns}
        from payments.catalogue_items
        where catalogue_item_id = any ($1)
          and provider = $2
          and mode = $3
          and is_active
        """;

    /// <summary>Those of some items that may be sold at a provider; the others are missing.</summary>
    public async Task<IReadOnlyDictionary<CatalogueItemId, CatalogueItemRow>> Find(
        IEnumerable<CatalogueItemId> items, ProviderPlace place, CancellationToken cancellationToken)
    {
        var found = await database
            .Sql(FindSql, items.Select(item => item.Value).Distinct().ToArray(), place.Provider, place.ModeWord)
            .All(CatalogueItemRow.Read, cancellationToken);
        return found.ToDictionary(item => item.Id);
    }

    private const string NamedSql = $"""
        select {CatalogueItemRow.Columns}
        from payments.catalogue_items
        where catalogue_item_id = any ($1)
        """;

    /// <summary>Items by id, retired ones too: what was sold keeps its name.</summary>
    public async Task<IReadOnlyDictionary<CatalogueItemId, CatalogueItemRow>> Named(
        IEnumerable<CatalogueItemId> items, CancellationToken cancellationToken) =>
        (await database.Sql(NamedSql, items.Select(item => item.Value).Distinct().ToArray())
            .All(CatalogueItemRow.Read, cancellationToken)).ToDictionary(item => item.Id);

    private const string AllSql = $"""
        select {CatalogueItemRow.Columns}
        from payments.catalogue_items
        order by name, catalogue_item_id
        limit $1
        """;

    /// <summary>Every item, retired ones too, by name.</summary>
    public Task<IReadOnlyList<CatalogueItemRow>> All(CancellationToken cancellationToken) =>
        database.Sql(AllSql, Limits.CatalogueItemsMax).All(CatalogueItemRow.Read, cancellationToken);

    private const string InsertSql = """
        insert into payments.catalogue_items
            (catalogue_item_id, provider, mode, name, currency, amount_minor, provider_price_id, is_active, created_at,
            updated_at)
        values ($1, $2, $3, $4, $5, $6, $7, true, $8, $8)
        """;

    /// <summary>Lists an item.</summary>
    public static Task Insert(
        NpgsqlTransaction transaction, CatalogueItemRow item, DateTimeOffset now, CancellationToken cancellationToken) =>
        transaction.Sql(
            InsertSql,
            item.Id.Value,
            item.Place.Provider,
            item.Place.ModeWord,
            item.Name,
            item.Currency.Code,
            item.AmountMinor,
            item.ProviderPrice,
            now).Run(cancellationToken);

    private const string RetireSql = $"""
        update payments.catalogue_items
        set is_active = false,
            updated_at = $2
        where catalogue_item_id = $1
        returning {CatalogueItemRow.Columns}
        """;

    /// <summary>Takes an item from sale; null when there is none. Retired already is retired.</summary>
    public static Task<CatalogueItemRow?> Retire(
        NpgsqlTransaction transaction, CatalogueItemId item, DateTimeOffset now, CancellationToken cancellationToken) =>
        transaction.Sql(RetireSql, item.Value, now).Only(CatalogueItemRow.Read, cancellationToken);
}
