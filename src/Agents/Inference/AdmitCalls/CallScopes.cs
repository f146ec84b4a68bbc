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

    /// <summary>The kind of scope that is whom a call names, whosever key it is made with.</summary>
    public const string CustomerKind = "customer";

    /// <summary>The kind of scope that is a key, with those that replaced it.</summary>
    public const string KeyKind = "key";

    /// <summary>The scopes of a call, fit to be stored, besides its organisation, which is always one.</summary>
    public static IReadOnlyList<SpendScope> Of(ModelCall call, KeyPolicy policy)
    {
        var scopes = new List<SpendScope>(7)
        {
            policy.Root is { } root ? new SpendScope(KeyKind, root.ToString()) : new SpendScope(UserKind, call.Actor),
        };
        Add("project", policy.Project?.ToString());
        Add("session", policy.Session ?? call.Session);
        Add("run", policy.Run);
        Add(TeamKind, policy.Team);
        Add(UserKind, policy.Root is null ? null : policy.User ?? call.User);
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
}
