using System.Buffers;

namespace Quoin.Inference.Internal;

/// <summary>The end user of a request, as another vendor may be told of them.</summary>
internal static class EndUser
{
    // OpenAI's reference takes at most 64 letters as `user`.
    private const int LettersMax = 64;
    private const int DigestLetters = 32;

    private static readonly SearchValues<char> Plain =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

    /// <summary>
    /// The name where every vendor takes it, else a digest that is the same for the same name: agents put whole documents
    /// there, and Anthropic wants no addresses or names of people ("an opaque identifier").
    /// </summary>
    public static string Told(string user) => user.Length <= LettersMax && !user.AsSpan().ContainsAnyExcept(Plain)
        ? user
        : ShortDigest.Of(user, DigestLetters);
}
