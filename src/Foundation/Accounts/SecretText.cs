using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Quoin.Accounts;

/// <summary>
/// How secrets that people copy look: <c>qn_live_</c>, 43 letters of chance (256 bits) and 6 of checksum, all of them
/// letters and digits, so that a double click takes the whole. The prefix lets secret scanners find a leaked one; the
/// checksum tells a cut-off copy from a wrong key without asking the database.
/// </summary>
public static class SecretText
{
    /// <summary>Keys of live organisations.</summary>
    public const string LiveKey = "qn_live";

    /// <summary>Keys of test-mode organisations.</summary>
    public const string TestKey = "qn_test";

    /// <summary>Keys of the operator.</summary>
    public const string OperatorKey = "qn_op";

    /// <summary>Tokens of sign-in links.</summary>
    public const string SignInToken = "qn_signin";

    /// <summary>Tokens of links that finish a sign-up.</summary>
    public const string SignUpToken = "qn_signup";

    /// <summary>Tokens of links in mails to people who are known.</summary>
    public const string MailToken = "qn_mail";

    /// <summary>Secrets of programs that wait to be let in.</summary>
    public const string DeviceCode = "qn_device";

    /// <summary>Tokens of invitations.</summary>
    public const string InvitationToken = "qn_invite";

    /// <summary>The length of the longest.</summary>
    public static readonly int LengthMax = SignInToken.Length + 1 + TailLetters;

    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static readonly SearchValues<char> Letters = SearchValues.Create(Alphabet);
    private const int ChanceLetters = 43;
    private const int ChecksumLetters = 6;
    private const int TailLetters = ChanceLetters + ChecksumLetters;

    /// <summary>A new secret with a prefix.</summary>
    public static string Create(string prefix)
    {
        var head = $"{prefix}_{RandomNumberGenerator.GetString(Alphabet, ChanceLetters)}";
        Span<char> checksum = stackalloc char[ChecksumLetters];
        WriteChecksum(head, checksum);
        return string.Concat(head, checksum);
    }

    /// <summary>Whether a text has a prefix and the form of a secret; it need not ever have been given out.</summary>
    public static bool IsWellFormed(string prefix, ReadOnlySpan<char> text)
    {
        if (text.Length != prefix.Length + 1 + TailLetters
            || !text.StartsWith(prefix, StringComparison.Ordinal)
            || text[prefix.Length] != '_'
            || text[(prefix.Length + 1)..].ContainsAnyExcept(Letters))
        {
            return false;
        }

        Span<char> checksum = stackalloc char[ChecksumLetters];
        WriteChecksum(text[..^ChecksumLetters], checksum);
        return text[^ChecksumLetters..].SequenceEqual(checksum);
    }

    /// <summary>Whether a text has the form of a key of any kind.</summary>
    public static bool IsKey(ReadOnlySpan<char> text) =>
        IsWellFormed(LiveKey, text) || IsWellFormed(TestKey, text) || IsWellFormed(OperatorKey, text);

    private static void WriteChecksum(ReadOnlySpan<char> head, Span<char> checksum)
    {
        Span<byte> bytes = stackalloc byte[Encoding.UTF8.GetMaxByteCount(head.Length)];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes[..Encoding.UTF8.GetBytes(head, bytes)], hash);
        var rest = BinaryPrimitives.ReadUInt64BigEndian(hash);
        foreach (ref var letter in checksum)
        {
            letter = Alphabet[(int)(rest % (ulong)Alphabet.Length)];
            rest /= (ulong)Alphabet.Length;
        }
    }
}
