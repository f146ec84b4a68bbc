using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Inference.Internal;

/// <summary>A source that read an address and does so no more.</summary>
/// <param name="Org">Whose usage its calls are.</param>
/// <param name="Name">Its name.</param>
/// <param name="ReadTo">Nothing that began later was read.</param>
internal sealed record EndedSpendSource(OrgId Org, string Name, DateTimeOffset ReadTo)
{
    /// <summary>From when another source of its address may count calls.</summary>
    public DateTimeOffset OthersBeginAt => ReadTo.AddMicroseconds(1);
}

/// <summary>Such sources as rows.</summary>
internal static class EndedSpendSourceRows
{
    private const string KeepSql = """
        insert into inference.ended_spend_sources as e (address, org_id, name, read_to, ended_at)
        values ($1, $2, $3, $4, $5)
        on conflict (address, org_id, name) do update
        set read_to = greatest(e.read_to, excluded.read_to),
            ended_at = excluded.ended_at
        """;

    /// <summary>Writes down that a source reads its address no more.</summary>
    public static async Task Keep(
        NpgsqlTransaction transaction, SpendSource source, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(
            KeepSql, SpendAddress.Of(source.BaseUrl), source.Org.Value, source.Name, source.ReadAtMostTo, now);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private const string LatestSql = """
        select org_id, name, read_to
        from inference.ended_spend_sources
        where address = $1
            and (org_id, name) <> ($2, $3)
        order by read_to desc
        limit 1
        """;

    /// <summary>
    /// Of the others that read an address, the one that came furthest; null where there is none. A source that comes back under
    /// its own name is no other: its calls are known by their ids.
    /// </summary>
    public static async Task<EndedSpendSource?> Latest(
        NpgsqlTransaction transaction, string address, OrgId org, string name, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(LatestSql, address, org.Value, name);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new EndedSpendSource(
                new OrgId(reader.GetGuid(0)), reader.GetString(1), reader.GetFieldValue<DateTimeOffset>(2))
            : null;
    }
}
