using Quoin.Kernel;

namespace Quoin.Metering;

/// <summary>Spreads organisations over a fixed number of shards of background work.</summary>
public static class Shard
{
    /// <summary>The shard of an organisation, from zero: always the same, on every replica.</summary>
    public static short Of(OrgId org)
    {
        Span<byte> bytes = stackalloc byte[16];
        org.Value.TryWriteBytes(bytes, bigEndian: true, out _);

        // The last bytes of a UUIDv7 are chance.
        return (short)(bytes[15] % Limits.Shards);
    }
}
