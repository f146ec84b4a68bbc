namespace Quoin.ConsolePages;

/// <summary>What the gateway says is wrong, for people.</summary>
internal static class GatewaySentence
{
    /// <summary>A sentence: what the API says of its members, in the words of a form.</summary>
    /// <param name="text">What the API says, such as <c>days_kept must be 1 to 3650</c>.</param>
    public static string Of(string text)
    {
        // A pattern in it is somebody's own, and stays as it was written.
        var end = text.IndexOfAny([' ', ':']) is var found and >= 0 ? found : text.Length;
        var said = char.ToUpperInvariant(text[0]) + text[1..end].Replace('_', ' ') + text[end..];
        return said.EndsWith('.') ? said : said + ".";
    }
}
