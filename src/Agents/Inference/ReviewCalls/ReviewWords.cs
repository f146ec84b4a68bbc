using Quoin.Inference.Internal;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Inference;

/// <summary>Which calls that wait for a review.</summary>
/// <param name="Limit">How many.</param>
/// <param name="Cursor">Where to go on.</param>
internal sealed record ReviewSearch(PageLimit Limit, Cursor<CallId>? Cursor = null);

/// <summary>A call that somebody has to look into.</summary>
/// <param name="Organisation">Whose it is: what to name in <c>Quoin-Org</c> to decide about it.</param>
/// <param name="Request">The call.</param>
public sealed record ReviewView(OrgId Organisation, RequestView Request)
{
    /// <summary>A call in review.</summary>
    internal static ReviewView Of(StoredRequest stored) =>
        new(stored.Row.Call.Org, RequestView.Of(stored, Realm.Operator));
}

/// <summary>What a call used after all, as found out elsewhere: in the provider's console, mostly.</summary>
/// <param name="Provider">Whose model answered.</param>
/// <param name="Model">The provider's name of the model that answered, which it is priced by.</param>
/// <param name="Reason">Whence that is known, for the audit log.</param>
/// <param name="InputTokens">Text and images read, without what a cache held or took.</param>
/// <param name="CachedReadTokens">Read from the provider's cache.</param>
/// <param name="CachedWriteTokens">Written to the provider's cache.</param>
/// <param name="OutputTokens">Text written, reasoning included.</param>
/// <param name="Requests">Calls the provider answered.</param>
public sealed record AttachedUsage(
    string Provider,
    string Model,
    string Reason,
    long InputTokens = 0,
    long CachedReadTokens = 0,
    long CachedWriteTokens = 0,
    long OutputTokens = 0,
    long Requests = 1)
{
    /// <summary>It as usage.</summary>
    public ModelUsage ToUsage() => new()
    {
        InputTokens = InputTokens,
        CachedReadTokens = CachedReadTokens,
        CachedWriteTokens = CachedWriteTokens,
        OutputTokens = OutputTokens,
        Requests = Requests,
    };

    /// <summary>What is wrong with it; null where nothing is.</summary>
    public string? FindProblem() =>
        InputText.Problem(Provider, Limits.OutsideLettersMax) is { } provider ? $"provider {provider}"
        : InputText.Problem(Model, Limits.OutsideLettersMax) is { } model ? $"model {model}"
        : ReviewDecision.ProblemOf(Reason) is { } reason ? reason
        : new[] { InputTokens, CachedReadTokens, CachedWriteTokens, OutputTokens, Requests }
            .Any(count => count is < 0 or > Limits.AttachedTokensMax)
            ? $"every count must lie between 0 and {Limits.AttachedTokensMax}"
            : null;
}

/// <summary>What is decided about a call.</summary>
/// <param name="Reason">Why, for the audit log.</param>
public sealed record ReviewDecision(string Reason)
{
    /// <summary>What is wrong with it; null where nothing is.</summary>
    public string? FindProblem() => ProblemOf(Reason);

    /// <summary>What is wrong with a reason; null where nothing is.</summary>
    public static string? ProblemOf(string reason) =>
        InputText.Problem(reason, Limits.ReasonLettersMax) is { } problem ? $"reason {problem}" : null;
}

/// <summary>Every way reviewing a call can end, in the order they are checked.</summary>
public abstract record ReviewOutcome
{
    private ReviewOutcome()
    {
    }

    /// <summary>The organisation has no such call.</summary>
    public sealed record NotFound : ReviewOutcome;

    /// <summary>It is not in review, or somebody else was faster.</summary>
    public sealed record Over : ReviewOutcome;

    /// <summary>Nobody knows yet what it used.</summary>
    public sealed record NotKnown : ReviewOutcome;

    /// <summary>Nothing prices what it used; nothing changed.</summary>
    /// <param name="Meters">The meters that have no price.</param>
    public sealed record NotPriced(IReadOnlyList<string> Meters) : ReviewOutcome;

    /// <summary>Whether its reservation can be given back could not be found out.</summary>
    public sealed record Unavailable : ReviewOutcome;

    /// <summary>Done.</summary>
    /// <param name="Request">The call as it is now.</param>
    public sealed record Done(ReviewView Request) : ReviewOutcome;
}
