using Quoin.Kernel;

namespace Quoin.Accounts;

/// <summary>The nil id: where tables that begin with an organisation keep what belongs to the operator.</summary>
internal static class PlatformOrg
{
    public static OrgId Id => default;

    /// <summary>As the audit log names a place: null for the platform.</summary>
    public static OrgId? ForAudit(OrgId org) => org == Id ? null : org;
}
