namespace Quoin.Metering.Internal;

/// <summary>
/// Sources of events that only parts of this program tell of, in a transaction of their own: whoever else took the name of
/// one before it is told, or took one back, would have used something for nothing.
/// </summary>
internal static class OwnSources
{
    private const string Prefix = "quoin/";

    /// <summary>Whether a source is one of them.</summary>
    public static bool Include(string source) => source.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>Whether a source is one of them, as its bytes.</summary>
    public static bool Include(ReadOnlySpan<byte> source) => source.StartsWith("quoin/"u8);
}
