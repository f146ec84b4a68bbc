using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Quoin.Kernel;

namespace Quoin.Ledger.Internal;

/// <summary>
/// The hash chain of an organisation's transfers: each hash covers the one before it and all that a transfer and its
/// entries say. The bytes are those of the SQL function <c>ledger.chain_hash_of</c>; a test compares the two.
/// </summary>
internal static class ChainHash
{
    /// <summary>The head of books without a transfer.</summary>
    public static byte[] Genesis(OrgId org)
    {
        Span<byte> bytes = stackalloc byte[16];
        org.Value.TryWriteBytes(bytes, bigEndian: true, out _);
        return SHA256.HashData(bytes);
    }

    /// <summary>The hash of a transfer that follows one with the hash <paramref name="previous"/>.</summary>
    public static byte[] Of(ReadOnlySpan<byte> previous, DraftTransfer transfer, ReadOnlySpan<DraftEntry> entries)
    {
        const byte format = 1;
        var content = new ContentWriter(stackalloc byte[1024]);
        content.Byte(format);
        content.Bytes(previous);
        content.Uuid(transfer.Org);
        content.Integer64(transfer.ChainCount);
        content.Uuid(transfer.Id);
        content.Uuid(transfer.BillingAccount);
        content.Integer64(Instants.ToMicros(transfer.OccurredAt));
        content.Integer64(Instants.ToMicros(transfer.RecordedAt));
        content.Uuid(transfer.Reverses ?? Guid.Empty);
        content.Uuid(transfer.BodyHash);
        content.Text(transfer.Kind);
        content.Text(transfer.Key);
        content.Text(transfer.Reference);
        content.Text(transfer.Metadata ?? string.Empty);
        foreach (var entry in entries)
        {
            content.Integer16(entry.Ordinal);
            content.Uuid(entry.Account);
            content.Text(entry.AccountKind.Name());
            content.Text(entry.Currency.Code);
            content.Integer64(entry.Micros);
            content.Integer64(entry.BalanceAfterMicros);
        }

        return SHA256.HashData(content.Written);
    }
}

/// <summary>Writes what is hashed: big-endian, texts with their length first, so that no two contents share bytes.</summary>
internal ref struct ContentWriter(Span<byte> initial)
{
    private Span<byte> buffer = initial;
    private int length;

    public readonly ReadOnlySpan<byte> Written => buffer[..length];

    public void Byte(byte value) => Reserve(1)[0] = value;

    public void Bytes(ReadOnlySpan<byte> value) => value.CopyTo(Reserve(value.Length));

    public void Uuid(Guid value) => value.TryWriteBytes(Reserve(16), bigEndian: true, out _);

    public void Integer16(short value) => BinaryPrimitives.WriteInt16BigEndian(Reserve(2), value);

    public void Integer64(long value) => BinaryPrimitives.WriteInt64BigEndian(Reserve(8), value);

    public void Text(string value)
    {
        var bytes = Encoding.UTF8.GetByteCount(value);
        BinaryPrimitives.WriteInt32BigEndian(Reserve(4), bytes);
        Encoding.UTF8.GetBytes(value, Reserve(bytes));
    }

    private Span<byte> Reserve(int bytes)
    {
        if (length + bytes > buffer.Length)
        {
            var larger = new byte[Math.Max(buffer.Length * 2, length + bytes)];
            Written.CopyTo(larger);
            buffer = larger;
        }

        var place = buffer.Slice(length, bytes);
        length += bytes;
        return place;
    }
}

/// <summary>Instants as PostgreSQL keeps them: whole microseconds.</summary>
internal static class Instants
{
    public static DateTimeOffset ToWholeMicros(DateTimeOffset instant)
    {
        var utc = instant.ToUniversalTime();
        return utc.AddTicks(-(utc.Ticks % TimeSpan.TicksPerMicrosecond));
    }

    public static long ToMicros(DateTimeOffset instant) =>
        (instant.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
}
