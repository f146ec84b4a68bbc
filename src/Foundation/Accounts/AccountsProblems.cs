using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>The ways requests to Accounts, and requests that need to know their caller, can fail.</summary>
public static class AccountsProblems
{
    /// <summary>Members of the body have values that cannot be.</summary>
    public static readonly ProblemCode InvalidMember = new(
        "invalid_member",
        422,
        "A member of the request body is not valid.",
        "Correct the members listed in errors.");

    /// <summary>The named organisation does not exist, or is not the caller's.</summary>
    public static readonly ProblemCode OrganisationNotFound = new(
        "organisation_not_found",
        404,
        "There is no such organisation.",
        "Check the id in the Quoin-Org header; an organisation's own keys need none.");

    /// <summary>Another organisation has the slug.</summary>
    public static readonly ProblemCode SlugTaken = new(
        "slug_taken",
        409,
        "The slug belongs to another organisation.",
        "Choose another slug, or leave it out.");

    internal static Problem Of(InvalidInput input) => new(
        InvalidMember,
        input.ToString(),
        members: new Dictionary<string, object?>
        {
            ["errors"] = input.Errors.Select(error => new { member = error.Key, detail = error.Value }).ToArray(),
        });

    internal static Problem NoSuchOrganisation(OrgId org) =>
        new(OrganisationNotFound, $"There is no organisation {org}.");
}
