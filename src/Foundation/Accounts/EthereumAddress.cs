using System.Text;
using Org.BouncyCastle.Crypto.Digests;

namespace Quoin.Accounts;

/// <summary>
/// An Ethereum address: the last twenty bytes of the Keccak-256 hash of a public key. Always written as EIP-55 says,
/// with the capitals that are its checksum.
/// </summary>
public readonly record struct EthereumAddress
{
    /// <summary>Its bytes.</summary>
    public const int Bytes = 20;

    private const string Prefix = "0x";
    private const int Digits = Bytes * 2;

    private readonly string? text;

    private EthereumAddress(string text) => this.text = text;

    /// <summary>The address of twenty bytes.</summary>
    public static EthereumAddress Of(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(bytes.Length, Bytes);
        return new EthereumAddress(WithChecksum(Convert.ToHexStringLower(bytes)));
    }

    /// <summary>Reads an address in which the capitals are right; one without any capitals has lost its checksum.</summary>
    public static bool TryParse(string text, out EthereumAddress address)
    {
        address = default;
        if (text.Length != Prefix.Length + Digits
            || !text.StartsWith(Prefix, StringComparison.Ordinal)
            || !text.AsSpan(Prefix.Length).ContainsOnlyHex())
        {
            return false;
        }

        address = new EthereumAddress(WithChecksum(text[Prefix.Length..].ToLowerInvariant()));
        return string.Equals(address.text, text, StringComparison.Ordinal);
    }

    /// <summary>Reads an address written small, as wallets tell theirs to pages: it has no checksum that could be wrong.</summary>
    public static bool TryParseSmall(string text, out EthereumAddress address)
    {
        address = default;
        if (text.Length != Prefix.Length + Digits
            || !text.StartsWith(Prefix, StringComparison.Ordinal)
            || !text.AsSpan(Prefix.Length).ContainsOnlyHex()
            || text.Any(char.IsAsciiLetterUpper))
        {
            return false;
        }

        address = new EthereumAddress(WithChecksum(text[Prefix.Length..]));
        return true;
    }

    /// <summary>The twenty bytes, as they are kept.</summary>
    public byte[] ToBytes() => Convert.FromHexString(ToString().AsSpan(Prefix.Length));

    /// <summary>The text, with its checksum.</summary>
    public override string ToString() => text ?? throw new InvalidOperationException("No address was read.");

    /// <summary>Keccak-256 as Ethereum uses it: the padding is the one from before SHA-3 was standardised.</summary>
    internal static byte[] Keccak(ReadOnlySpan<byte> input)
    {
        var digest = new KeccakDigest(256);
        var bytes = input.ToArray();
        digest.BlockUpdate(bytes, 0, bytes.Length);
        var hash = new byte[digest.GetDigestSize()];
        digest.DoFinal(hash, 0);
        return hash;
    }

    // EIP-55: a letter is a capital where the hash of the small text has a digit of eight or more at its place.
    private static string WithChecksum(string small)
    {
        var hash = Convert.ToHexStringLower(Keccak(Encoding.ASCII.GetBytes(small)));
        return string.Create(Prefix.Length + Digits, (small, hash), static (letters, given) =>
        {
            Prefix.CopyTo(letters);
            for (var index = 0; index < Digits; index++)
            {
                var digit = given.small[index];
                letters[Prefix.Length + index] = given.hash[index] >= '8' ? char.ToUpperInvariant(digit) : digit;
            }
        });
    }
}

/// <summary>Checks of hexadecimal text.</summary>
internal static class HexText
{
    private static readonly System.Buffers.SearchValues<char> Digits =
        System.Buffers.SearchValues.Create("0123456789abcdefABCDEF");

    public static bool ContainsOnlyHex(this ReadOnlySpan<char> text) => !text.ContainsAnyExcept(Digits);
}
