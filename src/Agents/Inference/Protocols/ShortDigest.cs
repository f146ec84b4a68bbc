using System.Security.Cryptography;
using System.Text;

namespace Quoin.Inference.Internal;

/// <summary>Stands for a text where there is no room for it: the same text always has the same one.</summary>
internal static class ShortDigest
{
    /// <summary>The first digits of a text's SHA-256, in lower case; four bits each, at most 64.</summary>
    public static string Of(string text, int digits) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..digits];
}
