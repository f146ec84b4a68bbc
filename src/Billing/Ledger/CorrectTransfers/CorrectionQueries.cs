using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Ledger.Internal;

/// <summary>Reads corrections.</summary>
internal sealed class CorrectionQueries(NpgsqlDataSource database)
{
    private const string NewestSql = $"""
        select {CorrectionRow.Columns}
        from ledger.corrections
        where org_id = $1
            and correction_id < $2
            and ($3::uuid is null or original_transfer_id = $3)
            and ($4::text is null or state = $4)
        order by correction_id desc
        limit $5
        """;

    public async Task<IReadOnlyList<Correction>> Newest(
        OrgId org, CorrectionFilter filter, CorrectionId? before, int limit, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(
            NewestSql,
            org.Value,
            before?.Value ?? Guid.AllBitsSet,
            filter.Transfer?.Value,
            filter.State?.Name(),
            limit);
        return [.. (await CorrectionRow.ReadAll(command, cancellationToken)).Select(row => row.Correction)];
    }

    private const string OneSql = $"""
        select {CorrectionRow.Columns}
        from ledger.corrections
        where org_id = $1
            and correction_id = $2
        """;

    public async Task<Correction?> One(OrgId org, CorrectionId correction, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(OneSql, org.Value, correction.Value);
        return (await CorrectionRow.ReadAll(command, cancellationToken)).SingleOrDefault()?.Correction;
    }
}
