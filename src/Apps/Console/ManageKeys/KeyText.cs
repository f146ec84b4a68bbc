using Quoin.Accounts;
using Quoin.Platform;

namespace Quoin.ConsolePages.ManageKeys;

/// <summary>Keys in words.</summary>
internal static class KeyText
{
    /// <summary>How it stands with a key, in a word or two.</summary>
    public static string State(KeyProfile key, DateTimeOffset now) => key switch
    {
        { RevokedAt: not null } => "Revoked",
        _ when !key.WorksAt(now) => key.ReplacedByKeyId is null ? "Expired" : "Replaced",
        { ReplacedByKeyId: not null } => "Being replaced",
        _ => "Works",
    };

    /// <summary>What it may do: a preset's name where it is just that.</summary>
    public static string Scopes(KeyProfile key)
    {
        var scopes = key.Roles ?? key.Scopes ?? [];
        var preset = key.Roles is null
            ? KeyScopes.Presets.FirstOrDefault(one => one.Scopes.Count == scopes.Count && one.Scopes.All(scopes.Contains))
            : null;
        return preset?.Name ?? string.Join(", ", scopes);
    }

    /// <summary>A command that shows the key works, ready to paste; null where it may do nothing a command shows.</summary>
    public static string? Command(KeyProfile key, string secret, string origin)
    {
        var scopes = key.Scopes ?? [];
        return scopes.Contains(Permission.EventsWrite.Name)
            ? $$$"""
              curl {{{origin}}}/v1/events \
                -H "Authorization: Bearer {{{secret}}}" \
                -H "Content-Type: application/cloudevents+json" \
                -d '{"specversion":"1.0","id":"hello-1","source":"/console","type":"llm.completion",
                     "data":{"model":"gpt-4o","input_tokens":1200,"output_tokens":350}}'
              """
            : Path(key, scopes) is { } path
                ? $"""
                  curl {origin}{path} \
                    -H "Authorization: Bearer {secret}"
                  """
                : null;
    }

    private static string? Path(KeyProfile key, IReadOnlyList<string> scopes) =>
        key.Roles is not null ? "/v1/organisations"
        : scopes.Contains(Permission.OrganisationRead.Name) ? "/v1/organisation"
        : scopes.Contains(Permission.UsageRead.Name) ? "/v1/events"
        : scopes.Contains(Permission.LedgerRead.Name) ? "/v1/balance"
        : null;
}
