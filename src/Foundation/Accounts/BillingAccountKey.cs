using Quoin.Kernel;

namespace Quoin.Accounts;

/// <summary>A billing account, named together with the organisation it must belong to.</summary>
/// <param name="Org">The organisation.</param>
/// <param name="Account">The billing account.</param>
public readonly record struct BillingAccountKey(OrgId Org, BillingAccountId Account);
