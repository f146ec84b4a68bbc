using System.Collections.Frozen;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>What people and machines of the operator may do, by role.</summary>
public static class OperatorRole
{
    /// <summary>Everything.</summary>
    public const string Admin = "admin";

    private static readonly FrozenDictionary<string, FrozenSet<Permission>> Permissions =
        new Dictionary<string, FrozenSet<Permission>>(StringComparer.Ordinal)
        {
            [Admin] = Permission.All.ToFrozenSet(),
        }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Every role there is.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Permissions.Keys.Order(StringComparer.Ordinal)];

    /// <summary>What some roles allow together. A role this release does not know allows nothing.</summary>
    public static IReadOnlySet<Permission> PermissionsOf(IEnumerable<string> roles) =>
        roles.SelectMany(role => Permissions.GetValueOrDefault(role, [])).ToFrozenSet();

    internal static string? Problem(IReadOnlyList<string> roles) =>
        roles.Count > 0 && roles.Distinct(StringComparer.Ordinal).Count() == roles.Count && roles.All(Permissions.ContainsKey)
            ? null
            : $"must name at least one of {string.Join(", ", All)}, each once";
}
