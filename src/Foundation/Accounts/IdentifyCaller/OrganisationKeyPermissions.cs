using System.Collections.Frozen;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>
/// What every key of an organisation may do: send usage, read its own, move its test clock, choose its webhooks; never
/// manage keys.
/// </summary>
internal static class OrganisationKeyPermissions
{
    public static readonly IReadOnlySet<Permission> All = new[]
    {
        Permission.EventsWrite,
        Permission.UsageRead,
        Permission.LedgerRead,
        Permission.PricesRead,
        Permission.PlansRead,
        Permission.OrganisationRead,
        Permission.TestClockAdvance,
        Permission.WebhooksManage,
    }.ToFrozenSet();
}
