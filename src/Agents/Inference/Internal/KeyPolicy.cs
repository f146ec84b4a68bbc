using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Limiting;

namespace Quoin.Inference.Internal;

/// <summary>What the gateway holds a caller's calls to.</summary>
/// <param name="Posture">How strictly budgets hold for it.</param>
internal sealed record KeyPolicy(SpendPosture Posture)
{
    /// <summary>What holds for who has no policy of their own.</summary>
    public static readonly KeyPolicy Usual = new(SpendPosture.Hard);

    /// <summary>The first key of the line of keys that replaced each other; null for who is no key.</summary>
    public KeyId? Root { get; init; }

    /// <summary>The project it belongs to; null for none.</summary>
    public ProjectId? Project { get; init; }

    /// <summary>The models it may call, as clients name them; null is all.</summary>
    public IReadOnlyList<string>? Models { get; init; }

    /// <summary>Calls a minute; null for no limit.</summary>
    public int? RequestsPerMinute { get; init; }

    /// <summary>Tokens a minute, in and out; null for no limit.</summary>
    public long? TokensPerMinute { get; init; }

    /// <summary>Calls at the same time on each replica; null for no limit.</summary>
    public int? ParallelMax { get; init; }

    /// <summary>What its calls are marked with.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>The session it is made for; null where clients say.</summary>
    public string? Session { get; init; }

    /// <summary>The automation run it is made for; null for none.</summary>
    public string? Run { get; init; }

    /// <summary>The user it is made for; null where clients say.</summary>
    public string? User { get; init; }

    /// <summary>What deployments must be to answer it.</summary>
    public RoutingRule Routing { get; init; } = RoutingRule.None;

    /// <summary>The team it belongs to; null for none.</summary>
    public string? Team { get; init; }

    /// <summary>Its user within its team, as a name; null where it has not both.</summary>
    public string? Member { get; init; }

    /// <summary>Whether somebody keeps it from calling for now.</summary>
    public bool IsBlocked { get; init; }

    /// <summary>Whether it may do less than a key that is held to nothing.</summary>
    public bool IsHeld =>
        IsBlocked
        || !Routing.IsNone
        || (Models as object ?? Team ?? User) is not null
        || (RequestsPerMinute ?? TokensPerMinute ?? ParallelMax) is not null;

    /// <summary>Models by further names that it may call them by; null for none.</summary>
    public IReadOnlyDictionary<string, string>? ModelAliases { get; init; }

    /// <summary>What its team, its user and its user within the team are held to, where they are held to anything.</summary>
    public IReadOnlyList<SpenderPolicy> Spenders { get; init; } = [];

    /// <summary>What its tokens are counted under, for limits of tokens a minute: its own, its team's, its user's.</summary>
    public IReadOnlyList<KeyId> Counters { get; init; } = [];

    /// <summary>The tokens of the last minute, as far as they are settled.</summary>
    public long TokensUsed { get; init; }
}

/// <summary>What a team, a user, a member or a customer is held to: all of its keys, and all calls that name it, together.</summary>
/// <param name="Kind"><c>team</c>, <c>user</c>, <c>member</c> or <c>customer</c>.</param>
/// <param name="Name">Which one.</param>
/// <param name="IsBlocked">Whether it may not call for now, or was deleted.</param>
/// <param name="Models">The models it may call; null is all.</param>
/// <param name="RequestsPerMinute">Calls a minute; null for no limit.</param>
/// <param name="TokensPerMinute">Tokens a minute; null for no limit.</param>
/// <param name="TokensUsed">The tokens of the last minute, as far as they are settled.</param>
/// <param name="Counter">What its tokens are counted under.</param>
internal sealed record SpenderPolicy(
    string Kind,
    string Name,
    bool IsBlocked,
    IReadOnlyList<string>? Models,
    int? RequestsPerMinute,
    long? TokensPerMinute,
    long TokensUsed,
    KeyId Counter)
{
    /// <summary>Whether it is held to anything.</summary>
    public bool Holds => IsBlocked || Models is not null || RequestsPerMinute is not null || TokensPerMinute is not null;
}
