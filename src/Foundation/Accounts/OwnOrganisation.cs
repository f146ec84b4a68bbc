using Quoin.Kernel;

namespace Quoin.Accounts;

/// <summary>An organisation a person belongs to.</summary>
/// <param name="Organisation">The organisation.</param>
/// <param name="Role">What the person is in it; see <see cref="MemberRole"/>.</param>
public sealed record OwnOrganisation(OrganisationProfile Organisation, string Role);

/// <summary>An organisation a person makes for a team; they own it.</summary>
/// <param name="Name">What people call it: 1 to 200 letters.</param>
/// <param name="Mode">Live or test; never changes.</param>
/// <param name="Slug">Its name in addresses, unique: lower-case letters, digits and hyphens; may be left out.</param>
/// <param name="Currency">The currency it is billed in; USD where left out.</param>
public sealed record NewOwnOrganisation(
    string Name, OrganisationMode Mode, string? Slug = null, Currency? Currency = null);

/// <summary>What is to change about an organisation; what is left out stays.</summary>
/// <param name="Name">What people call it.</param>
/// <param name="Slug">Its name in addresses; empty takes it away.</param>
/// <param name="Reason">Why, for the audit log.</param>
public sealed record OrganisationChange(string? Name = null, string? Slug = null, string? Reason = null);

/// <summary>Every way changing, deleting or restoring an organisation can end, in the order they are checked.</summary>
public abstract record OrganisationOutcome
{
    private OrganisationOutcome()
    {
    }

    /// <summary>Members of the request are wrong.</summary>
    public sealed record Invalid(InvalidInput Input) : OrganisationOutcome;

    /// <summary>There is no such organisation, or none any more.</summary>
    public sealed record NotFound : OrganisationOutcome;

    /// <summary>It is being deleted.</summary>
    public sealed record Deleting : OrganisationOutcome;

    /// <summary>It is a person's own.</summary>
    public sealed record Personal : OrganisationOutcome;

    /// <summary>Another organisation has this slug.</summary>
    public sealed record SlugTaken(string Slug) : OrganisationOutcome;

    /// <summary>It is so.</summary>
    public sealed record Done(OrganisationProfile Organisation) : OrganisationOutcome;
}
