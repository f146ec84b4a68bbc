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
    public CompiledGuard(
        ContentGuard guard, IReadOnlyDictionary<string, IContentRedactor> known, CompiledPatterns patterns)
    {
        bytesMax = guard.RequestBytesMax;
        denied = [.. (guard.Denied ?? []).Select(patterns.Of)];
        allowed = [.. (guard.Allowed ?? []).Select(patterns.Of)];
        redactors = [.. (guard.Redacts ?? []).Where(known.ContainsKey).Select(name => known[name])];
    }

    /// <summary>Looks through a request; what it becomes, and how many of its texts were changed.</summary>
    /// <param name="body">The request.</param>
    /// <param name="patience">How long all of its guards together may look at it.</param>
    /// <exception cref="RefusedRequestException">It may not be sent.</exception>
    public (ReadOnlyMemory<byte> Body, int Redacted) Check(ReadOnlyMemory<byte> body, GuardPatience patience)
    {
        if (body.Length > bytesMax)
        {
            throw Refused($"The request has {body.Length} bytes; at most {bytesMax} are allowed.");
        }

        try
        {
            if (denied.Count > 0 && GuardedText.Any(body.Span, text => IsDenied(text, patience)))
            {
                throw Refused("A text of the request contains what is not allowed here.");
            }

            return redactors.Count > 0 && GuardedText.Change(body.Span, text => Redact(text, patience)) is var (changed, count)
                ? (changed, count)
                : (body, 0);
        }
        catch (RegexMatchTimeoutException)
        {
            throw Refused("A text of the request is too long to be looked through.");
        }
    }

    private bool IsDenied(string text, GuardPatience patience)
    {
        foreach (var pattern in allowed)
        {
            patience.Check();
            text = pattern.Replace(text, " ");
        }

        foreach (var pattern in denied)
        {
            patience.Check();
            if (pattern.IsMatch(text))
            {
                return true;
            }
        }

        return false;
    }

    private string Redact(string text, GuardPatience patience)
    {
        foreach (var redactor in redactors)
        {
            patience.Check();
            text = redactor.Redact(text);
        }

        return text;
    }

    private static RefusedRequestException Refused(string message) => new(InferenceProblems.ContentRefused, message);
}

/// <summary>How long all guards together may look at one request: its texts and their patterns are as many as there are.</summary>
/// <param name="time">The clock.</param>
internal sealed class GuardPatience(TimeProvider time)
{
    private readonly long began = time.GetTimestamp();

    /// <summary>Goes on as long as there is time.</summary>
    /// <exception cref="RefusedRequestException">There is none left.</exception>
    public void Check()
    {
        if (time.GetElapsedTime(began) > Limits.GuardLongest)
        {
            throw new RefusedRequestException(
                InferenceProblems.ContentRefused,
                $"The request could not be looked through within {Limits.GuardLongest.TotalSeconds} seconds; send less at once.");
        }
    }
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
