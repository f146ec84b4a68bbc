using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>The organisations somebody belongs to.</summary>
/// <param name="Data">The one they have belonged to longest first.</param>
public sealed record OwnOrganisationList(IReadOnlyList<OwnOrganisation> Data);

/// <summary>Why an organisation is deleted.</summary>
/// <param name="Reason">For the audit log.</param>
internal sealed record DeleteOrganisationRequest(string? Reason = null);

/// <summary>The life of organisations, over HTTP.</summary>
internal static class OrganisationEndpoints
{
    /// <summary><c>GET /v1/me/organisations</c>.</summary>
    public static async Task<Ok<OwnOrganisationList>> Own(
        OwnOrganisations handler, HttpContext context, CancellationToken cancellationToken) =>
        TypedResults.Ok(new OwnOrganisationList(
            await handler.Of(context.Caller().Person(), cancellationToken)));

    /// <summary><c>POST /v1/me/organisations</c>.</summary>
    public static async Task<Results<Created<OrganisationProfile>, Problem>> Create(
        NewOwnOrganisation body, OwnOrganisations handler, HttpContext context, CancellationToken cancellationToken)
    {
        var outcome = await handler.Create(context.Caller().Person(), body, context.IdempotentRequest(), cancellationToken);
        return outcome switch
        {
            CreateOrganisationOutcome.Created(var organisation) => TypedResults.Created((string?)null, organisation),
            CreateOrganisationOutcome.Invalid(var input) => AccountsProblems.Of(input),
            CreateOrganisationOutcome.SlugTaken(var slug) => SlugTaken(slug),
            CreateOrganisationOutcome.TooMany => new Problem(
                AccountsProblems.TooManyOrganisations, $"One person owns at most {Limits.OwnedOrganisationsMax}."),
            _ => throw new UnreachableException(),
        };
    }

    /// <summary><c>PATCH /v1/organisation</c>.</summary>
    public static async Task<Results<Ok<OrganisationProfile>, Problem>> Change(
        OrganisationChange body, ChangeOrganisation handler, HttpContext context, CancellationToken cancellationToken) =>
        Answer(await handler.Rename(context.Caller(), body, cancellationToken), context);

    /// <summary><c>DELETE /v1/organisation</c>.</summary>
    public static async Task<Results<Ok<OrganisationProfile>, Problem>> Delete(
        Parameters<DeleteOrganisationRequest> parameters,
        ChangeOrganisation handler,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var reason = parameters.Value.Reason;
        return InvalidInput.Of(("reason", InputText.OptionalProblem(reason, Limits.ReasonLettersMax))) is { } invalid
            ? AccountsProblems.Of(invalid)
            : Answer(await handler.Delete(context.Caller(), reason, cancellationToken), context);
    }

    /// <summary><c>POST /v1/organisation/restore</c>.</summary>
    public static async Task<Results<Ok<OrganisationProfile>, Problem>> Restore(
        ChangeOrganisation handler, HttpContext context, CancellationToken cancellationToken) =>
        Answer(await handler.Restore(context.Caller(), cancellationToken), context);

    private static Results<Ok<OrganisationProfile>, Problem> Answer(OrganisationOutcome outcome, HttpContext context) =>
        outcome switch
        {
            OrganisationOutcome.Done(var organisation) => TypedResults.Ok(organisation),
            OrganisationOutcome.Invalid(var input) => AccountsProblems.Of(input),
            OrganisationOutcome.NotFound => AccountsProblems.NoSuchOrganisation(context.Caller().RequiredOrg),
            OrganisationOutcome.Deleting => AccountsProblems.IsBeingDeleted(),
            OrganisationOutcome.Personal => new Problem(
                AccountsProblems.PersonalOrganisation, "It goes with the person's account, not before."),
            OrganisationOutcome.SlugTaken(var slug) => SlugTaken(slug),
            _ => throw new UnreachableException(),
        };

    private static Problem SlugTaken(string slug) =>
        new(AccountsProblems.SlugTaken, $"Another organisation has the slug '{slug}'.");
}
