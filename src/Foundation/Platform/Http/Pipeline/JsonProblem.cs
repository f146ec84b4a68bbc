using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Quoin.Platform;

/// <summary>A body that is not the JSON asked for, as a problem that points at the place.</summary>
public static partial class JsonProblem
{
    /// <summary>The problem of an exception the JSON reader threw at a request's body.</summary>
    public static Problem Of(JsonException exception)
    {
        var line = (exception.LineNumber ?? 0) + 1;
        var column = (exception.BytePositionInLine ?? 0) + 1;
        var path = exception.Path is { Length: > 1 } at ? $"At {at}, line" : "At line";
        var place = string.Create(CultureInfo.InvariantCulture, $"{path} {line}, byte {column}");
        return new Problem(
            PlatformProblems.MalformedJson,
            $"{place}: {Reason(exception.Message)}",
            members: new Dictionary<string, object?> { ["path"] = exception.Path, ["line"] = line, ["byte"] = column });
    }

    // The reader's own messages end with the place and name types of ours, which mean nothing outside.
    private static string Reason(string message)
    {
        var reason = Place().Replace(message, "");
        reason = OurType().Replace(reason, "");
        return reason.Replace("JSON deserialization was missing", "The body lacks", StringComparison.Ordinal)
            .Replace("could not be mapped to any .NET member", "is not known here", StringComparison.Ordinal)
            .TrimEnd('.', ' ') + ".";
    }

    [GeneratedRegex(@"\s*(Path: .*)?\s*\|?\s*LineNumber: .*$", RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Place();

    [GeneratedRegex(@"( contained in| for)? type '[^']*'| to [A-Z][\w.`\[\],+]*", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex OurType();
}
