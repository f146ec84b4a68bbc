namespace Quoin.Cli;

/// <summary>A model of the demo and what it sells for.</summary>
/// <param name="Name">Its name, as events carry it.</param>
/// <param name="InputPrice">US dollars for a million input tokens.</param>
/// <param name="OutputPrice">US dollars for a million output tokens.</param>
public sealed record DemoModel(string Name, decimal InputPrice, decimal OutputPrice)
{
    /// <summary>All of them, at their providers' list prices.</summary>
    public static IReadOnlyList<DemoModel> All { get; } =
    [
        new("gpt-4o", 2.50m, 10.00m),
        new("gpt-4o-mini", 0.15m, 0.60m),
        new("claude-sonnet-4", 3.00m, 15.00m),
        new("claude-haiku", 0.80m, 4.00m),
        new("gemini-2.5-flash", 0.30m, 2.50m),
    ];

    /// <summary>The built-in models that the gateway answers with under <c>--demo</c>; sold for twice what they cost.</summary>
    public static IReadOnlyList<DemoModel> Built { get; } =
    [
        .. new[] { "demo-echo", "demo-slow", "demo-reason", "demo-tools", "demo-break" }
            .Select(name => new DemoModel(name, 0.50m, 1.50m)),
    ];
}

/// <summary>One of the demo organisation's projects: who calls which models, when, with how much.</summary>
/// <param name="Name">Its name, the subject of its events.</param>
/// <param name="Share">Its part of all calls.</param>
/// <param name="PeakHour">The hour, UTC, around which its day lies.</param>
/// <param name="HoursAwake">How long its day is.</param>
/// <param name="WeekendFactor">Its weekend, where a working day is 1.</param>
/// <param name="Models">Which models it calls, and how often each.</param>
/// <param name="Prompts">How long its prompts are.</param>
/// <param name="Answers">How long its answers are.</param>
public sealed record DemoProject(
    string Name,
    double Share,
    double PeakHour,
    double HoursAwake,
    double WeekendFactor,
    IReadOnlyList<(string Model, double Share)> Models,
    TokenCurve Prompts,
    TokenCurve Answers)
{
    /// <summary>All of them; their shares sum to one.</summary>
    public static IReadOnlyList<DemoProject> All { get; } =
    [
        new(
            "support-chat", 0.35, 14, 14, 0.55, [("gpt-4o-mini", 0.65), ("gemini-2.5-flash", 0.35)],
            new TokenCurve(1_300, 0.8, 40, 60_000), new TokenCurve(190, 0.7, 1, 4_000)),
        new(
            "code-review", 0.25, 15, 10, 0.12, [("claude-sonnet-4", 0.7), ("gpt-4o", 0.3)],
            new TokenCurve(3_600, 0.9, 100, 120_000), new TokenCurve(420, 0.8, 1, 8_000)),
        new(
            "search-answers", 0.25, 18, 18, 0.9, [("gpt-4o", 0.55), ("claude-haiku", 0.45)],
            new TokenCurve(1_900, 0.7, 60, 40_000), new TokenCurve(230, 0.6, 1, 4_000)),
        new(
            "nightly-evals", 0.15, 2, 4, 1.0, [("gpt-4o-mini", 0.4), ("claude-haiku", 0.3), ("gemini-2.5-flash", 0.3)],
            new TokenCurve(2_400, 0.5, 200, 30_000), new TokenCurve(130, 0.5, 1, 2_000)),
    ];

    /// <summary>How busy it is at an instant: 1 in the middle of a working day, near 0 while it sleeps. Pure.</summary>
    public double BusyAt(DateTimeOffset instant)
    {
        const double asleep = 0.02;
        var hour = instant.UtcDateTime.TimeOfDay.TotalHours;
        var distance = Math.Abs(hour - PeakHour);
        distance = Math.Min(distance, 24 - distance);
        var awake = distance < HoursAwake / 2 ? Math.Pow(Math.Cos(Math.PI * distance / HoursAwake), 2) : 0;
        var weekend = instant.UtcDateTime.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday ? WeekendFactor : 1;
        return (asleep + ((1 - asleep) * awake)) * weekend;
    }
}
