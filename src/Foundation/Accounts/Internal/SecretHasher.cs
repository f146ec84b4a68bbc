using System.Security.Cryptography;
using System.Text;

namespace Quoin.Accounts;

/// <summary>
/// Hashes secrets for keeping: HMAC-SHA-256 under the pepper, which is not in the tables, so a copy of them cannot
/// even be tried against a list of leaked keys. A slow hash would add nothing: our secrets are 256 bits of chance.
/// </summary>
internal sealed class SecretHasher(byte[] pepper)
{
    public SecretHash Hash(ReadOnlySpan<char> secret)
    {
        Span<byte> bytes = stackalloc byte[SecretText.LengthMax];
        Span<byte> hash = stackalloc byte[SecretHash.Bytes];

        // Whoever calls has checked the form: letters and digits only, no longer than the longest.
        var length = Encoding.UTF8.GetBytes(secret, bytes);
        HMACSHA256.HashData(pepper, bytes[..length], hash);
        return SecretHash.From(hash);
    }
}
