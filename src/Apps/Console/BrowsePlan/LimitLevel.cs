using Quoin.Limiting;

namespace Quoin.ConsolePages.BrowsePlan;

/// <summary>How near a limit is, in a colour and in words: a colour alone says nothing to many.</summary>
/// <param name="Colour">The class of the bar: green below 80 %, yellow below 100 %, red from 100 %; open without a limit.</param>
/// <param name="Text">The same in words.</param>
public sealed record LimitLevel(string Colour, string Text)
{
    private const decimal NearPercent = 80;
    private const decimal FullPercent = 100;

    /// <summary>The level of a limit as it stands.</summary>
    public static LimitLevel Of(LimitStanding standing) => standing.Percent switch
    {
        null => new("open", "Unlimited"),
        _ when standing.Terms.Limit == 0 => new("red", "Not included"),
        < NearPercent => new("green", "Within the limit"),
        < FullPercent => new("yellow", "Nearly used up"),
        FullPercent => new("red", "Used up"),
        _ => new("red", "Over the limit"),
    };

    /// <summary>Whether so much of a limit is used that its organisation should hear of it without asking.</summary>
    public static bool IsNear(LimitStanding standing) =>
        standing is { Terms: { IsCounted: true, Limit: > 0 }, Percent: >= NearPercent };

    /// <summary>The share used, short of the truth, never beyond: 99.99 % is no 100.</summary>
    public static string? Percent(LimitStanding standing) => standing switch
    {
        { Terms.Limit: null or 0 } => null,
        { Percent: { } percent } => string.Create(
            System.Globalization.CultureInfo.InvariantCulture, $"{Math.Floor(percent):0} %"),
        _ => null,
    };

    /// <summary>What people call a limit.</summary>
    public static string Name(string code) => code switch
    {
        "llm.tokens" => "LLM tokens",
        "agent.runs" => "Agent runs",
        "seats" => "Seats",
        "sessions.running" => "Running sessions",
        _ => Spoken(code),
    };

    private static string Spoken(string code)
    {
        var words = code.Replace('.', ' ').Replace('_', ' ').Trim();
        return words.Length == 0 ? code : char.ToUpperInvariant(words[0]) + words[1..];
    }
}
