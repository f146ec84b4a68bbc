using System.Security.Cryptography;
using System.Text;
using Npgsql;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Platform;
using Quoin.Pricing;

namespace Quoin.Charging.Internal;

/// <summary>Period lines as rows.</summary>
internal static class PeriodLineRows
{
    private const string AddSql = """
        insert into charging.period_lines
            (org_id, line_id, billing_account_id, period_start, period_end, kind, amount_micros, currency, total_micros,
            assignment_id, plan_version_id, reference, is_late, transfer_id, made_at, content_hash)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
        """;

    public static async Task Add(
        NpgsqlTransaction transaction, IReadOnlyList<PeriodLine> lines, CancellationToken cancellationToken)
    {
        if (lines.Count == 0)
        {
            return;
        }

        await using var batch = transaction.Batch();
        foreach (var line in lines)
        {
            batch.Sql(
                AddSql,
                line.Org.Value,
                line.Id.Value,
                line.BillingAccount.Value,
                line.Period.Start,
                line.Period.End,
                Name(line.Kind),
                line.Amount.Micros,
                line.Amount.Currency.Code,
                line.TotalMicros,
                line.Assignment?.Value,
                line.Plan?.Value,
                line.Reference,
                line.IsLate,
                line.Transfer.Value,
                line.MadeAt,
                Hash(line));
        }

        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    private const string NewestSql = """
        select line_id, billing_account_id, period_start, period_end, kind, amount_micros, currency, total_micros,
            assignment_id, plan_version_id, reference, is_late, transfer_id, made_at
        from charging.period_lines
        where org_id = $1
            and line_id < $2
            and ($3::uuid is null or billing_account_id = $3)
            and ($4::timestamptz is null or period_start = $4)
        order by line_id desc
        limit $5
        """;

    public static async Task<IReadOnlyList<PeriodLine>> Newest(
        NpgsqlDataSource database,
        OrgId org,
        BillingAccountId? account,
        DateTimeOffset? periodStart,
        PeriodLineId? before,
        int limit,
        CancellationToken cancellationToken)
    {
        await using var command = database.Sql(
            NewestSql, org.Value, before?.Value ?? Guid.AllBitsSet, account?.Value, periodStart, limit);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var lines = new List<PeriodLine>();
        while (await reader.ReadAsync(cancellationToken))
        {
            lines.Add(new PeriodLine(
                new PeriodLineId(reader.GetGuid(0)),
                org,
                new BillingAccountId(reader.GetGuid(1)),
                new Period(reader.GetFieldValue<DateTimeOffset>(2), reader.GetFieldValue<DateTimeOffset>(3)),
                reader.GetString(4) == Name(PeriodLineKind.Commit) ? PeriodLineKind.Commit : PeriodLineKind.PlanFee,
                new Money(reader.GetInt64(5), Currency.Of(reader.GetString(6))),
                reader.GetInt64(7),
                reader.IsDBNull(8) ? null : new AssignmentId(reader.GetGuid(8)),
                reader.IsDBNull(9) ? null : new PlanVersionId(reader.GetGuid(9)),
                reader.GetString(10),
                reader.GetBoolean(11),
                new TransferId(reader.GetGuid(12)),
                reader.GetFieldValue<DateTimeOffset>(13)));
        }

        return lines;
    }

    /// <summary>A kind as it is stored and shown.</summary>
    public static string Name(PeriodLineKind kind) => kind == PeriodLineKind.Commit ? "commit" : "plan_fee";

    private static Guid Hash(PeriodLine line)
    {
        string?[] said =
        [
            line.Id.ToString(), line.Org.ToString(), line.BillingAccount.ToString(), Rfc3339.Format(line.Period.Start),
            Rfc3339.Format(line.Period.End), Name(line.Kind), line.Amount.ToString(), $"{line.TotalMicros}",
            line.Assignment?.ToString(), line.Plan?.ToString(), line.Reference, $"{line.IsLate}", line.Transfer.ToString(),
            Rfc3339.Format(line.MadeAt),
        ];
        var bytes = Encoding.UTF8.GetBytes(string.Join('\n', said));
        return new Guid(SHA256.HashData(bytes).AsSpan(0, 16), bigEndian: true);
    }
}
