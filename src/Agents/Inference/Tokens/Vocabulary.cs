using System.IO.Compression;
using System.Reflection;

namespace Quoin.Inference.Internal;

/// <summary>
/// The tokens of a family of models, as bytes, by rank: which of two neighbours in a text are joined first. Some megabytes,
/// read when somebody first asks and kept.
/// </summary>
internal sealed class Vocabulary
{
    /// <summary>No token.</summary>
    public const int None = int.MaxValue;

    private const byte LongMark = 255;

    private readonly byte[] bytes;
    private readonly int[] starts;
    private readonly int[] table;

    private Vocabulary(byte[] packed)
    {
        (bytes, starts) = Unpack(packed);
        table = new int[(int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)starts.Length * 2)];
        for (var rank = 0; rank < Count; rank++)
        {
            ref var slot = ref table[Slot(Token(rank))];
            slot = slot == 0 ? rank + 1 : throw new InvalidDataException($"Token {rank} is there twice.");
        }
    }

    /// <summary>How many tokens there are.</summary>
    public int Count => starts.Length - 1;

    /// <summary>Reads one that is part of this program.</summary>
    public static Vocabulary Read(string name)
    {
        using var resource = Assembly.GetExecutingAssembly().GetManifestResourceStream($"Quoin.Inference.Tokens.{name}.br")
            ?? throw new InvalidOperationException($"This program has no vocabulary {name}.");
        using var brotli = new BrotliStream(resource, CompressionMode.Decompress);
        using var unpacked = new MemoryStream();
        brotli.CopyTo(unpacked);
        return new Vocabulary(unpacked.ToArray());
    }

    /// <summary>The rank of a token; <see cref="None"/> where these bytes are none.</summary>
    public int RankOf(ReadOnlySpan<byte> token) => table[Slot(token)] is > 0 and var rank ? rank - 1 : None;

    private ReadOnlySpan<byte> Token(int rank) => bytes.AsSpan(starts[rank]..starts[rank + 1]);

    // Where a token is, or the free place where it would be.
    private int Slot(ReadOnlySpan<byte> token)
    {
        var slot = (int)(Hash(token) & (uint)(table.Length - 1));
        while (table[slot] is > 0 and var rank && !Token(rank - 1).SequenceEqual(token))
        {
            slot = (slot + 1) & (table.Length - 1);
        }

        return slot;
    }

    // FNV-1a, with a last stir as its low bits are poor. The vocabulary is ours: nobody can choose what collides.
    private static uint Hash(ReadOnlySpan<byte> token)
    {
        var hash = 2166136261u;
        foreach (var one in token)
        {
            hash = unchecked((hash ^ one) * 16777619u);
        }

        return unchecked((hash ^ (hash >> 15)) * 0x2C1B3C6Du) ^ (hash >> 12);
    }

    private static (byte[] Bytes, int[] Starts) Unpack(byte[] packed)
    {
        var (bytes, starts, length, at) = (new byte[packed.Length], new List<int> { 0 }, 0, 0);
        while (at < packed.Length)
        {
            var size = (int)packed[at++];
            if (size == LongMark)
            {
                size = packed[at] | (packed[at + 1] << 8);
                at += 2;
            }

            packed.AsSpan(at, size).CopyTo(bytes.AsSpan(length));
            (at, length) = (at + size, length + size);
            starts.Add(length);
        }

        return (bytes[..length], [.. starts]);
    }
}
