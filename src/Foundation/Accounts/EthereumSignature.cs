using System.Globalization;
using System.Text;
using Org.BouncyCastle.Asn1.Sec;
using Org.BouncyCastle.Asn1.X9;
using Org.BouncyCastle.Math;
using Org.BouncyCastle.Math.EC;

namespace Quoin.Accounts;

/// <summary>
/// A wallet's signature of a text: 65 bytes, <c>r</c>, <c>s</c> and which of two points <c>r</c> means. Wallets sign the
/// text behind EIP-191's prefix, so that it can never be a transaction. Whose it is follows from the signature: the
/// public key is recovered from it (SEC 1, section 4.1.6).
/// </summary>
public static class EthereumSignature
{
    private const int NumberBytes = 32;
    private const int Bytes = (2 * NumberBytes) + 1;
    private const int TextLength = 2 + (2 * Bytes);

    // The two that Bitcoin began with, and the two that hardware wallets send.
    private const int ParityOffset = 27;

    private static readonly X9ECParameters Curve = SecNamedCurves.GetByName("secp256k1");
    private static readonly BigInteger HalfOrder = Curve.N.ShiftRight(1);

    /// <summary>
    /// Who signed a text. Any well-formed signature is somebody's: compare the answer with who should have signed.
    /// </summary>
    /// <param name="text">What was signed.</param>
    /// <param name="signature">The signature, <c>0x</c> and 130 hexadecimal digits.</param>
    /// <returns>
    /// The signer's address; null where it is no signature, or the mirror image of one: of <c>s</c> and <c>n − s</c> only
    /// the lower counts (EIP-2), so that a signature cannot be turned into a second one.
    /// </returns>
    public static EthereumAddress? Signer(string text, string signature)
    {
        if (signature.Length != TextLength
            || !signature.StartsWith("0x", StringComparison.Ordinal)
            || !signature.AsSpan(2).ContainsOnlyHex())
        {
            return null;
        }

        var bytes = Convert.FromHexString(signature.AsSpan(2));
        var r = new BigInteger(1, bytes, 0, NumberBytes);
        var s = new BigInteger(1, bytes, NumberBytes, NumberBytes);
        var parity = bytes[^1] >= ParityOffset ? bytes[^1] - ParityOffset : bytes[^1];
        var isInRange = r.SignValue > 0 && r.CompareTo(Curve.N) < 0 && s.SignValue > 0 && s.CompareTo(HalfOrder) <= 0;
        return isInRange && parity is 0 or 1
            ? Recover(new BigInteger(1, HashOf(text)), r, s, parity)
            : null;
    }

    /// <summary>What a wallet signs for a text: the Keccak-256 hash of it behind EIP-191's prefix of version 0x45.</summary>
    public static byte[] HashOf(string text)
    {
        var message = Encoding.UTF8.GetBytes(text);
        var prefix = string.Create(CultureInfo.InvariantCulture, $"\u0019Ethereum Signed Message:\n{message.Length}");
        return EthereumAddress.Keccak([.. Encoding.ASCII.GetBytes(prefix), .. message]);
    }

    private static EthereumAddress? Recover(BigInteger hash, BigInteger r, BigInteger s, int parity)
    {
        if (PointAt(r, parity) is not { } point)
        {
            return null;
        }

        // Q = r⁻¹ (s R − e G)
        var inverse = r.ModInverse(Curve.N);
        var ofGenerator = inverse.Multiply(hash.Negate()).Mod(Curve.N);
        var ofPoint = inverse.Multiply(s).Mod(Curve.N);
        var key = ECAlgorithms.SumOfTwoMultiplies(Curve.G, ofGenerator, point, ofPoint).Normalize();
        if (key.IsInfinity)
        {
            return null;
        }

        // The first byte says "both coordinates follow" and is no part of an address.
        var encoded = key.GetEncoded(compressed: false);
        return EthereumAddress.Of(EthereumAddress.Keccak(encoded.AsSpan(1)).AsSpan()[^EthereumAddress.Bytes..]);
    }

    private static ECPoint? PointAt(BigInteger x, int parity)
    {
        var encoded = new byte[1 + NumberBytes];
        encoded[0] = (byte)(2 + parity);
        var bytes = x.ToByteArrayUnsigned();
        bytes.CopyTo(encoded, encoded.Length - bytes.Length);
        try
        {
            return Curve.Curve.DecodePoint(encoded);
        }
        catch (ArgumentException)
        {
            // The only way the library has to say that no point of the curve lies there.
            return null;
        }
    }
}
