using System.Security.Cryptography;

namespace Quoin.Platform;

/// <summary>The key that wraps all others; kept outside the database.</summary>
public sealed class MasterKey
{
    private const int IdBytes = 8;

    private readonly byte[] key;

    private MasterKey(byte[] key) =>
        (this.key, Id) = (key, Convert.ToHexStringLower(SHA256.HashData(key).AsSpan(0, IdBytes)));

    /// <summary>Tells keys apart without telling the key: the first 8 bytes of its SHA-256, in hex.</summary>
    public string Id { get; }

    /// <summary>A new key from the system's chance.</summary>
    public static MasterKey Create() => new(RandomNumberGenerator.GetBytes(SealedBox.KeyBytes));

    /// <summary>Reads a key from base64 text of 32 bytes.</summary>
    /// <param name="text">The text.</param>
    /// <param name="source">Where it comes from, for the message; the text itself is never shown.</param>
    /// <exception cref="MasterKeyException">It is not such a text.</exception>
    public static MasterKey Parse(string text, string source)
    {
        var bytes = new byte[SealedBox.KeyBytes];
        return Convert.TryFromBase64String(text.Trim(), bytes, out var length) && length == SealedBox.KeyBytes
            ? new MasterKey(bytes)
            : throw new MasterKeyException(
                $"{source} is not a master key: 32 random bytes in base64, as 'openssl rand -base64 32' prints them.");
    }

    /// <summary>The base64 text, for the key's own file only.</summary>
    internal string ToText() => Convert.ToBase64String(key);

    internal byte[] Wrap(ReadOnlySpan<byte> plaintext, ReadOnlySpan<byte> context) =>
        SealedBox.Seal(key, plaintext, context);

    internal byte[] Unwrap(ReadOnlySpan<byte> wrapped, ReadOnlySpan<byte> context) =>
        SealedBox.Open(key, wrapped, context);
}

/// <summary>
/// The master key is missing, malformed, open to others, or not the one the database's keys were wrapped with.
/// </summary>
/// <param name="message">What is wrong and what to do, for the person who starts the program.</param>
public sealed class MasterKeyException(string message) : Exception(message);
