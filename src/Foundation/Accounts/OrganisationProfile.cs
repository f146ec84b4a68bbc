using Quoin.Kernel;

namespace Quoin.Accounts;

/// <summary>Whether an organisation deals in real money; never changes.</summary>
public enum OrganisationMode
{
    /// <summary>Real money, real providers, a clock nobody moves.</summary>
    Live,

    /// <summary>Play money and simulators; its clock can be advanced.</summary>
    Test,
}

/// <summary>An organisation as other modules and the API see it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Slug">Its name in addresses, unique; null where it has none.</param>
/// <param name="Mode">Live or test.</param>
/// <param name="DefaultBillingAccount">Who is billed where nobody is named; always the same one.</param>
/// <param name="CreatedAt">When it was created.</param>
public sealed record OrganisationProfile(
    OrgId Id,
    string Name,
    string? Slug,
    OrganisationMode Mode,
    BillingAccountProfile DefaultBillingAccount,
    DateTimeOffset CreatedAt);
