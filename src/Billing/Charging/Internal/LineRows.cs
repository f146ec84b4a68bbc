using System.Text;
using Npgsql;
using Quoin.Platform;
using Quoin.Pricing;

namespace Quoin.Charging.Internal;

/// <summary>Lines as rows.</summary>
internal static class LineRows
{
    private const string CopySql = """
        copy charging.rated_lines
            (org_id, line_id, kind, billing_account_id, component_id, version_id, meter_id, dimensions, period_start,
            group_values, cell, bucket_start, quantity, event_count, amount_micros, cost_micros, currency,
            position_quantity, position_micros, fold_ids, source, assignment_id, discount_bps, price_hash, is_late,
            correlation_id, transfer_id, rated_at, content_hash, hash_version)
        from stdin (format binary)
        """;

    private const short Fields = 30;
    private const int BytesOfLine = 640;

    /// <summary>Writes lines by COPY: thousands a step, and nothing to conflict with.</summary>
    public static async Task Write(
        NpgsqlTransaction transaction, IReadOnlyList<RatedLine> lines, CancellationToken cancellationToken)
    {
        if (lines.Count == 0)
        {
            return;
        }

        var rows = new BinaryCopyBuffer(lines.Count * BytesOfLine);
        var hash = new LineHash();
        foreach (var line in lines)
        {
            Row(rows, line, hash.Of(line));
        }

        await using var copy = await transaction.Connection!.BeginRawBinaryCopyAsync(CopySql, cancellationToken);
        await copy.WriteAsync(rows.Complete(), cancellationToken);
    }

    /// <summary>A source as it is stored.</summary>
    public static string Name(PriceSource source) => source switch
    {
        PriceSource.Contract => "contract",
        PriceSource.ResellerPlan => "reseller_plan",
        PriceSource.Plan => "plan",
        PriceSource.Catalogue => "catalogue",
        _ => throw new ArgumentOutOfRangeException(nameof(source), source, "Not a source."),
    };

    /// <summary>A source as it was stored.</summary>
    public static PriceSource Source(string name) => Enum.GetValues<PriceSource>().First(source => Name(source) == name);

    /// <summary>A kind as it is stored.</summary>
    public static string Name(LineKind kind) => kind == LineKind.Minimum ? "minimum" : "usage";

    private static void Row(BinaryCopyBuffer rows, RatedLine line, Guid hash)
    {
        rows.Row(Fields);
        rows.Uuid(line.Key.Org.Value);
        rows.Uuid(line.Id.Value);
        rows.Text(Name(line.Kind));
        rows.Uuid(line.Key.BillingAccount.Value);
        rows.Uuid(line.Key.Component.Value);
        rows.Uuid(line.Version.Value);
        rows.Uuid(line.Meter.Value);
        rows.Text(line.Dimensions.Text);
        rows.Instant(line.Key.PeriodStart);
        rows.Text(line.Key.Group.Text);
        rows.Text(line.Cell);
        rows.Instant(line.BucketStart);
        rows.Numeric(line.Quantity);
        rows.Long(line.EventCount);
        rows.Long(line.Amount.Micros);
        rows.Long(line.Cost.Micros);
        rows.Text(line.Amount.Currency.Code);
        rows.Numeric(line.PositionQuantity);
        rows.Long(line.PositionMicros);
        rows.Uuids(line.Folds);
        rows.Text(Name(line.Source));
        rows.Uuid(line.Assignment?.Value);
        rows.Integer(line.DiscountBps);
        rows.Text(line.PriceHash);
        rows.Boolean(line.IsLate);
        rows.Text(line.CorrelationId);
        rows.Uuid(line.Transfer?.Value);
        rows.Instant(line.RatedAt);
        rows.Uuid(hash);
        rows.Short(LineHash.Version);
    }
}
