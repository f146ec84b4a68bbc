using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Quoin.Kernel;

/// <summary>
/// Makes UUIDv7 ids (RFC 9562) that rise within one source: the clock's millisecond, then a counter, then chance.
/// Rising ids keep index inserts on the last page; a seeded source makes a simulation repeat itself.
/// </summary>
public sealed class IdSource
{
    // Asking the system for chance costs the same for sixteen bytes as for a thousand: more than all else that makes an id.
    private readonly byte[] chance = new byte[1024];

    private readonly Lock gate = new();
    private readonly TimeProvider time;
    private readonly Random? seeded;
    private long lastMilliseconds;
    private int counter;
    private int chanceUsed;

    /// <summary>Ids from the real world's chance.</summary>
    public IdSource(TimeProvider time)
        : this(time, null)
    {
    }

    /// <summary>Ids from a seed: the same seed and clock give the same ids.</summary>
    public IdSource(TimeProvider time, Random? seeded) => (this.time, this.seeded) = (time, seeded);

    /// <summary>The next id; never smaller than the one before it.</summary>
    public Guid Next()
    {
        Span<byte> bytes = stackalloc byte[16];
        long milliseconds;
        int sequence;
        lock (gate)
        {
            AddChance(bytes);
            var now = time.GetUtcNow().ToUnixTimeMilliseconds();
            if (now > lastMilliseconds)
            {
                (lastMilliseconds, counter) = (now, 0);
            }
            else if (++counter > 0xFFF)
            {
                // More than 4,096 ids in one millisecond borrow from the next one.
                (lastMilliseconds, counter) = (lastMilliseconds + 1, 0);
            }

            (milliseconds, sequence) = (lastMilliseconds, counter);
        }

        BinaryPrimitives.WriteUInt64BigEndian(bytes, unchecked((ulong)milliseconds << 16) | 0x7000u | (uint)sequence);
        bytes[8] = (byte)(0x80 | (bytes[8] & 0x3F));
        return new Guid(bytes, bigEndian: true);
    }

    // Under the gate.
    private void AddChance(Span<byte> bytes)
    {
        if (seeded is not null)
        {
            seeded.NextBytes(bytes);
            return;
        }

        if (chanceUsed == 0)
        {
            RandomNumberGenerator.Fill(chance);
        }

        chance.AsSpan(chanceUsed, bytes.Length).CopyTo(bytes);
        chanceUsed = (chanceUsed + bytes.Length) % chance.Length;
    }

    /// <summary>The next id, typed.</summary>
    public TId Next<TId>()
        where TId : struct, IId<TId> => TId.From(Next());

    /// <summary>The smallest UUIDv7 of an instant: a bound for ranges over ids.</summary>
    public static Guid LowerBound(DateTimeOffset instant)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        BinaryPrimitives.WriteUInt64BigEndian(bytes, unchecked((ulong)instant.ToUnixTimeMilliseconds() << 16));
        return new Guid(bytes, bigEndian: true);
    }
}
