namespace Quoin.Payments;

/// <summary>
/// Where a customer comes back to: a path on this installation. Anything a browser could read as another host is refused,
/// also where it is hidden behind percent signs.
/// </summary>
public static class ReturnPath
{
    // A browser decodes once; who encodes more often than this hides something.
    private const int DecodingsMax = 3;

    /// <summary>What is wrong with a path; null when nothing is.</summary>
    public static string? Problem(string? path)
    {
        if (path is not { Length: >= 1 and <= Limits.PathCharactersMax })
        {
            return $"must have 1 to {Limits.PathCharactersMax} letters";
        }

        var text = path;
        for (var round = 0; round < DecodingsMax; round++)
        {
            if (Wrong(text) is { } problem)
            {
                return problem;
            }

            var decoded = Uri.UnescapeDataString(text);
            if (decoded == text)
            {
                return null;
            }

            text = decoded;
        }

        return "must not be encoded so often";
    }

    private static string? Wrong(string path)
    {
        if (path[0] != '/')
        {
            return "must be a path that begins with /";
        }

        if (path.StartsWith("//", StringComparison.Ordinal))
        {
            return "must not begin with //";
        }

        if (path.Contains('\\', StringComparison.Ordinal))
        {
            return "must not contain backslashes";
        }

        return path.Any(char.IsControl) ? "must not contain control characters" : null;
    }
}
