using Quoin.Inference.Internal;
using Quoin.Limiting;

namespace Quoin.Inference;

/// <summary>Whose spending a call is: each may have a budget.</summary>
internal static class CallScopes
{
    /// <summary>The kind of scope that is a team of keys.</summary>
    public const string TeamKind = "team";

    /// <summary>The kind of scope that is a user.</summary>
    public const string UserKind = "user";

    /// <summary>The kind of scope that is a user within a team.</summary>
    public const string MemberKind = "member";

    /// <summary>The kind of scope that is whom a call names, whosever key it is made with.</summary>
    public const string CustomerKind = "customer";

    /// <summary>The kind of scope that is a key, with those that replaced it.</summary>
    public const string KeyKind = "key";

    /// <summary>The scopes of a call, fit to be stored, besides its organisation, which is always one.</summary>
    public static IReadOnlyList<SpendScope> Of(ModelCall call, KeyPolicy policy)
    {
        var scopes = new List<SpendScope>(8)
        {
            policy.Root is { } root ? new SpendScope(KeyKind, root.ToString()) : new SpendScope(UserKind, call.Actor),
        };
        Add("project", policy.Project?.ToString());
        Add("session", policy.Session ?? call.Session);
        Add("run", policy.Run);
        Add(TeamKind, policy.Team);
        Add(MemberKind, policy.Member);

        // Whom a call names is its client's to choose: it spends from no budget of a user who has keys.
        Add(UserKind, policy.Root is null ? null : policy.User);
        Add(CustomerKind, call.User);
        return scopes;

        void Add(string kind, string? id)
        {
            if (id is not null)
            {
                scopes.Add(new SpendScope(kind, id));
            }
        }
    }

    /// <summary>The name of a user within a team; null where it would be too long for a scope.</summary>
    public static string? MemberOf(string team, string user)
    {
        var name = $"{Part(team)}/{Part(user)}";
        return name.Length <= Limits.OutsideLettersMax ? name : null;

        static string Part(string text) =>
            text.Replace("%", "%25", StringComparison.Ordinal).Replace("/", "%2F", StringComparison.Ordinal);
    }
}
