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
}
