using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Quoin.Charging.Internal;

/// <summary>
/// The content hash of a line: the first half of SHA-256 over everything it says, each member with its length or of a
/// fixed one, so that no two lines read alike. Not for two threads at once.
/// </summary>
internal sealed class LineHash
{
    /// <summary>Which members are hashed, and how.</summary>
    public const short Version = 2;

    private const int ShaBytes = 32;
    private const int IdBytes = 16;

    private byte[] bytes = new byte[1024];
    private int count;

    /// <summary>A line's hash.</summary>
    public Guid Of(RatedLine line)
    {
        count = 0;
        Add(line.Id.Value);
        Add((long)line.Kind);
        Add(line.Key.Org.Value);
        Add(line.Key.BillingAccount.Value);
        Add(line.Key.Component.Value);
        Add(line.Key.PeriodStart.UtcTicks);
        Add(line.Key.Group.Text);
        Add(line.Version.Value);
        Add(line.PriceHash);
        Add(line.Cell);
        Add(LineRows.Name(line.Source));
        Add(line.Assignment?.Value ?? Guid.Empty);
        Add(line.DiscountBps);
        Add(line.Meter.Value);
        Add(line.Dimensions.Text);
        Add(line.BucketStart.UtcTicks);
        Add(line.Quantity);
        Add(line.EventCount);
        Add(line.Amount.Currency.Code);
        Add(line.Amount.Micros);
        Add(line.Cost.Micros);
        Add(line.PositionQuantity);
        Add(line.PositionMicros);
        Add(line.IsLate ? 1 : 0);
        Add(line.CorrelationId);
        Add(line.Transfer?.Value ?? Guid.Empty);

        // The database keeps microseconds.
        Add(line.RatedAt.UtcTicks / TimeSpan.TicksPerMicrosecond);
        Add(line.Folds.Count);
        foreach (var fold in line.Folds)
        {
            Add(fold);
        }

        Span<byte> hash = stackalloc byte[ShaBytes];
        SHA256.HashData(bytes.AsSpan(0, count), hash);
        return new Guid(hash[..IdBytes], bigEndian: true);
    }

    private void Add(Guid id)
    {
        id.TryWriteBytes(Room(IdBytes), bigEndian: true, out _);
        count += IdBytes;
    }

    private void Add(long number)
    {
        BinaryPrimitives.WriteInt64BigEndian(Room(sizeof(long)), number);
        count += sizeof(long);
    }

    // By value: the database may give 1.50 back as 1.5.
    private void Add(decimal number)
    {
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(number / 1.0000000000000000000000000000m, parts);
        foreach (var part in parts)
        {
            BinaryPrimitives.WriteInt32BigEndian(Room(sizeof(int)), part);
            count += sizeof(int);
        }
    }

    private void Add(string? text)
    {
        if (text is null)
        {
            Add(-1);
            return;
        }

        var length = Encoding.UTF8.GetByteCount(text);
        Add(length);
        count += Encoding.UTF8.GetBytes(text, Room(length));
    }

    private Span<byte> Room(int more)
    {
        if (count + more > bytes.Length)
        {
            Array.Resize(ref bytes, Math.Max(bytes.Length * 2, count + more));
        }

        return bytes.AsSpan(count, more);
    }
}
