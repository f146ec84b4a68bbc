using Microsoft.AspNetCore.Http;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Pricing.Internal;

/// <summary>A plan to make.</summary>
/// <param name="Family">Its short name: a-z, 0-9 and hyphens; never changes.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Visibility"><c>public</c>, <c>custom</c> or <c>internal</c>.</param>
/// <param name="Description">A sentence for people.</param>
internal sealed record FamilyRequest(string Family, string Name, PlanVisibility Visibility, string Description = "");

/// <summary>What a version of a plan says.</summary>
/// <param name="Fee">What a month of it costs.</param>
/// <param name="PriceBook">The book its usage is priced by before the catalogue.</param>
/// <param name="TrialDays">Days at the start that cost no fee.</param>
/// <param name="Entitlements">What it lets an account do.</param>
/// <param name="Grants">Credit of each billing period.</param>
internal sealed record PlanVersionRequest(
    Money Fee,
    PriceBookId? PriceBook = null,
    int TrialDays = 0,
    IReadOnlyList<EntitlementDocument>? Entitlements = null,
    IReadOnlyList<GrantDocument>? Grants = null)
{
    public PlanContent Content() => new(
        Fee,
        PriceBook,
        TrialDays,
        [.. (Entitlements ?? []).Select(EntitlementSchemas.Read)],
        [.. (Grants ?? []).Select(grant => new IncludedGrant(grant.Name, grant.AmountMicros, grant.Priority, grant.Scopes ?? []))]);
}

/// <summary>Credit that comes with every billing period and ends with it.</summary>
/// <param name="Name">What people call it; once in a plan.</param>
/// <param name="AmountMicros">Micros of the fee's currency.</param>
/// <param name="Priority">Which grants are spent first: lower first.</param>
/// <param name="Scopes">What it may be spent on; none is anything.</param>
internal sealed record GrantDocument(
    string Name, long AmountMicros, int Priority = 0, IReadOnlyList<string>? Scopes = null);

/// <summary>Which plan.</summary>
/// <param name="Family">Its short name.</param>
internal sealed record FamilyPath(string Family);

/// <summary>Which version of a plan.</summary>
/// <param name="Family">The plan's short name.</param>
/// <param name="Number">The version's number.</param>
internal sealed record VersionPath(string Family, int Number);

/// <summary>A page of plans, by short name.</summary>
/// <param name="Limit">How many.</param>
/// <param name="Cursor">Where to go on.</param>
internal sealed record PlanPageRequest(PageLimit Limit, Cursor<string>? Cursor = null);

/// <summary>A page of a plan's versions, the first one first.</summary>
/// <param name="Family">The plan's short name.</param>
/// <param name="Limit">How many.</param>
/// <param name="Cursor">Where to go on.</param>
internal sealed record VersionPageRequest(string Family, PageLimit Limit, Cursor<int>? Cursor = null);

/// <summary>A plan.</summary>
/// <param name="Family">Its short name.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Description">A sentence for people.</param>
/// <param name="Visibility"><c>public</c>, <c>custom</c> or <c>internal</c>.</param>
/// <param name="Current">The newest published version; null where there is none yet.</param>
internal sealed record PlanRow(
    string Family, string Name, string Description, PlanVisibility Visibility, PlanVersionRow? Current);

/// <summary>A version of a plan.</summary>
/// <param name="Id">Its id: what assignments name.</param>
/// <param name="Plan">The plan's short name.</param>
/// <param name="Number">1, 2, … within the plan.</param>
/// <param name="Status"><c>draft</c> or <c>published</c>; a published one never changes.</param>
/// <param name="Fee">What a month of it costs.</param>
/// <param name="PriceBook">The book its usage is priced by before the catalogue.</param>
/// <param name="TrialDays">Days at the start that cost no fee.</param>
/// <param name="Entitlements">What it lets an account do. One that has no meaning to this release is left out: it allows nothing.</param>
/// <param name="Grants">Credit of each billing period.</param>
/// <param name="Hash">SHA-256 of all it says.</param>
/// <param name="CreatedAt">When it was begun.</param>
/// <param name="PublishedAt">When it was published.</param>
internal sealed record PlanVersionRow(
    PlanVersionId Id,
    string Plan,
    int Number,
    PlanStatus Status,
    Money Fee,
    PriceBookId? PriceBook,
    int TrialDays,
    IReadOnlyList<EntitlementDocument> Entitlements,
    IReadOnlyList<GrantDocument> Grants,
    string Hash,
    DateTimeOffset CreatedAt,
    DateTimeOffset? PublishedAt)
{
    public static PlanVersionRow Of(PlanVersion version) => new(
        version.Id,
        version.Family,
        version.Number,
        version.Status,
        version.Fee,
        version.Book,
        version.TrialDays,
        [.. version.Entitlements.Where(one => one is not Entitlement.Invalid).Select(EntitlementSchemas.Document)],
        [.. version.Grants.Select(grant => new GrantDocument(grant.Name, grant.AmountMicros, grant.Priority, grant.Scopes))],
        version.Hash,
        version.CreatedAt,
        version.PublishedAt);
}

