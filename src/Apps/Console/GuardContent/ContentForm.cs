using System.Globalization;
using Quoin.Inference;

namespace Quoin.ConsolePages.GuardContent;

/// <summary>What requests are looked through for, in the words somebody wrote.</summary>
/// <param name="Bytes">How large a request may be; empty for as large as the gateway takes.</param>
/// <param name="Denied">Patterns that refuse a request, one a line.</param>
/// <param name="Allowed">Patterns that are no reason to refuse, one a line.</param>
/// <param name="Redacts">What is taken out before a request leaves.</param>
public sealed record GuardForm(string Bytes, string Denied, string Allowed, IReadOnlyList<string> Redacts)
{
    /// <summary>Looks for nothing.</summary>
    public static readonly GuardForm Empty = new(string.Empty, string.Empty, string.Empty, []);

    /// <summary>A guard as its form shows it.</summary>
    public static GuardForm Of(ContentGuard? guard) => guard is null
        ? Empty
        : new(
            guard.RequestBytesMax?.ToString(CultureInfo.InvariantCulture) ?? string.Empty,
            string.Join('\n', guard.Denied ?? []),
            string.Join('\n', guard.Allowed ?? []),
            guard.Redacts ?? []);

    /// <summary>What was sent.</summary>
    internal static GuardForm Read(PostedForm form) => new(
        form["request_bytes"], form["denied"], form["allowed"], form.All("redacts"));

    /// <summary>The same for the gateway; what is no number is a size that no request may have, and the gateway says so.</summary>
    public ContentGuard ToGuard() => new(
        Bytes.Length == 0 ? null
        : long.TryParse(Bytes, NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out var bytes) ? bytes
        : 0,
        Lines(Denied),
        Lines(Allowed),
        Redacts.Count == 0 ? null : Redacts);

    private static string[]? Lines(string text) =>
        text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 } lines
            ? lines
            : null;
}

/// <summary>What becomes of content, in the words somebody wrote.</summary>
/// <param name="Days">For how many days it is kept; empty for not at all.</param>
/// <param name="Cached">For how many seconds the same request is given the same answer; empty for never.</param>
/// <param name="Guard">What requests are looked through for.</param>
public sealed record ContentForm(string Days, string Cached, GuardForm Guard)
{
    /// <summary>A policy as its form shows it.</summary>
    public static ContentForm Of(ContentPolicy policy) => new(
        policy.DaysKept?.ToString(CultureInfo.InvariantCulture) ?? string.Empty,
        policy.CachedSeconds?.ToString(CultureInfo.InvariantCulture) ?? string.Empty,
        GuardForm.Of(policy.Guard));

    /// <summary>What was sent.</summary>
    internal static ContentForm Read(PostedForm form) => new(form["days"], form["cached"], GuardForm.Read(form));

    /// <summary>The same for the gateway; what is no number is one that may not be, and the gateway says so.</summary>
    public ContentPolicy ToPolicy() => new(Number(Days), Number(Cached), Guard.ToGuard());

    private static int? Number(string text) =>
        text.Length == 0 ? null
        : int.TryParse(text, NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out var number) ? number
        : 0;
}
