using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Quoin.Platform;

namespace Quoin.Inference;

/// <summary>What requests are looked through for before anybody is asked.</summary>
/// <param name="RequestBytesMax">How large a request may be, in bytes; as large as the gateway takes where left out.</param>
/// <param name="Denied">
/// Patterns (regular expressions without backreferences or looking around, case ignored): a request whose texts match one
/// is refused.
/// </param>
/// <param name="Allowed">Patterns taken out of a text before it is compared with the denied ones.</param>
/// <param name="Redacts">
/// What is replaced in the texts before they leave: <c>email</c>, <c>card</c>, <c>iban</c>, <c>phone</c>, <c>secret</c>,
/// or what the operator has added.
/// </param>
public sealed record ContentGuard(
    long? RequestBytesMax = null,
    IReadOnlyList<string>? Denied = null,
    IReadOnlyList<string>? Allowed = null,
    IReadOnlyList<string>? Redacts = null)
{
    /// <summary>What is wrong with it; null where nothing is.</summary>
    /// <param name="redactors">The names that may be redacted.</param>
    public string? FindProblem(IReadOnlyCollection<string> redactors) =>
        (RequestBytesMax is < 1 or > Limits.BodyBytesMax
            ? $"request_bytes_max must be 1 to {Limits.BodyBytesMax}"
            : null)
        ?? PatternsProblem("denied", Denied)
        ?? PatternsProblem("allowed", Allowed)
        ?? (Redacts?.FirstOrDefault(name => !redactors.Contains(name)) is { } unknown
            ? $"redacts: there is no '{(unknown.Length > 40 ? unknown[..40] : unknown)}', only {string.Join(", ", redactors)}"
            : null);

    private static string? PatternsProblem(string member, IReadOnlyList<string>? patterns)
    {
        if (patterns?.Count > Limits.PatternsMax)
        {
            return $"{member} must be at most {Limits.PatternsMax}";
        }

        foreach (var pattern in patterns ?? [])
        {
            if (InputText.Problem(pattern, Limits.PatternLettersMax) is { } problem)
            {
                return $"{member} {problem}";
            }

            try
            {
                if (Patterns.Of(pattern).IsMatch(""))
                {
                    return $"{member}: '{pattern}' matches everything";
                }
            }
            catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
            {
                return $"{member}: '{pattern}' is no pattern that can be used: {exception.Message}";
            }
        }

        return null;
    }
}

/// <summary>What becomes of the content of an organisation's calls. Where nothing is said nothing is kept.</summary>
/// <param name="DaysKept">For how many days requests and answers are kept, encrypted; not at all where left out.</param>
/// <param name="CachedSeconds">
/// For how many seconds the same request is given the same answer, for nothing; never where left out.
/// </param>
/// <param name="Guard">What requests are looked through for.</param>
public sealed record ContentPolicy(int? DaysKept = null, int? CachedSeconds = null, ContentGuard? Guard = null)
{
    /// <summary>What is wrong with it; null where nothing is.</summary>
    /// <param name="redactors">The names that may be redacted.</param>
    public string? FindProblem(IReadOnlyCollection<string> redactors) =>
        (DaysKept is < 1 or > Limits.DaysKeptMax ? $"days_kept must be 1 to {Limits.DaysKeptMax}" : null)
        ?? (CachedSeconds is < 1 or > Limits.CachedSecondsMax
            ? $"cached_seconds must be 1 to {Limits.CachedSecondsMax}"
            : null)
        ?? Guard?.FindProblem(redactors);
}

/// <summary>Patterns as they are compiled: none takes more than linear time.</summary>
internal static class Patterns
{
    private const RegexOptions Options =
        RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant;

    /// <summary>A pattern.</summary>
    /// <exception cref="ArgumentException">It is none.</exception>
    /// <exception cref="NotSupportedException">It could take longer than linear time.</exception>
    public static Regex Of(string pattern) => new(pattern, Options, Limits.PatternLongest);
}

/// <summary>Patterns that were compiled before, for as long as their text is the same: policies are read again and again.</summary>
internal sealed class CompiledPatterns
{
    private readonly ConcurrentDictionary<string, Regex> known = new(StringComparer.Ordinal);

    /// <summary>A pattern.</summary>
    public Regex Of(string pattern)
    {
        if (known.TryGetValue(pattern, out var compiled))
        {
            return compiled;
        }

        if (known.Count >= Limits.PatternsRememberedMax)
        {
            known.Clear();
        }

        return known.GetOrAdd(pattern, Patterns.Of);
    }
}
