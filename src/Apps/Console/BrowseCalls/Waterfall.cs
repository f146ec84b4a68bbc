using System.Globalization;
using Quoin.Charging;
using Quoin.Inference;

namespace Quoin.ConsolePages.BrowseCalls;

/// <summary>What the colours of a waterfall stand for.</summary>
public enum WaterfallKind
{
    /// <summary>Here: checks, reservations, what is written down.</summary>
    Gateway,

    /// <summary>At a provider.</summary>
    Provider,

    /// <summary>The answer on its way to the client.</summary>
    Answer,

    /// <summary>A provider that failed.</summary>
    Failed,
}

/// <summary>One stretch of a call's time.</summary>
/// <param name="Name">What happened.</param>
/// <param name="Note">More of it; null where the name says all.</param>
/// <param name="Kind">Whose time it was.</param>
/// <param name="StartMs">Milliseconds from the request to its start.</param>
/// <param name="EndMs">To its end.</param>
public sealed record WaterfallStep(string Name, string? Note, WaterfallKind Kind, decimal StartMs, decimal EndMs)
{
    /// <summary>How long it took.</summary>
    public decimal Ms => EndMs - StartMs;
}

/// <summary>Where a call's time went, from the request to the books.</summary>
/// <param name="Call">
/// From the request to its settlement; of a call that somebody decided about, to its end: the decision came whenever it came.
/// </param>
/// <param name="After">What followed, which nobody waits for: told to Metering, posted.</param>
public sealed record Waterfall(IReadOnlyList<WaterfallStep> Call, IReadOnlyList<WaterfallStep> After)
{
    /// <summary>The share of the picture's width that the call has, where something followed it.</summary>
    public const decimal CallPercent = 76;

    /// <summary>When the call was settled, or over where that came later by hand, in milliseconds.</summary>
    public decimal SettledMs => Call.Count == 0 ? 0 : Call.Max(step => step.EndMs);

    private decimal EndMs => After.Count == 0 ? SettledMs : Math.Max(SettledMs, After.Max(step => step.EndMs));

    /// <summary>Where a time of the call, or of what followed, stands in the picture: 0 to 100.</summary>
    public string Place(decimal milliseconds)
    {
        var callPercent = After.Count == 0 ? 100 : CallPercent;
        var place = milliseconds <= SettledMs || After.Count == 0
            ? Share(milliseconds, SettledMs) * callPercent
            : callPercent + (Share(milliseconds - SettledMs, EndMs - SettledMs) * (100 - callPercent));
        return place.ToString("0.###", CultureInfo.InvariantCulture);
    }

    /// <summary>How wide a stretch is in the picture: never so narrow that it cannot be seen.</summary>
    public string Width(WaterfallStep step) =>
        Math.Max(0.4m, Number(Place(step.EndMs)) - Number(Place(step.StartMs))).ToString("0.###", CultureInfo.InvariantCulture);

    /// <summary>What the journal knows of a call, and the books of what followed it.</summary>
    /// <param name="call">The call.</param>
    /// <param name="trail">What its usage led to; null where that may not be seen.</param>
    public static Waterfall Of(RequestView call, Trail? trail)
    {
        var steps = new List<WaterfallStep>();
        var admitted = call.AdmittedMs;
        if (admitted is { } at)
        {
            steps.Add(new("Admission", "key, rules, budgets and money", WaterfallKind.Gateway, 0, at));
        }

        foreach (var failed in call.FailedAttempts)
        {
            var asked = failed.AskedMicros / 1_000m;
            steps.Add(new(
                $"{failed.Provider}/{failed.Model} failed",
                failed.Status is { } status ? $"status {status}" : failed.Code.Replace('_', ' '),
                WaterfallKind.Failed,
                asked,
                asked + (failed.TookMicros / 1_000m)));
        }

        AddAnswer(steps, call);
        var total = Math.Max(call.TotalMs, steps.Count == 0 ? 0 : steps.Max(step => step.EndMs));
        if (call.ReviewedAt is not null)
        {
            return new Waterfall(steps, []);
        }

        var settled = Math.Max(total, Milliseconds(call.SettledAt - call.StartedAt));
        steps.Add(new("Settlement", "budgets and journal, durable", WaterfallKind.Gateway, total, settled));
        return new Waterfall(steps, [.. AfterOf(call, trail, settled)]);
    }

    private static void AddAnswer(List<WaterfallStep> steps, RequestView call)
    {
        var (asked, responded, first) = (call.AskedMs, call.RespondedMs, call.FirstByteMs);
        if (asked is { } start && responded is { } head)
        {
            steps.Add(new("Provider connects and responds", call.AnsweredBy, WaterfallKind.Provider, start, head));
        }

        var begun = responded ?? call.AdmittedMs ?? 0;
        if (CallText.IsGivenAgain(call))
        {
            steps.Add(new("Given again", "an earlier call's answer", WaterfallKind.Answer, begun, Math.Max(begun, call.TotalMs)));
        }
        else if (first is { } byteAt)
        {
            if (call.Stream && byteAt > begun)
            {
                steps.Add(new("First token", null, WaterfallKind.Provider, begun, byteAt));
            }

            var name = call.Stream ? "Stream, to its last byte" : "Answer, to its last byte";
            steps.Add(new(name, null, WaterfallKind.Answer, byteAt, Math.Max(byteAt, call.TotalMs)));
        }
        else if (call.TotalMs > begun && call.FailedAttempts.Count == 0)
        {
            steps.Add(new("Waiting for a provider", null, WaterfallKind.Provider, begun, call.TotalMs));
        }
    }

    private static IEnumerable<WaterfallStep> AfterOf(RequestView call, Trail? trail, decimal settled)
    {
        if (trail?.Events is not { Count: > 0 } events)
        {
            yield break;
        }

        var told = Math.Max(settled, Milliseconds(events.Max(one => one.RecordedAt) - call.StartedAt));
        yield return new("Told to Metering", "as a usage event", WaterfallKind.Gateway, settled, told);
        if (trail.Transfers.Count > 0)
        {
            var posted = Math.Max(told, Milliseconds(trail.Transfers.Max(one => one.Transfer.RecordedAt) - call.StartedAt));
            yield return new("Rated and posted", "and the hold released", WaterfallKind.Gateway, told, posted);
        }
    }

    private static decimal Milliseconds(TimeSpan time) => time.Ticks / (decimal)TimeSpan.TicksPerMillisecond;

    private static decimal Share(decimal part, decimal whole) => whole <= 0 ? 0 : Math.Clamp(part / whole, 0, 1);

    private static decimal Number(string text) => decimal.Parse(text, CultureInfo.InvariantCulture);
}
