namespace Quoin.Inference.Internal;

/// <summary>
/// Ids of Gemini's calls of tools. Gemini wants its proof of what it thought back with the call, and no other vendor's
/// protocol has a place for it; clients send a call's id back as it is, so the id carries it.
/// </summary>
internal static class GeminiCallId
{
    private const string Mark = "__thought__";

    /// <summary>An id, of letters that every vendor takes in one.</summary>
    /// <param name="id">What tells it from others.</param>
    /// <param name="signature">The proof, in base 64; null where there is none.</param>
    public static string Of(string id, string? signature) => signature is null
        ? id
        : id + Mark + signature.Replace('+', '-').Replace('/', '_').TrimEnd('=');

    /// <summary>The proof in an id; null where it has none.</summary>
    public static string? SignatureOf(string id)
    {
        var at = id.IndexOf(Mark, StringComparison.Ordinal);
        if (at < 0)
        {
            return null;
        }

        var signature = id[(at + Mark.Length)..].Replace('-', '+').Replace('_', '/');
        return signature + new string('=', (4 - (signature.Length % 4)) % 4);
    }
}
