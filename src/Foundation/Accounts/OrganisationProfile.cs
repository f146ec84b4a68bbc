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

/// <summary>Whose an organisation is.</summary>
public enum OrganisationKind
{
    /// <summary>Of people who come and go.</summary>
    Team,

    /// <summary>Of one person, made when they signed up.</summary>
    Personal,
}

/// <summary>Whether an organisation is in use.</summary>
public enum OrganisationState
{
    /// <summary>In use.</summary>
    Active,

    /// <summary>To be closed; its keys are refused, and its owners may restore it.</summary>
    Deleting,

    /// <summary>Closed for good; only what money names is left.</summary>
    Closed,
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
    DateTimeOffset CreatedAt)
{
    /// <summary>Of one person, or of several.</summary>
    public OrganisationKind Kind { get; init; }

    /// <summary>Whether it is in use.</summary>
    public OrganisationState State { get; init; }

    /// <summary>When it will be closed for good, or was; null while it is in use.</summary>
    public DateTimeOffset? DeletesAt { get; init; }
}
