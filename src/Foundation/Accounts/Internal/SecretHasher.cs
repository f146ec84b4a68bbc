using System.Text;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>
/// Hashes keys and sign-in tokens for keeping. A slow hash would add nothing: they are 256 bits of chance, and the
/// pepper keeps a copy of the tables from being tried against a list of leaked keys.
/// </summary>
internal sealed class SecretHasher(Secrets secrets)
{
    private const string Purpose = "accounts.pepper";

    public SecretHash Hash(ReadOnlySpan<char> secret)
    {
        Span<byte> bytes = stackalloc byte[SecretText.LengthMax];
        Span<byte> hash = stackalloc byte[SecretHash.Bytes];

        // Whoever calls has checked the form: letters and digits only, no longer than the longest.
        var length = Encoding.UTF8.GetBytes(secret, bytes);
        secrets.Hash(Purpose, bytes[..length], hash);
        return SecretHash.From(hash);
    }
}
