using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Quoin.Accounts;

/// <summary>What keys of organisations may do.</summary>
/// <param name="Scopes">Every scope.</param>
/// <param name="Presets">Scopes that go well together, by name.</param>
public sealed record KeyScopeList(IReadOnlyList<string> Scopes, IReadOnlyList<KeyScopePreset> Presets);

/// <summary>Lists the scopes keys may have.</summary>
internal static class ListKeyScopes
{
    /// <summary><c>GET /v1/key-scopes</c>.</summary>
    public static Ok<KeyScopeList> Endpoint() =>
        TypedResults.Ok(new KeyScopeList([.. KeyScopes.All.Select(scope => scope.Name)], KeyScopes.Presets));
}
