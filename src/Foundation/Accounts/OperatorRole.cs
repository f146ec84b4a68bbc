using System.Collections.Frozen;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>What people and machines of the operator may do, by role.</summary>
public static class OperatorRole
{
    /// <summary>Everything.</summary>
    public const string Admin = "admin";

    /// <summary>Meters, prices and plans.</summary>
    public const string Pricing = "pricing";

    /// <summary>The books: grants, transfers, corrections and their approval, reconciliation.</summary>
    public const string Finance = "finance";

    /// <summary>Helps customers: looks, retries and stands in for them; moves no money.</summary>
    public const string Support = "support";

    private static readonly Permission[] Reads =
    [
        Permission.OrganisationsRead, Permission.OrganisationRead, Permission.MembersRead, Permission.UsageRead,
        Permission.LedgerRead, Permission.PricesRead, Permission.PlansRead, Permission.AuditRead, Permission.SystemRead,
    ];

    // A profile is a person's: sessions add it, keys of an operator have none.
    private static readonly FrozenDictionary<string, FrozenSet<Permission>> Permissions =
        new Dictionary<string, FrozenSet<Permission>>(StringComparer.Ordinal)
        {
            [Admin] = Permission.All.Where(permission => permission != Permission.ProfileManage).ToFrozenSet(),
            [Pricing] = Reads
                .Concat([Permission.MetersWrite, Permission.PricesWrite, Permission.PlansWrite])
                .ToFrozenSet(),
            [Finance] = Reads
                .Concat(
                [
                    Permission.LedgerWrite, Permission.LedgerCorrectApprove, Permission.ReconciliationManage,
                    Permission.RefundsWrite, Permission.RefundsApprove, Permission.DisputesWrite,
                ])
                .ToFrozenSet(),
            [Support] = Reads
                .Concat(
                [
                    Permission.QuarantineWrite, Permission.WebhooksManage, Permission.UsersRead,
                    Permission.UsersImpersonate, Permission.SystemManage,
                ])
                .ToFrozenSet(),
        }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Every role there is.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Permissions.Keys.Order(StringComparer.Ordinal)];

    /// <summary>What some roles allow together. A role this release does not know allows nothing.</summary>
    public static IReadOnlySet<Permission> PermissionsOf(IEnumerable<string> roles) =>
        roles.SelectMany(role => Permissions.GetValueOrDefault(role, [])).ToFrozenSet();

    /// <summary>What is wrong with roles to be given; null when nothing is.</summary>
    /// <param name="roles">The roles.</param>
    /// <param name="held">What the giver may do themselves: nobody gives more. Null for the command line.</param>
    internal static string? Problem(IReadOnlyList<string> roles, IReadOnlySet<Permission>? held) =>
        Problem(roles)
        ?? (MayBeGivenBy(held, roles) ? null : "must not go beyond what you may do yourself");

    /// <summary>Whether somebody may give or take roles; null is the command line, which may.</summary>
    internal static bool MayBeGivenBy(IReadOnlySet<Permission>? held, IReadOnlyList<string> roles) =>
        held is null || held.IsSupersetOf(PermissionsOf(roles));

    private static string? Problem(IReadOnlyList<string> roles) =>
        roles.Count > 0 && roles.Distinct(StringComparer.Ordinal).Count() == roles.Count && roles.All(Permissions.ContainsKey)
            ? null
            : $"must name at least one of {string.Join(", ", All)}, each once";
}
