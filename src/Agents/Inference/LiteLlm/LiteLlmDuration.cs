using Quoin.Limiting;

namespace Quoin.Inference.Internal;

/// <summary>
/// Durations as LiteLLM writes them: <c>30s</c>, <c>30m</c>, <c>30h</c>, <c>30d</c>, <c>1mo</c>. Budgets of a day, a week and
/// a month begin where the calendar does, as they do there.
/// </summary>
internal static class LiteLlmDuration
{
    /// <summary>The window of a budget that begins anew after a duration; null is one that never does.</summary>
    /// <exception cref="RefusedRequestException">It is no duration.</exception>
    public static BudgetWindow Window(string? duration) => duration switch
    {
        null => BudgetWindow.Total,
        "1d" or "24h" => new BudgetWindow(BudgetWindowKind.Day),
        "7d" => new BudgetWindow(BudgetWindowKind.Week),
        "30d" or "1mo" => BudgetWindow.Month,
        _ => Length(duration) is { } length ? BudgetWindow.Every(length) : throw Wrong("budget_duration"),
    };

    /// <summary>How long a duration is; null where the text is none.</summary>
    public static TimeSpan? Length(string text) => BudgetWindow.Parse(text)?.Length;

    /// <summary>What is said of what is no duration.</summary>
    public static RefusedRequestException Wrong(string name) =>
        JsonMembers.Wrong($"'{name}' must be a duration such as 30s, 30m, 30h, 30d or 1mo.");
}