/// <summary>The endpoints of plans. Customers see public ones; the operator sees all.</summary>
internal static class PlanEndpoints
{
    /// <summary><c>GET /v1/plans</c>.</summary>
    public static async Task<IResult> List(
        Parameters<PlanPageRequest> parameters, Plans plans, HttpContext context, CancellationToken cancellationToken)
    {
        var (limit, cursor) = (parameters.Value.Limit, parameters.Value.Cursor);
        var catalogue = await plans.Catalogue(cancellationToken);
        var rows = catalogue.Families
            .Where(family => Sees(context, family) && string.CompareOrdinal(family.Family, cursor?.Keys ?? string.Empty) > 0)
            .Take(limit.RowsToFetch)
            .ToList();
        return TypedResults.Ok(Page.Of(rows, limit, family => family.Family, family => Row(catalogue, family)));
    }

    /// <summary><c>GET /v1/plans/{family}</c>.</summary>
    public static async Task<IResult> Show(
        Parameters<FamilyPath> parameters, Plans plans, HttpContext context, CancellationToken cancellationToken)
    {
        var catalogue = await plans.Catalogue(cancellationToken);
        return catalogue.Family(parameters.Value.Family) is { } family && Sees(context, family)
            ? TypedResults.Ok(Row(catalogue, family))
            : NoSuchPlan();
    }

    /// <summary><c>POST /v1/plans</c>.</summary>
    public static async Task<IResult> Make(
        FamilyRequest request, KeepPlans keeping, HttpContext context, CancellationToken cancellationToken) =>
        Answer(await keeping.MakeFamily(
            new PlanFamily(request.Family, request.Name.Trim(), request.Description, request.Visibility),
            context.Caller().Actor,
            context.IdempotentRequest(),
            cancellationToken));

    /// <summary><c>GET /v1/plans/{family}/versions</c>.</summary>
    public static async Task<IResult> Versions(
        Parameters<VersionPageRequest> parameters, Plans plans, HttpContext context, CancellationToken cancellationToken)
    {
        var request = parameters.Value;
        var catalogue = await plans.Catalogue(cancellationToken);
        if (catalogue.Family(request.Family) is not { } family || !Sees(context, family))
        {
            return NoSuchPlan();
        }

        var rows = catalogue.Versions
            .Where(version => version.Family == request.Family && version.Number > (request.Cursor?.Keys ?? 0))
            .Where(version => version.Status == PlanStatus.Published || IsOperator(context))
            .Take(request.Limit.RowsToFetch)
            .ToList();
        return TypedResults.Ok(Page.Of(rows, request.Limit, version => version.Number, PlanVersionRow.Of));
    }

    /// <summary><c>POST /v1/plans/{family}/versions</c>.</summary>
    public static async Task<IResult> Draft(
        Parameters<FamilyPath> parameters,
        PlanVersionRequest request,
        KeepPlans keeping,
        HttpContext context,
        CancellationToken cancellationToken) => Answer(await keeping.Draft(
            parameters.Value.Family,
            request.Content(),
            context.Caller().Actor,
            context.IdempotentRequest(),
            cancellationToken));

    /// <summary><c>PUT /v1/plans/{family}/versions/{number}</c>.</summary>
    public static async Task<IResult> Replace(
        Parameters<VersionPath> parameters,
        PlanVersionRequest request,
        KeepPlans keeping,
        HttpContext context,
        CancellationToken cancellationToken) => Answer(await keeping.Replace(
            parameters.Value.Family,
            parameters.Value.Number,
            request.Content(),
            context.Caller().Actor,
            context.IdempotentRequest(),
            cancellationToken));

    /// <summary><c>POST /v1/plans/{family}/versions/{number}/publish</c>.</summary>
    public static async Task<IResult> Publish(
        Parameters<VersionPath> parameters, KeepPlans keeping, HttpContext context, CancellationToken cancellationToken) =>
        Answer(await keeping.Publish(
            parameters.Value.Family,
            parameters.Value.Number,
            context.Caller().Actor,
            context.IdempotentRequest(),
            cancellationToken));

    private static PlanRow Row(PlanCatalogue catalogue, PlanFamily family)
    {
        var newest = catalogue.Versions.LastOrDefault(version =>
            version.Family == family.Family && version.Status == PlanStatus.Published);
        return new PlanRow(
            family.Family,
            family.Name,
            family.Description,
            family.Visibility,
            newest is null ? null : PlanVersionRow.Of(newest));
    }

    private static bool Sees(HttpContext context, PlanFamily family) =>
        family.Visibility == PlanVisibility.Public || IsOperator(context);

    private static bool IsOperator(HttpContext context) => context.Caller().Realm == Realm.Operator;

    private static IResult Answer(PlanOutcome outcome) => outcome switch
    {
        PlanOutcome.Family made => TypedResults.Created(
            $"/v1/plans/{made.Made.Family}",
            new PlanRow(made.Made.Family, made.Made.Name, made.Made.Description, made.Made.Visibility, null)),
        PlanOutcome.Version version => TypedResults.Ok(PlanVersionRow.Of(version.Made)),
        PlanOutcome.NotFound missing => new Problem(PlatformProblems.NotFound, missing.Reason),
        PlanOutcome.Conflict conflict => new Problem(PricingProblems.PlanConflict, conflict.Reason),
        PlanOutcome.InvalidEntitlement wrong => new Problem(
            PricingProblems.EntitlementSchemaInvalid, $"{wrong.Invalid.Key} ({wrong.Invalid.SchemaVersion}): {wrong.Invalid.Reason}"),
        PlanOutcome.Refused refused => new Problem(PricingProblems.PlanRefused, refused.Reason),
        _ => throw new InvalidOperationException($"Keeping a plan ended as {outcome}."),
    };

    private static Problem NoSuchPlan() => new(PlatformProblems.NotFound, "There is no such plan.");
}
