using Quoin.Kernel;

namespace Quoin.Accounts;

/// <summary>An organisation to be created, with the terms of its default billing account.</summary>
/// <param name="Name">What people call it: 1 to 200 letters.</param>
/// <param name="Mode">Live or test; never changes.</param>
/// <param name="Slug">Its name in addresses, unique: lower-case letters, digits and hyphens; may be left out.</param>
/// <param name="Currency">The currency it is billed in; USD where left out.</param>
/// <param name="Settlement">Where usage that no grant covers goes.</param>
/// <param name="Reason">Why, for the audit log.</param>
public sealed record NewOrganisation(
    string Name,
    OrganisationMode Mode,
    string? Slug = null,
    Currency? Currency = null,
    Settlement Settlement = Settlement.Prepaid,
    string? Reason = null);

/// <summary>Every way creating an organisation can end, in the order they are checked.</summary>
public abstract record CreateOrganisationOutcome
{
    private CreateOrganisationOutcome()
    {
    }

    /// <summary>Members of the request are wrong.</summary>
    public sealed record Invalid(InvalidInput Input) : CreateOrganisationOutcome;

    /// <summary>Another organisation has this slug.</summary>
    public sealed record SlugTaken(string Slug) : CreateOrganisationOutcome;

    /// <summary>The person owns as many as one may.</summary>
    public sealed record TooMany : CreateOrganisationOutcome;

    /// <summary>It exists, with its default billing account.</summary>
    public sealed record Created(OrganisationProfile Organisation) : CreateOrganisationOutcome;
}
