using System.Globalization;
using Org.BouncyCastle.Asn1.Sec;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Math;
using Quoin.Accounts;

namespace Quoin.Tests.Support;

/// <summary>A wallet: a key of secp256k1 that signs texts as EIP-191 says. Its number is its whole secret.</summary>
public sealed class TestWallet
{
    private static readonly ECDomainParameters Curve = Domain();
    private readonly ECPrivateKeyParameters key;

    /// <summary>The wallet of a number.</summary>
    public TestWallet(long number)
    {
        key = new ECPrivateKeyParameters(new BigInteger(number.ToString(CultureInfo.InvariantCulture)), Curve);
        Address = Find();
    }

    /// <summary>Its address.</summary>
    public EthereumAddress Address { get; }

    /// <summary>Its signature of a text.</summary>
    public string Sign(string text)
    {
        var (r, s) = Numbers(text);
        return new[] { "1b", "1c" }
            .Select(parity => $"0x{Hex(r)}{Hex(s)}{parity}")
            .First(signature => EthereumSignature.Signer(text, signature) == Address);
    }

    private (BigInteger R, BigInteger S) Numbers(string text)
    {
        var signer = new ECDsaSigner(new HMacDsaKCalculator(new Sha256Digest()));
        signer.Init(forSigning: true, key);
        var numbers = signer.GenerateSignature(EthereumSignature.HashOf(text));
        var isLow = numbers[1].CompareTo(Curve.N.ShiftRight(1)) <= 0;
        return (numbers[0], isLow ? numbers[1] : Curve.N.Subtract(numbers[1]));
    }

    private EthereumAddress Find()
    {
        var point = Curve.G.Multiply(key.D).Normalize().GetEncoded(compressed: false);
        var digest = new KeccakDigest(256);
        digest.BlockUpdate(point, 1, point.Length - 1);
        var hash = new byte[digest.GetDigestSize()];
        digest.DoFinal(hash, 0);
        return EthereumAddress.Of(hash.AsSpan()[^EthereumAddress.Bytes..]);
    }

    private static string Hex(BigInteger number) =>
        Convert.ToHexStringLower(number.ToByteArrayUnsigned()).PadLeft(64, '0');

    private static ECDomainParameters Domain()
    {
        var curve = SecNamedCurves.GetByName("secp256k1");
        return new ECDomainParameters(curve.Curve, curve.G, curve.N, curve.H);
    }
}
