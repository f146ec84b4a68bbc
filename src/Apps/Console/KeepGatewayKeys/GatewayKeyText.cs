using Quoin.Accounts;
using Quoin.ConsolePages.GuardContent;
using Quoin.Inference;
using Quoin.Limiting;

namespace Quoin.ConsolePages.KeepGatewayKeys;

/// <summary>Keys that call models, in words.</summary>
public static class GatewayKeyText
{
    /// <summary>The windows a budget's form offers, with their names.</summary>
    public static IReadOnlyList<(string Window, string Text)> Windows { get; } =
    [
        ("day", "a day"), ("week", "a week"), ("month", "a month"), ("billing_period", "a billing period"),
        ("30d", "30 days"), ("total", "in all"),
    ];

    /// <summary>What happens when a budget is used up, with its names.</summary>
    public static IReadOnlyList<(string Posture, string Text)> Postures { get; } =
    [
        ("hard", "calls are refused before they cost anything"), ("soft", "calls go on, and you are told"),
        ("observe", "nothing happens, it only counts"),
    ];

    /// <summary>A posture's name.</summary>
    public static string Of(SpendPosture posture) => posture switch
    {
        SpendPosture.Observe => "observe",
        SpendPosture.Soft => "soft",
        _ => "hard",
    };

    /// <summary>The posture of a name; the strictest where there is none.</summary>
    public static SpendPosture PostureOf(string? name) => name switch
    {
        "observe" => SpendPosture.Observe,
        "soft" => SpendPosture.Soft,
        _ => SpendPosture.Hard,
    };

    /// <summary>A window of a budget: <c>a month</c>.</summary>
    public static string WindowOf(string window) =>
        Windows.FirstOrDefault(one => one.Window == window).Text ?? $"each {window}";

    /// <summary>How it stands with a key.</summary>
    public static string State(VirtualKey key, DateTimeOffset now) => key switch
    {
        { Key.RevokedAt: not null } => "Revoked",
        _ when !key.Key.WorksAt(now) => key.Key.ReplacedByKeyId is null ? "Expired" : "Replaced",
        { Key.ReplacedByKeyId: not null } => "Being replaced",
        _ => "Works",
    };

    /// <summary>The models it may call.</summary>
    public static string Models(KeyRules rules) => rules.Models is { } models ? string.Join(", ", models) : "all models";

    /// <summary>What it is limited to besides budgets.</summary>
    public static string LimitsOf(KeyRules rules)
    {
        string?[] parts =
        [
            rules.RequestsPerMinute is { } requests ? $"{Format.Count(requests, "call")} a minute" : null,
            rules.TokensPerMinute is { } tokens ? $"{Format.Count(tokens, "token")} a minute" : null,
            rules.ParallelMax is { } parallel ? $"{Format.Count(parallel)} at once" : null,
        ];
        return string.Join(", ", parts.OfType<string>()) is { Length: > 0 } text ? text : "no limits";
    }

    /// <summary>Who may answer it; null for anybody.</summary>
    public static string? RoutesOf(KeyRules rules)
    {
        string?[] parts =
        [
            rules.Regions is { Count: > 0 } regions ? $"in {string.Join(" or ", regions)}" : null,
            rules.RequiredTags is { Count: > 0 } tags ? $"with {string.Join(" and ", tags)}" : null,
        ];
        return string.Join(", ", parts.OfType<string>()) is { Length: > 0 } text ? "only deployments " + text : null;
    }

    /// <summary>What its requests are looked through for, besides what its organisation's are; null for nothing.</summary>
    public static string? GuardOf(ContentGuard guard)
    {
        string?[] parts =
        [
            ContentText.Refused(guard) is { } refused ? refused + " are refused" : null,
            ContentText.Redacted(guard) is { } redacted ? $"taken out: {redacted}" : null,
        ];
        return string.Join("; ", parts.OfType<string>()) is { Length: > 0 } text ? text : null;
    }

    /// <summary>The first instant at which it works no more; null for never.</summary>
    public static DateTimeOffset? EndOf(KeyProfile key) => key.RevokedAt ?? key.RetiresAt ?? key.ExpiresAt;
}
