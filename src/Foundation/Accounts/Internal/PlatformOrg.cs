using Quoin.Kernel;

namespace Quoin.Accounts;

/// <summary>The nil id: the place of what belongs to the operator in tables whose keys begin with an organisation.</summary>
internal static class PlatformOrg
{
    public static OrgId Id => default;

    /// <summary>As the audit log names a place: null for the platform.</summary>
    public static OrgId? ForAudit(OrgId org) => org == Id ? null : org;
}
