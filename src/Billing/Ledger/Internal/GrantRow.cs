using Npgsql;
using Quoin.Kernel;

namespace Quoin.Ledger.Internal;

/// <summary>Reads grants with their accounts, as <see cref="ChartReader"/> and the queries select them.</summary>
internal static class GrantRow
{
    public static GrantTerms Terms(NpgsqlDataReader reader) => new(
        new GrantId(reader.GetGuid(3)),
        new BillingAccountId(reader.GetGuid(1)),
        LedgerNames.GrantSourceOf(reader.GetString(4)),
        reader.GetInt16(5),
        new Money(reader.GetInt64(6), Currency.Of(reader.GetString(2))),
        reader.IsDBNull(7) ? null : reader.GetFieldValue<DateTimeOffset>(7),
        reader.IsDBNull(8) ? null : reader.GetFieldValue<DateTimeOffset>(8),
        reader.GetFieldValue<string[]>(9),
        reader.GetString(10),
        reader.GetFieldValue<DateTimeOffset>(11));

    /// <summary>A grant as an account of its chart.</summary>
    public static ChartAccount Read(NpgsqlDataReader reader, Chart chart) =>
        new(new AccountId(reader.GetGuid(3)), AccountKind.Grants, chart)
        {
            Terms = Terms(reader),
            StoredState = LedgerNames.GrantStateOf(reader.GetString(12)),
            Waits = reader.GetBoolean(13),
            VoidedAt = reader.IsDBNull(14) ? null : reader.GetFieldValue<DateTimeOffset>(14),
            EndedAt = reader.IsDBNull(15) ? null : reader.GetFieldValue<DateTimeOffset>(15),
            BalanceMicros = reader.GetInt64(16),
            HeldMicros = reader.GetInt64(17),
            SpentMicros = reader.GetInt64(18),
            SpentAtCount = reader.GetInt64(19),
        };

    /// <summary>A grant as others see it.</summary>
    public static Grant Read(NpgsqlDataReader reader)
    {
        var terms = Terms(reader);
        return new Grant(
            terms,
            LedgerNames.GrantStateOf(reader.GetString(12)),
            terms.Granted with { Micros = reader.GetInt64(16) },
            terms.Granted with { Micros = reader.GetInt64(17) },
            reader.IsDBNull(14) ? reader.IsDBNull(15) ? null : reader.GetFieldValue<DateTimeOffset>(15) : reader.GetFieldValue<DateTimeOffset>(14));
    }
}
