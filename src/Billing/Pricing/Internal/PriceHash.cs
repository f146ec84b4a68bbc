using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Quoin.Pricing.Internal;

/// <summary>What a price version says, as one hash: SHA-256 over all of it.</summary>
internal static class PriceHash
{
    public static byte[] Of(PriceVersion version) => SHA256.HashData(Encoding.UTF8.GetBytes(Text(version)));

    /// <summary>
    /// Whether a version is kept as a bare unit price. All were before there were terms; their hashes stay what they
    /// were, so new ones of the kind are kept and hashed the same way.
    /// </summary>
    public static bool IsBare(PriceVersion version) =>
        version is { Terms.Simple.Per: 1 or 1_000 or 1_000_000, Cost: null, GroupBy.Count: 0, Scale: PriceVersion.ScaleMax };

    private static string Text(PriceVersion version)
    {
        var face = string.Create(
            CultureInfo.InvariantCulture,
            $"{version.Id}|{version.Component}|{version.Currency}|{version.Meter}|{version.Match}|");
        var from = version.EffectiveFrom.UtcTicks;
        if (IsBare(version))
        {
            return face + string.Create(CultureInfo.InvariantCulture, $"{version.UnitPrice}|{version.PerQuantity}|{from}");
        }

        var cost = version.Cost is null ? string.Empty : TermsDocument.Write(version.Cost);
        return face + string.Create(
            CultureInfo.InvariantCulture,
            $"{string.Join(',', version.GroupBy)}|{TermsDocument.Write(version.Terms)}|{cost}|{version.Scale}|{from}");
    }
}
