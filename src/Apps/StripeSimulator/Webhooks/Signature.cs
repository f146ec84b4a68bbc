using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Quoin.StripeSimulator.Webhooks;

/// <summary>Signs what is sent, as Stripe does (<see href="https://docs.stripe.com/webhooks/signature"/>).</summary>
public static class Signature
{
    /// <summary>The header <c>Stripe-Signature</c>: the second, and one HMAC-SHA256 for each secret.</summary>
    /// <param name="body">The exact bytes that are sent.</param>
    /// <param name="unixSeconds">When.</param>
    /// <param name="secrets">Of the endpoint; two while one replaces the other.</param>
    public static string Of(string body, long unixSeconds, params IEnumerable<string> secrets)
    {
        var signed = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{unixSeconds}.{body}"));
        var parts = secrets.Select(
            secret => "v1=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), signed)));
        return string.Create(CultureInfo.InvariantCulture, $"t={unixSeconds},{string.Join(',', parts)}");
    }
}
