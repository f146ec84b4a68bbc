using System.Collections.Frozen;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>What people may do in an organisation they belong to, by role. A member has exactly one.</summary>
public static class MemberRole
{
    /// <summary>Everything an organisation's people may do; an organisation has at least one.</summary>
    public const string Owner = "owner";

    /// <summary>As an owner, except to delete the organisation or hand it over.</summary>
    public const string Admin = "admin";

    /// <summary>Reads everything, the audit log too, buys, and sets budgets.</summary>
    public const string Finance = "finance";

    /// <summary>Reads everything, sends usage, and makes keys and webhooks.</summary>
    public const string Developer = "developer";

    /// <summary>Reads only.</summary>
    public const string Viewer = "viewer";

    private static readonly Permission[] Reads =
    [
        Permission.ProfileManage, Permission.OrganisationRead, Permission.MembersRead, Permission.UsageRead,
        Permission.LedgerRead, Permission.PricesRead, Permission.PlansRead,
    ];

    private static readonly Permission[] Builds =
    [
        Permission.EventsWrite, Permission.InferenceCall, Permission.KeysManage, Permission.WebhooksManage,
        Permission.TestClockAdvance,
    ];

    private static readonly Permission[] Pays =
        [Permission.BillingPurchase, Permission.BudgetsManage, Permission.AuditRead];

    private static readonly Permission[] Runs =
        [
            Permission.OrganisationManage, Permission.MembersManage, Permission.ProjectsManage, Permission.VirtualKeysManage,
        ];

    private static readonly FrozenDictionary<string, FrozenSet<Permission>> Permissions =
        new Dictionary<string, FrozenSet<Permission>>(StringComparer.Ordinal)
        {
            [Owner] = new[] { [Permission.OrganisationDelete], Reads, Builds, Pays, Runs }.SelectMany(one => one).ToFrozenSet(),
            [Admin] = new[] { Reads, Builds, Pays, Runs }.SelectMany(one => one).ToFrozenSet(),
            [Finance] = Reads.Concat(Pays).ToFrozenSet(),
            [Developer] = Reads.Concat(Builds).ToFrozenSet(),
            [Viewer] = Reads.ToFrozenSet(),
        }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Every role there is, the mightiest first.</summary>
    public static IReadOnlyList<string> All { get; } = [Owner, Admin, Finance, Developer, Viewer];

    /// <summary>What a role allows. A role this release does not know allows nothing.</summary>
    public static IReadOnlySet<Permission> PermissionsOf(string role) =>
        Permissions.GetValueOrDefault(role, FrozenSet<Permission>.Empty);

    /// <summary>What a role allows in an organisation that is being deleted: to look, and the owner to restore it.</summary>
    public static IReadOnlySet<Permission> WhileDeleting(string role) =>
        PermissionsOf(role)
            .Where(permission => permission == Permission.OrganisationDelete || Reads.Contains(permission))
            .ToFrozenSet();

    /// <summary>Whether somebody with some permissions may give a role: nobody gives what they lack themselves.</summary>
    public static bool MayBeGivenBy(IReadOnlySet<Permission> giver, string role) =>
        PermissionsOf(role).All(permission => permission == Permission.ProfileManage || giver.Contains(permission));

    internal static string? Problem(string role) =>
        Permissions.ContainsKey(role) ? null : $"must be one of {string.Join(", ", All)}";
}
