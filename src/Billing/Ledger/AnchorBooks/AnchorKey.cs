using System.Security.Cryptography;
using System.Text;
using Quoin.Platform;

namespace Quoin.Ledger.AnchorBooks;

/// <summary>
/// The key anchors are signed with: ECDSA on P-256 (FIPS 186-5). Its private number comes from the wrapped secret of its
/// own purpose, which is made once and never leaves the installation unwrapped.
/// </summary>
internal static class AnchorKey
{
    private const string Purpose = "ledger.anchor_signing";

    // FIPS 186-5, A.2.2: a candidate outside the curve's order is passed over; one in four thousand million is.
    private const int CandidatesMax = 10;

    public static ECDsa Of(Secrets secrets)
    {
        for (var candidate = 1; candidate <= CandidatesMax; candidate++)
        {
            var number = new byte[32];
            secrets.Hash(Purpose, Encoding.UTF8.GetBytes($"p-256/{candidate}"), number);
            try
            {
                return ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = number });
            }
            catch (CryptographicException) when (candidate < CandidatesMax)
            {
                // Outside the order: the next one.
            }
            finally
            {
                CryptographicOperations.ZeroMemory(number);
            }
        }

        throw new System.Diagnostics.UnreachableException();
    }
}
