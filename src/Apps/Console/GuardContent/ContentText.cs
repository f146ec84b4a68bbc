using Quoin.Inference;

namespace Quoin.ConsolePages.GuardContent;

/// <summary>What becomes of content, in words.</summary>
public static class ContentText
{
    /// <summary>The lengths for which answers may be given again, in seconds, with their names.</summary>
    public static IReadOnlyList<(string Seconds, string Text)> Lengths { get; } =
    [
        ("", "never"), ("300", "for 5 minutes"), ("3600", "for an hour"), ("86400", "for a day"),
        ("604800", "for 7 days"), ("2592000", "for 30 days"),
    ];

    /// <summary>What a redactor takes out.</summary>
    /// <param name="name">The redactor's name; the operator's own say what they are by it.</param>
    public static string Redactor(string name) => name switch
    {
        "email" => "e-mail addresses",
        "card" => "card numbers",
        "iban" => "bank accounts (IBAN)",
        "phone" => "telephone numbers",
        "secret" => "keys and tokens",
        _ => name,
    };

    /// <summary>What is kept.</summary>
    public static string Kept(ContentPolicy policy) => policy.DaysKept is { } days
        ? $"Requests and answers, encrypted, for {Format.Count(days, "day")}"
        : "Nothing of requests and answers";

    /// <summary>For how long answers are given again.</summary>
    public static string Cached(ContentPolicy policy) => policy.CachedSeconds is { } seconds
        ? "The same request is given the same answer, for nothing, " + Length(seconds)
        : "Every request is answered anew";

    /// <summary>What refuses a request; null where nothing does.</summary>
    public static string? Refused(ContentGuard? guard)
    {
        string?[] parts =
        [
            guard?.RequestBytesMax is { } bytes ? $"larger than {Format.Count(bytes, "byte")}" : null,
            guard?.Denied?.Count switch
            {
                null or 0 => null,
                1 => "that match a pattern",
                { } patterns => $"that match one of {Format.Count(patterns, "pattern")}",
            },
        ];
        return string.Join(", or ", parts.OfType<string>()) is { Length: > 0 } text ? "Requests " + text : null;
    }

    /// <summary>What is taken out of requests; null where nothing is.</summary>
    public static string? Redacted(ContentGuard? guard) => guard?.Redacts is { Count: > 0 } names
        ? string.Join(", ", names.Select(Redactor))
        : null;

    /// <summary>Whether a guard looks for anything.</summary>
    public static bool Guards(ContentGuard? guard) => (Refused(guard) ?? Redacted(guard)) is not null;

    /// <summary>What is said once a policy holds.</summary>
    public static string Confirmation(ContentPolicy policy) => policy.DaysKept is { } days
        ? $"It holds within a second, everywhere. From now on requests and answers are kept, encrypted, for {Format.Count(days, "day")}."
        : "It holds within a second, everywhere. Nothing of requests and answers is kept; what was kept is gone.";

    private static string Length(int seconds) =>
        Lengths.FirstOrDefault(one => one.Seconds == seconds.ToString(System.Globalization.CultureInfo.InvariantCulture)).Text
        ?? $"for {Format.Count(seconds, "second")}";
}
