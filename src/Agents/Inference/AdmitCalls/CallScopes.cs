using Quoin.Inference.Internal;
using Quoin.Limiting;

namespace Quoin.Inference;

/// <summary>Whose spending a call is: each may have a budget.</summary>
internal static class CallScopes
{
    /// <summary>The scopes of a call, fit to be stored, besides its organisation, which is always one.</summary>
    public static IReadOnlyList<SpendScope> Of(ModelCall call, KeyPolicy policy)
    {
        var scopes = new List<SpendScope>(5)
        {
            policy.Root is { } root ? new SpendScope("key", root.ToString()) : new SpendScope("user", call.Actor),
        };
        Add("project", policy.Project?.ToString());
        Add("session", policy.Session ?? call.Session);
        Add("run", policy.Run);
        Add("user", policy.Root is null ? null : policy.User ?? call.User);
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
