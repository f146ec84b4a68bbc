using System.Security.Cryptography;
using System.Text;

namespace Quoin.Inference.Internal;

/// <summary>
/// Texts that clients and providers choose as they like, made fit to be stored and to name things: what is longer than an id
/// may be, or is no proper text, is known by its hash, so that equal texts stay equal.
/// </summary>
internal static class OutsideText
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>A text fit to be stored; null where there is none.</summary>
    public static string? Fit(string? text) => text switch
    {
        null or "" => null,
        _ when text.Length <= Limits.OutsideLettersMax && IsProper(text) => text,
        _ => $"sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}",
    };

    /// <summary>A call whose texts from outside are fit to be stored.</summary>
    public static ModelCall Fit(ModelCall call) =>
        ReferenceEquals(Fit(call.Session), call.Session) && ReferenceEquals(Fit(call.User), call.User)
            ? call
            : call with { Session = Fit(call.Session), User = Fit(call.User) };

    private static bool IsProper(string text)
    {
        if (text.Any(char.IsControl))
        {
            return false;
        }

        try
        {
            Strict.GetByteCount(text);
            return true;
        }
        catch (EncoderFallbackException)
        {
            return false;
        }
    }
}
