using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Who sends a request: what programs show their user, and how they find out whether a key still works.</summary>
/// <param name="Realm">Customer or operator.</param>
/// <param name="Actor">The person or key, as the audit log names it.</param>
/// <param name="Impersonator">The operator who acts in this person's stead; null where nobody does.</param>
/// <param name="Organisation">The organisation acted in; null where none is.</param>
/// <param name="User">The person, or the one whose device sends it; null for programs.</param>
/// <param name="Permissions">What the caller may do.</param>
/// <param name="Organisations">The organisations the person belongs to; for programs their own.</param>
public sealed record CallerProfile(
    Realm Realm,
    string Actor,
    string? Impersonator,
    CallerOrganisation? Organisation,
    CallerUser? User,
    IReadOnlyList<string> Permissions,
    IReadOnlyList<CallerOrganisation> Organisations);

/// <summary>An organisation, as far as its name.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Slug">Its name in addresses; null where it has none.</param>
/// <param name="Mode">Live or test.</param>
public sealed record CallerOrganisation(OrgId Id, string Name, string? Slug, OrganisationMode Mode);

/// <summary>A person, as far as their name.</summary>
/// <param name="Id">Their id.</param>
/// <param name="Name">What they are called.</param>
public sealed record CallerUser(UserId Id, string Name);
