using Npgsql;
using Quoin.Kernel;

namespace Quoin.Ledger.Internal;

/// <summary>Reads grants with their accounts, as <see cref="ChartReader"/> and the queries select them.</summary>
internal static class GrantRow
{
    /// <summary>The columns that are read, in order, of a grant <c>g</c> and its account <c>a</c>.</summary>
    public const string Columns = """
        g.org_id, g.billing_account_id, g.currency, g.grant_id, g.source, g.priority, g.granted_micros, g.effective_at,
            g.expires_at, g.scopes, g.reference, g.created_at, g.state, g.waits, g.voided_at, g.ended_at, a.balance_micros,
            a.held_micros, a.spent_micros, a.spent_at_count
        """;

    public static GrantTerms Terms(NpgsqlDataReader reader) => new(
        new GrantId(reader.GetGuid(3)),
        new BillingAccountId(reader.GetGuid(1)),
        LedgerNames.GrantSourceOf(reader.GetString(4)),
        reader.GetInt16(5),
        new Money(reader.GetInt64(6), Currency.Of(reader.GetString(2))),
        InstantAt(reader, 7),
        InstantAt(reader, 8),
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
            VoidedAt = InstantAt(reader, 14),
            EndedAt = InstantAt(reader, 15),
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
            terms.Granted with { Micros = reader.GetInt64(18) },
            InstantAt(reader, 14) ?? InstantAt(reader, 15));
    }

    private static DateTimeOffset? InstantAt(NpgsqlDataReader reader, int ordinal) =>
        reader.IsDBNull(ordinal) ? null : reader.GetFieldValue<DateTimeOffset>(ordinal);
}
