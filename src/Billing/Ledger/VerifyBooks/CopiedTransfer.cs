using System.Buffers.Binary;
using System.Text;

namespace Quoin.Ledger.VerifyBooks;

/// <summary>A transfer as its bytes came. Texts have their length before them, as they are hashed.</summary>
internal readonly ref struct CopiedTransfer(CopiedRows row)
{
    /// <summary>The columns it reads, in order.</summary>
    public const string Columns = """
        transfer_id, chain_count, billing_account_id, occurred_at, recorded_at, reverses_transfer_id, body_hash, kind, key,
            reference, metadata, chain_hash
        """;

    // timestamptz counts from 2000, the chain from 1970.
    private const long PostgresEpochMicros = 946_684_800_000_000;

    public ReadOnlySpan<byte> Id { get; } = row.Field();

    public long ChainCount { get; } = BinaryPrimitives.ReadInt64BigEndian(row.Field());

    public ReadOnlySpan<byte> BillingAccount { get; } = row.Field();

    public long OccurredAtMicros { get; } = unchecked(BinaryPrimitives.ReadInt64BigEndian(row.Field()) + PostgresEpochMicros);

    public long RecordedAtMicros { get; } = unchecked(BinaryPrimitives.ReadInt64BigEndian(row.Field()) + PostgresEpochMicros);

    public ReadOnlySpan<byte> Reverses { get; } = row.Field();

    public ReadOnlySpan<byte> BodyHash { get; } = row.Field();

    public ReadOnlySpan<byte> Kind { get; } = row.FieldWithLength();

    public ReadOnlySpan<byte> Key { get; } = row.FieldWithLength();

    public ReadOnlySpan<byte> Reference { get; } = row.FieldWithLength();

    public ReadOnlySpan<byte> Metadata { get; } = row.FieldWithLength();

    public ReadOnlySpan<byte> ChainHash { get; } = row.Field();

    public Guid IdValue => new(Id, bigEndian: true);

    /// <summary>A text without its length.</summary>
    public static string TextOf(ReadOnlySpan<byte> withLength) => Encoding.UTF8.GetString(withLength[4..]);
}

/// <summary>An entry as its bytes came.</summary>
internal readonly ref struct CopiedEntry(CopiedRows row)
{
    /// <summary>The columns it reads, in order.</summary>
    public const string Columns = "transfer_id, ordinal, account_id, currency, amount_micros, balance_after_micros";

    public ReadOnlySpan<byte> Transfer { get; } = row.Field();

    public ReadOnlySpan<byte> Ordinal { get; } = row.Field();

    public ReadOnlySpan<byte> Account { get; } = row.Field();

    public ReadOnlySpan<byte> Currency { get; } = row.FieldWithLength();

    public ReadOnlySpan<byte> Amount { get; } = row.Field();

    public ReadOnlySpan<byte> BalanceAfter { get; } = row.Field();
}
