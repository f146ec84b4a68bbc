using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace Quoin.Accounts;

/// <summary>
/// An SSH public key as its owner's file has it: <c>algorithm base64 comment</c>. The base64 holds the key in RFC 4253's
/// form, which is read to the last byte: what follows neither the algorithm it names nor the mathematics is refused.
/// </summary>
/// <param name="Algorithm">Its kind: <c>ssh-ed25519</c>, <c>ecdsa-sha2-nistp256</c> and its sisters, <c>ssh-rsa</c>.</param>
/// <param name="Base64">The key itself.</param>
/// <param name="Comment">What its owner wrote behind it; may be empty.</param>
public sealed record SshPublicKey(string Algorithm, string Base64, string Comment)
{
    /// <summary>Letters of a line with a key: the longest RSA key and a comment, with room to spare.</summary>
    public const int LettersMax = 8_192;

    private const int RsaBitsMin = 3_072;
    private const int RsaBitsMax = 16_384;
    private const int Ed25519Bytes = 32;
    private const byte UncompressedPoint = 4;

    /// <summary>As <c>ssh-keygen -l</c> shows it: SHA-256 of the key, in base64 without padding.</summary>
    public string Fingerprint => "SHA256:" + Convert.ToBase64String(SHA256.HashData(Convert.FromBase64String(Base64))).TrimEnd('=');

    /// <summary>Algorithm and key, as <c>authorized_keys</c> wants them.</summary>
    public string Text => $"{Algorithm} {Base64}";

    /// <summary>Reads a line.</summary>
    /// <param name="text">The line.</param>
    /// <param name="key">The key.</param>
    /// <param name="problem">What is wrong, where there is none.</param>
    public static bool TryRead(string text, [NotNullWhen(true)] out SshPublicKey? key, [NotNullWhen(false)] out string? problem)
    {
        (key, problem) = Read(text);
        return key is not null;
    }

    private static (SshPublicKey? Key, string? Problem) Read(string text)
    {
        var line = text.Trim();
        if (line.Length > LettersMax || line.Any(char.IsControl))
        {
            return (null, "must be one line, as an id_….pub file has it");
        }

        if (line.StartsWith("-----", StringComparison.Ordinal))
        {
            return (null, "must be the public key (id_….pub); a private key never leaves its machine");
        }

        var parts = line.Split(' ', 3, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var blob = new byte[LettersMax];
        if (parts.Length < 2 || !Convert.TryFromBase64String(parts[1], blob, out var length))
        {
            return (null, "must read 'algorithm key comment'");
        }

        // Base64 has several spellings of the same bytes; the one that is kept is the one everybody else writes.
        var bytes = blob.AsSpan(0, length);
        return Problem(parts[0], bytes) is { } problem
            ? (null, problem)
            : (new SshPublicKey(parts[0], Convert.ToBase64String(bytes), parts.Length == 3 ? parts[2] : string.Empty), null);
    }

    private static string? Problem(string algorithm, ReadOnlySpan<byte> bytes)
    {
        const string Garbled = "is cut off or garbled";
        if (!TryTake(ref bytes, out var named) || !Encoding.ASCII.GetString(named).Equals(algorithm, StringComparison.Ordinal))
        {
            return Garbled;
        }

        return algorithm switch
        {
            "ssh-ed25519" => TryTake(ref bytes, out var point) && point.Length == Ed25519Bytes && bytes.IsEmpty ? null : Garbled,
            "ecdsa-sha2-nistp256" => IsPoint(bytes, "nistp256", ECCurve.NamedCurves.nistP256, 32) ? null : Garbled,
            "ecdsa-sha2-nistp384" => IsPoint(bytes, "nistp384", ECCurve.NamedCurves.nistP384, 48) ? null : Garbled,
            "ecdsa-sha2-nistp521" => IsPoint(bytes, "nistp521", ECCurve.NamedCurves.nistP521, 66) ? null : Garbled,
            "ssh-rsa" => RsaProblem(bytes, Garbled),
            _ => "must be of the kind ssh-ed25519, ecdsa-sha2-nistp256, -nistp384, -nistp521 or ssh-rsa",
        };
    }

    // RFC 5656, section 3.1: the curve's name, then the point, which must lie on it.
    private static bool IsPoint(ReadOnlySpan<byte> bytes, string name, ECCurve curve, int fieldBytes)
    {
        if (!TryTake(ref bytes, out var named)
            || !Encoding.ASCII.GetString(named).Equals(name, StringComparison.Ordinal)
            || !TryTake(ref bytes, out var point)
            || !bytes.IsEmpty
            || point.Length != 1 + (2 * fieldBytes)
            || point[0] != UncompressedPoint)
        {
            return false;
        }

        try
        {
            using var checking = ECDsa.Create(new ECParameters
            {
                Curve = curve,
                Q = new ECPoint { X = point[1..(1 + fieldBytes)].ToArray(), Y = point[(1 + fieldBytes)..].ToArray() },
            });
            return true;
        }
        catch (CryptographicException)
        {
            // How the library says that the point is not on the curve.
            return false;
        }
    }

    private static string? RsaProblem(ReadOnlySpan<byte> bytes, string garbled)
    {
        if (!TryTake(ref bytes, out var exponent) || !TryTake(ref bytes, out var modulus) || !bytes.IsEmpty)
        {
            return garbled;
        }

        var e = new BigInteger(exponent, isBigEndian: true);
        var n = new BigInteger(modulus, isBigEndian: true);
        if (e < 3 || e.IsEven || n.Sign <= 0 || n.IsEven || e >= n)
        {
            return garbled;
        }

        return n.GetBitLength() switch
        {
            < RsaBitsMin => $"must have at least {RsaBitsMin} bits; better make an ed25519 key: ssh-keygen -t ed25519",
            > RsaBitsMax => $"must have at most {RsaBitsMax} bits",
            _ => null,
        };
    }

    // RFC 4251, section 5: four bytes of length, then so many bytes.
    private static bool TryTake(ref ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> part)
    {
        part = default;
        if (bytes.Length < sizeof(uint))
        {
            return false;
        }

        var length = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        if (length > (uint)(bytes.Length - sizeof(uint)))
        {
            return false;
        }

        part = bytes.Slice(sizeof(uint), (int)length);
        bytes = bytes[(sizeof(uint) + (int)length)..];
        return true;
    }
}
