using System.Globalization;
using Microsoft.AspNetCore.Http;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Inference.Internal;

/// <summary>What LiteLLM's tools ask for in addresses; what nobody here knows goes by, as it does there.</summary>
internal static class LiteLlmQuery
{
    private static readonly string[] DateForms = ["yyyy-MM-dd", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss"];

    /// <summary>A text; null where it is absent or empty.</summary>
    public static string? Text(this HttpContext context, string name) =>
        context.Request.Query[name] is [] or [""] ? null
        : context.Request.Query[name] is [{ } text] && InputText.Problem(text, Limits.OutsideLettersMax) is null ? text
        : throw JsonMembers.Wrong(
            $"'{name}' must be given once, as text of at most {Limits.OutsideLettersMax} letters that can be written down.");

    /// <summary>A flag; what is usual where it is absent.</summary>
    public static bool Flag(this HttpContext context, string name, bool usually) => context.Text(name)?.ToLowerInvariant() switch
    {
        null => usually,
        "true" or "1" => true,
        "false" or "0" => false,
        _ => throw JsonMembers.Wrong($"'{name}' must be true or false."),
    };

    /// <summary>A number from 1 on; what is usual where it is absent.</summary>
    public static int Number(this HttpContext context, string name, int usually, int max) => context.Text(name) switch
    {
        null => usually,
        var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number is >= 1 && number <= max => number,
        _ => throw JsonMembers.Wrong($"'{name}' must be 1 to {max}."),
    };

    /// <summary>
    /// From <c>start_date</c> on to the end of <c>end_date</c>, where that is a day; null where neither is given, and a month
    /// where one is.
    /// </summary>
    public static Period? Range(this HttpContext context, DateTimeOffset now)
    {
        var (from, to) = (Date(context, "start_date"), Date(context, "end_date"));
        if (from is null && to is null)
        {
            return null;
        }

        // A day's end is asked for only once there is one.
        var end = to is { IsDay: true } day && HistoryRange.MayBeAskedFor(day.At) ? day.At.AddDays(1) : to?.At;
        return HistoryRange.Of(from?.At, end, now) ?? throw new RefusedRequestException(
            InferenceProblems.InvalidUsageRange,
            $"'start_date' must lie before 'end_date', at most {Limits.HistoryLongest.TotalDays} days, and both from "
                + $"{Limits.HistoryEarliest.Year} on and before {Limits.HistoryLatest.Year}.");
    }

    private static (DateTimeOffset At, bool IsDay)? Date(HttpContext context, string name) => context.Text(name) switch
    {
        null => null,
        var text when DateTimeOffset.TryParseExact(
            text, DateForms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) =>
                (at.ToUniversalTime(), text.Length == DateForms[0].Length),
        var text when Rfc3339.TryParse(text, out var at) => (at.ToUniversalTime(), false),
        _ => throw JsonMembers.Wrong($"'{name}' must be a date such as 2026-01-31."),
    };
}
