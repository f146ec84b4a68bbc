using Quoin.Kernel;

namespace Quoin.Platform;

/// <summary>Which of a pump's shards an organisation belongs to.</summary>
public static class OrgShard
{
    /// <summary>The shard, from 0; always the same for an organisation and a number of shards.</summary>
    public static int Of(OrgId org, int shards)
    {
        // The last bytes of a UUIDv7 are chance; the first are time.
        Span<byte> bytes = stackalloc byte[16];
        org.Value.TryWriteBytes(bytes, bigEndian: true, out _);
        return (int)(System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(bytes[12..]) % (uint)shards);
    }
}
