using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;
using Quoin.Pricing;

namespace Quoin.Charging.Internal;

/// <summary>What a rating key's quantities were at a line: the sum of the lines up to it, by version, cell and discount.</summary>
internal static class LineParts
{
    private const string Sql = """
        select version_id, cell, discount_bps, sum(quantity)
        from charging.rated_lines
        where org_id = $1
            and line_id <= $2
            and billing_account_id = $3
            and component_id = $4
            and period_start = $5
            and group_values = $6
            and (line_id < $2 or $7)
        group by version_id, cell, discount_bps
        """;

    public static async Task<IReadOnlyList<PricedQuantity>> UpTo(
        NpgsqlDataSource database,
        RatedLine line,
        bool isIncluded,
        PriceSnapshot prices,
        CancellationToken cancellationToken)
    {
        await using var command = database.Sql(
            Sql,
            line.Key.Org.Value,
            line.Id.Value,
            line.Key.BillingAccount.Value,
            line.Key.Component.Value,
            line.Key.PeriodStart,
            line.Key.Group.Text,
            isIncluded);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var parts = new List<PricedQuantity>();
        while (await reader.ReadAsync(cancellationToken))
        {
            parts.Add(new PricedQuantity(
                prices.Version(new PriceVersionId(reader.GetGuid(0))),
                reader.GetString(1),
                reader.GetDecimal(3),
                reader.GetInt32(2)));
        }

        return [.. parts.OrderBy(part => part.Version.EffectiveFrom)];
    }
}
