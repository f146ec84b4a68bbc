using Npgsql;
using Quoin.Kernel;

namespace Quoin.Metering;

/// <summary>Folded usage as rows: the queue here and what Charging sets aside of it are read alike.</summary>
public static class FoldedUsageRows
{
    private const int NamesHoldsColumn = 9;

    /// <summary>
    /// Reads all rows of nine columns: organisation, billing account, meter, dimensions, bucket's start, fold, quantity,
    /// count of events, time of recording; and of the queue a tenth, whether its events name holds.
    /// </summary>
    public static async Task<IReadOnlyList<FoldedUsage>> Read(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var rows = new List<FoldedUsage>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(new FoldedUsage(
                new OrgId(reader.GetGuid(0)),
                new BillingAccountId(reader.GetGuid(1)),
                new MeterId(reader.GetGuid(2)),
                Dimensions.FromText(reader.GetString(3)),
                reader.GetFieldValue<DateTimeOffset>(4),
                reader.GetGuid(5),
                reader.GetDecimal(6),
                reader.GetInt64(7),
                reader.GetFieldValue<DateTimeOffset>(8))
            {
                NamesHolds = reader.FieldCount > NamesHoldsColumn && reader.GetBoolean(NamesHoldsColumn),
            });
        }

        return rows;
    }
}
