using System.Text.Json;
using System.Text.Json.Nodes;

namespace Quoin.Inference.Internal;

/// <summary>The members of a team, as LiteLLM's tools write them: a role, and a user's id or their mail address.</summary>
internal static class TeamMembers
{
    private static readonly string[] Roles = ["admin", "user"];

    /// <summary>A list of them.</summary>
    /// <exception cref="RefusedRequestException">It is none, or has too many.</exception>
    public static JsonArray Read(JsonElement said) => said.ValueKind == JsonValueKind.Array
        ? Few(new JsonArray([.. said.EnumerateArray().Select(Of)]))
        : throw JsonMembers.Wrong("Members must be a list.");

    /// <summary>One of them.</summary>
    /// <exception cref="RefusedRequestException">It is none.</exception>
    public static JsonObject Of(JsonElement said)
    {
        var (id, email) = (said.Name("user_id"), said.Name("user_email"));
        return (id ?? email) is not null
            ? new JsonObject { ["role"] = Role(said) ?? "user", ["user_id"] = id, ["user_email"] = email }
            : throw JsonMembers.Wrong("A member has a 'role', admin or user, and a 'user_id' or a 'user_email'.");
    }

    /// <summary>The role that a request names; null where it names none.</summary>
    /// <exception cref="RefusedRequestException">There is no such role.</exception>
    public static string? Role(JsonElement said) => said.Name("role") is not { } role || Roles.Contains(role)
        ? said.Name("role")
        : throw JsonMembers.Wrong("'role' must be admin or user.");

    /// <summary>Whom a request names, to be found among others.</summary>
    public static JsonObject Named(JsonElement body) =>
        new() { ["user_id"] = body.Name("user_id"), ["user_email"] = body.Name("user_email") };

    /// <summary>Whether two are the same: by id, else by mail address.</summary>
    public static bool IsSame(JsonNode one, JsonNode other) =>
        (IdOf(other) is { } id && IdOf(one) == id)
        || ((string?)other["user_email"] is { } email && (string?)one["user_email"] == email);

    /// <summary>The user's id; null where only an address is known.</summary>
    public static string? IdOf(JsonNode member) => (string?)member["user_id"];

    /// <summary>The same members, if they are not too many.</summary>
    /// <exception cref="RefusedRequestException">They are.</exception>
    public static JsonArray Few(JsonArray members) => members.Count <= Limits.LiteLlmMembersMax
        ? members
        : throw JsonMembers.Wrong($"A team has at most {Limits.LiteLlmMembersMax} members.");
}
