using System.Globalization;
using Quoin.ConsolePages.GuardContent;
using Quoin.Inference;
using Quoin.Kernel;
using Quoin.Limiting;

namespace Quoin.ConsolePages.KeepGatewayKeys;

/// <summary>A key as somebody wants it, in the words they wrote; shown again where something is wrong with them.</summary>
public sealed record GatewayKeyForm
{
    private const int DaysMax = 3_660;

    /// <summary>An empty one.</summary>
    public static readonly GatewayKeyForm Empty = new();

    /// <summary>What it is for.</summary>
    public string Label { get; init; } = string.Empty;

    /// <summary>The models it may call; empty for all.</summary>
    public IReadOnlyList<string> Models { get; init; } = [];

    /// <summary>How much it may spend, in units; empty for as much as its organisation.</summary>
    public string Budget { get; init; } = string.Empty;

    /// <summary>In which span of time.</summary>
    public string Window { get; init; } = "month";

    /// <summary>What happens when a budget is used up: <c>hard</c>, <c>soft</c> or <c>observe</c>.</summary>
    public string Posture { get; init; } = "hard";

    /// <summary>Calls a minute; empty for no limit.</summary>
    public string Requests { get; init; } = string.Empty;

    /// <summary>Tokens a minute; empty for no limit.</summary>
    public string Tokens { get; init; } = string.Empty;

    /// <summary>Calls at the same time; empty for no limit.</summary>
    public string Parallel { get; init; } = string.Empty;

    /// <summary>Regions that whoever answers must be in, one of them, separated by commas; empty for any.</summary>
    public string Regions { get; init; } = string.Empty;

    /// <summary>Tags that whoever answers must have, all of them, separated by commas; empty for none.</summary>
    public string RequiredTags { get; init; } = string.Empty;

    /// <summary>What its calls are marked with, separated by commas.</summary>
    public string Tags { get; init; } = string.Empty;

    /// <summary>The team it belongs to; empty for none.</summary>
    public string Team { get; init; } = string.Empty;

    /// <summary>What its requests are looked through for, besides what its organisation's are.</summary>
    public GuardForm Guard { get; init; } = GuardForm.Empty;

    /// <summary>After how many days it ends; empty for never.</summary>
    public string Days { get; init; } = "90";

    /// <summary>The project it is billed with; empty for none.</summary>
    public string Project { get; init; } = string.Empty;

    /// <summary>What was sent.</summary>
    internal static GatewayKeyForm Read(PostedForm form) => new()
    {
        Label = form["label"],
        Models = [.. form.All("models").SelectMany(text => text.Split([',', '\n'], TrimAndSkip)).Distinct(StringComparer.Ordinal)],
        Budget = form["budget"],
        Window = form["window"].Length > 0 ? form["window"] : "month",
        Posture = form["posture"],
        Requests = form["requests"],
        Tokens = form["tokens"],
        Parallel = form["parallel"],
        Regions = form["regions"],
        RequiredTags = form["required_tags"],
        Tags = form["tags"],
        Team = form["team"],
        Guard = GuardForm.Read(form),
        Days = form["days"],
        Project = form["project"],
    };

    /// <summary>What a key is held to, as its form shows it.</summary>
    public static GatewayKeyForm Of(KeyRules rules) => new()
    {
        Models = rules.Models ?? [],
        Posture = GatewayKeyText.Of(rules.Posture),
        Requests = Text(rules.RequestsPerMinute),
        Tokens = Text(rules.TokensPerMinute),
        Parallel = Text(rules.ParallelMax),
        Regions = string.Join(", ", rules.Regions ?? []),
        RequiredTags = string.Join(", ", rules.RequiredTags ?? []),
        Tags = string.Join(", ", rules.Tags ?? []),
        Team = rules.Team ?? string.Empty,
    };

    /// <summary>The rules; what the form does not ask for stays as it was.</summary>
    /// <param name="before">What it was held to.</param>
    /// <returns>The rules, or why there are none.</returns>
    public (KeyRules? Rules, string? Complaint) ToRules(KeyRules before)
    {
        var (requests, tokens, parallel) = (Count(Requests), Count(Tokens), Count(Parallel));
        if (requests is 0 or > int.MaxValue || tokens == 0 || parallel is 0 or > int.MaxValue)
        {
            return (null, "Limits are whole numbers from 1 up; leave them out for no limit.");
        }

        return (before with
        {
            Posture = GatewayKeyText.PostureOf(Posture),
            Models = Models.Count == 0 ? null : Models,
            RequestsPerMinute = (int?)requests,
            TokensPerMinute = tokens,
            ParallelMax = (int?)parallel,
            Regions = Names(Regions),
            RequiredTags = Names(RequiredTags),
            Tags = Names(Tags),
            Team = FormText.Of(Team),
        }, null);
    }

    /// <summary>The key.</summary>
    /// <param name="currency">The budget's.</param>
    /// <param name="now">What time it is.</param>
    /// <returns>The key, or why there is none.</returns>
    public (NewVirtualKey? Key, string? Complaint) ToKey(Currency currency, DateTimeOffset now)
    {
        var (rules, complaint) = ToRules(new KeyRules());
        if (rules is null)
        {
            return (null, complaint);
        }

        NewKeyBudget? budget = null;
        if (Budget.Length > 0)
        {
            if (FormText.Micros(Budget) is not { } micros)
            {
                return (null, "The budget is an amount such as 25.00; leave it out for none.");
            }

            budget = new NewKeyBudget(new Money(micros, currency), Window, rules.Posture);
        }

        var expires = int.TryParse(Days, NumberStyles.None, CultureInfo.InvariantCulture, out var days) && days is > 0 and <= DaysMax
            ? now.AddDays(days)
            : (DateTimeOffset?)null;
        var project = Id.TryParse<ProjectId>(Project, out var named) ? named : (ProjectId?)null;
        return (new NewVirtualKey(Label, rules, budget, expires, project), null);
    }

    private static string[]? Names(string text) =>
        text.Split(',', TrimAndSkip).Distinct(StringComparer.Ordinal).ToArray() is { Length: > 0 } names ? names : null;

    private static StringSplitOptions TrimAndSkip => StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries;

    private static string Text(long? count) => count?.ToString(CultureInfo.InvariantCulture) ?? string.Empty;

    // Null is no limit; what is no number is zero, which no limit may be.
    private static long? Count(string text) =>
        text.Length == 0 ? null
        : long.TryParse(text, NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out var count) && count > 0 ? count
        : 0;
}
