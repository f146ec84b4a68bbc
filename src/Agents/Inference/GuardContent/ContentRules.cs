using System.Text.RegularExpressions;
using Quoin.Platform;

namespace Quoin.Inference.Internal;

/// <summary>A guard, ready to be used.</summary>
internal sealed class CompiledGuard
{
    private readonly long? bytesMax;
    private readonly IReadOnlyList<Regex> denied;
    private readonly IReadOnlyList<Regex> allowed;
    private readonly IReadOnlyList<IContentRedactor> redactors;

    /// <summary>Compiles one. A redactor that is no longer there is left out: policies outlive releases.</summary>
    public CompiledGuard(ContentGuard guard, IReadOnlyDictionary<string, IContentRedactor> known)
    {
        bytesMax = guard.RequestBytesMax;
        denied = [.. (guard.Denied ?? []).Select(Patterns.Of)];
        allowed = [.. (guard.Allowed ?? []).Select(Patterns.Of)];
        redactors = [.. (guard.Redacts ?? []).Where(known.ContainsKey).Select(name => known[name])];
    }

    /// <summary>Looks through a request; what it becomes, and how many of its texts were changed.</summary>
    /// <exception cref="RefusedRequestException">It may not be sent.</exception>
    public (ReadOnlyMemory<byte> Body, int Redacted) Check(ReadOnlyMemory<byte> body)
    {
        if (body.Length > bytesMax)
        {
            throw Refused($"The request has {body.Length} bytes; at most {bytesMax} are allowed.");
        }

        try
        {
            if (denied.Count > 0 && GuardedText.Any(body.Span, IsDenied))
            {
                throw Refused("A text of the request contains what is not allowed here.");
            }

            return redactors.Count > 0 && GuardedText.Change(body.Span, Redact) is var (changed, count)
                ? (changed, count)
                : (body, 0);
        }
        catch (RegexMatchTimeoutException)
        {
            throw Refused("A text of the request is too long to be looked through.");
        }
    }

    private bool IsDenied(string text)
    {
        foreach (var pattern in allowed)
        {
            text = pattern.Replace(text, " ");
        }

        return denied.Any(pattern => pattern.IsMatch(text));
    }

    private string Redact(string text) => redactors.Aggregate(text, (rest, redactor) => redactor.Redact(rest));

    private static RefusedRequestException Refused(string message) => new(InferenceProblems.ContentRefused, message);
}

/// <summary>What holds for the content of a caller's calls.</summary>
/// <param name="DaysKept">For how many days it is kept; null for not at all.</param>
/// <param name="CachedFor">For how long the same request is given the same answer; null for never.</param>
/// <param name="Guards">The organisation's and the key's; both hold.</param>
internal sealed record ContentRules(int? DaysKept, TimeSpan? CachedFor, IReadOnlyList<CompiledGuard> Guards)
{
    /// <summary>What holds where nobody has said anything.</summary>
    public static readonly ContentRules None = new(null, null, []);

    /// <summary>Whether there is nothing to do.</summary>
    public bool IsNothing => DaysKept is null && CachedFor is null && Guards.Count == 0;
}
