using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Quoin.Platform;
using Quoin.Pricing.Internal;

namespace Quoin.Pricing;

/// <summary>Pricing's table of contents: price books, and rating as a pure function.</summary>
public static class PricingModule
{
    /// <summary>Adds Pricing to the host. Needs Platform and Accounts.</summary>
    public static IServiceCollection AddPricing(this IServiceCollection services)
    {
        services.AddSingleton<PriceBooks>();
        services.AddSingleton<Plans>();
        services.AddSingleton(provider => provider.GetRequiredService<PriceBooks>().Drafts);
        services.AddSingleton(provider => provider.GetRequiredService<Plans>().Keeping);
        services.AddSingleton<MigrateCohort>();
        return services;
    }

    /// <summary>Adds Pricing's endpoints.</summary>
    public static IEndpointRouteBuilder MapPricing(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/v1").WithTags("Pricing").LimitsBody(Limits.BodyBytesMax);
        api.MapPost("/price-books", PriceEndpoints.CreateBook)
            .WithName("createPriceBook")
            .WithSummary("Create an empty price book")
            .Produces<PriceBook>(StatusCodes.Status201Created)
            .MayAnswer(PricingProblems.PriceRefused, PricingProblems.PriceBookTaken)
            .Idempotent()
            .RequiresWithoutOrg(Permission.PricesWrite);
        api.MapGet("/price-books", PriceEndpoints.Books)
            .WithName("listPriceBooks")
            .WithSummary("List price books")
            .Produces<Page<PriceBook>>()
            .RequiresWithoutOrg(Permission.PricesRead);
        api.MapPost("/price-books/{price_book}/prices", PriceEndpoints.Publish)
            .WithName("publishPrices")
            .WithSummary("Publish prices, all or none; published prices never change")
            .Produces<Page<PriceRow>>()
            .MayAnswer(PricingProblems.PriceRefused, PricingProblems.PriceBelowCost)
            .Idempotent()
            .RequiresWithoutOrg(Permission.PricesWrite);
        api.MapGet("/prices", PriceEndpoints.Prices)
            .WithName("listPrices")
            .WithSummary("List published prices")
            .Produces<Page<PriceRow>>()
            .RequiresWithoutOrg(Permission.PricesRead);
        api.MapPost("/prices/preview", PreviewPrice.Handle)
            .WithName("previewPrice")
            .WithSummary("Show what quantities would cost at a price, step by step")
            .Produces<PreviewAnswer>()
            .MayAnswer(PlatformProblems.NotFound, PricingProblems.PriceRefused)
            .RequiresWithoutOrg(Permission.PricesRead);
        MapDrafts(api);
        MapPlans(api);
        MapAssignments(api);
        return routes;
    }

    private static void MapDrafts(RouteGroupBuilder api)
    {
        api.MapPost("/price-books/{price_book}/drafts", DraftEndpoints.Create)
            .WithName("createPriceDraft")
            .WithSummary("Keep prices as a draft")
            .Produces<DraftRow>(StatusCodes.Status201Created)
            .MayAnswer(PlatformProblems.NotFound, PricingProblems.PriceRefused)
            .Idempotent()
            .RequiresWithoutOrg(Permission.PricesWrite);
        api.MapPost("/price-books/{price_book}/imports", ImportPrices.Handle)
            .WithName("importPrices")
            .WithSummary("Import a public file of model prices as a draft")
            .ShowsBody("""
                [{"id":"acme","models":[{"id":"large","match":{"equals":"large"},
                "prices":{"input_mtok":2.5,"output_mtok":{"base":10,"tiers":[{"start":200000,"price":15}]}}}]}]
                """)
            .Produces<DraftRow>(StatusCodes.Status201Created)
            .MayAnswer(PlatformProblems.NotFound, PricingProblems.PriceImportRefused, PricingProblems.PriceRefused)
            .Idempotent()
            .RequiresWithoutOrg(Permission.PricesWrite);
        api.MapGet("/price-drafts", DraftEndpoints.List)
            .WithName("listPriceDrafts")
            .WithSummary("List drafts of prices, newest first")
            .Produces<Page<DraftRow>>()
            .RequiresWithoutOrg(Permission.PricesWrite);
        api.MapGet("/price-drafts/{price_draft}", DraftEndpoints.Show)
            .WithName("getPriceDraft")
            .WithSummary("Show a draft of prices")
            .Produces<DraftRow>()
            .MayAnswer(PlatformProblems.NotFound)
            .RequiresWithoutOrg(Permission.PricesWrite);
        api.MapGet("/price-drafts/{price_draft}/diff", DraftEndpoints.Diff)
            .WithName("diffPriceDraft")
            .WithSummary("Compare a draft's prices with the published ones")
            .Produces<Page<DiffRow>>()
            .MayAnswer(PlatformProblems.NotFound)
            .RequiresWithoutOrg(Permission.PricesWrite);
        api.MapPut("/price-drafts/{price_draft}", DraftEndpoints.Replace)
            .WithName("replacePriceDraft")
            .WithSummary("Replace a draft's prices")
            .Produces<DraftRow>()
            .MayAnswer(PlatformProblems.NotFound, PricingProblems.PriceDraftClosed, PricingProblems.PriceRefused)
            .Idempotent()
            .RequiresWithoutOrg(Permission.PricesWrite);
        api.MapPost("/price-drafts/{price_draft}/publish", DraftEndpoints.Publish)
            .WithName("publishPriceDraft")
            .WithSummary("Publish what a draft changes, all or none")
            .Produces<DraftRow>()
            .MayAnswer(
                PlatformProblems.NotFound, PricingProblems.PriceDraftClosed, PricingProblems.PriceRefused, PricingProblems.PriceBelowCost)
            .Idempotent()
            .RequiresWithoutOrg(Permission.PricesWrite);
        api.MapDelete("/price-drafts/{price_draft}", DraftEndpoints.Discard)
            .WithName("discardPriceDraft")
            .WithSummary("Discard a draft of prices")
            .Produces<DraftRow>()
            .MayAnswer(PlatformProblems.NotFound, PricingProblems.PriceDraftClosed)
            .Idempotent()
            .RequiresWithoutOrg(Permission.PricesWrite);
    }

    private static void MapPlans(RouteGroupBuilder api)
    {
        api.MapGet("/plans", PlanEndpoints.List)
            .WithName("listPlans")
            .WithSummary("List plans with their newest versions")
            .Produces<Page<PlanRow>>()
            .RequiresWithoutOrg(Permission.PlansRead);
        api.MapGet("/plans/{family}", PlanEndpoints.Show)
            .WithName("getPlan")
            .WithSummary("Show a plan with its newest version")
            .Produces<PlanRow>()
            .MayAnswer(PlatformProblems.NotFound)
            .RequiresWithoutOrg(Permission.PlansRead);
        api.MapPost("/plans", PlanEndpoints.Make)
            .WithName("createPlan")
            .WithSummary("Make a plan, without a version yet")
            .Produces<PlanRow>(StatusCodes.Status201Created)
            .MayAnswer(PricingProblems.PlanRefused, PricingProblems.PlanConflict)
            .Idempotent()
            .RequiresWithoutOrg(Permission.PlansWrite);
        api.MapGet("/plans/{family}/versions", PlanEndpoints.Versions)
            .WithName("listPlanVersions")
            .WithSummary("List a plan's versions")
            .Produces<Page<PlanVersionRow>>()
            .MayAnswer(PlatformProblems.NotFound)
            .RequiresWithoutOrg(Permission.PlansRead);
        api.MapPost("/plans/{family}/versions", PlanEndpoints.Draft)
            .WithName("draftPlanVersion")
            .WithSummary("Begin a version of a plan")
            .Produces<PlanVersionRow>()
            .MayAnswer(PlatformProblems.NotFound, PricingProblems.PlanRefused, PricingProblems.EntitlementSchemaInvalid)
            .Idempotent()
            .RequiresWithoutOrg(Permission.PlansWrite);
        api.MapPut("/plans/{family}/versions/{number}", PlanEndpoints.Replace)
            .WithName("replacePlanVersion")
            .WithSummary("Replace what a draft version says")
            .Produces<PlanVersionRow>()
            .MayAnswer(
                PlatformProblems.NotFound,
                PricingProblems.PlanConflict,
                PricingProblems.PlanRefused,
                PricingProblems.EntitlementSchemaInvalid)
            .Idempotent()
            .RequiresWithoutOrg(Permission.PlansWrite);
        api.MapPost("/plans/{family}/versions/{number}/publish", PlanEndpoints.Publish)
            .WithName("publishPlanVersion")
            .WithSummary("Publish a version of a plan; it never changes afterwards")
            .Produces<PlanVersionRow>()
            .MayAnswer(PlatformProblems.NotFound, PricingProblems.PlanConflict)
            .Idempotent()
            .RequiresWithoutOrg(Permission.PlansWrite);
        api.MapPost("/plan-migrations", MigrateCohort.Handle)
            .WithName("migratePlan")
            .WithSummary("Move accounts from one version of a plan to another, or show the money it would move")
            .Produces<MigrationAnswer>()
            .MayAnswer(PlatformProblems.NotFound, PricingProblems.PlanRefused)
            .Idempotent()
            .RequiresWithoutOrg(Permission.PlansWrite);
    }

    private static void MapAssignments(RouteGroupBuilder api)
    {
        api.MapGet("/assignments", AssignmentEndpoints.List)
            .WithName("listAssignments")
            .WithSummary("List the plans and contracts an account has and had")
            .Produces<Page<AssignmentRow>>()
            .Requires(Permission.PlansRead);
        api.MapPost("/assignments", AssignmentEndpoints.Assign)
            .WithName("createAssignment")
            .WithSummary("Assign a plan or a contract to an account")
            .Produces<AssignmentRow>(StatusCodes.Status201Created)
            .MayAnswer(PlatformProblems.NotFound, PricingProblems.AssignmentRefused, PricingProblems.AssignmentOverlaps)
            .Idempotent()
            .Requires(Permission.PlansWrite);
        api.MapPost("/assignments/{assignment}/change", AssignmentEndpoints.Change)
            .WithName("changeAssignment")
            .WithSummary("Put another plan in the place of one, now or later")
            .Produces<AssignmentRow>()
            .MayAnswer(PlatformProblems.NotFound, PricingProblems.AssignmentRefused)
            .Idempotent()
            .Requires(Permission.PlansWrite);
        api.MapPost("/assignments/{assignment}/change/preview", AssignmentEndpoints.Preview)
            .WithName("previewChange")
            .WithSummary("Show the money a change of plan would move")
            .Produces<ChangePreview>()
            .MayAnswer(PlatformProblems.NotFound, PricingProblems.AssignmentRefused)
            .Requires(Permission.PlansRead);
        api.MapPost("/assignments/{assignment}/cancel", AssignmentEndpoints.Cancel)
            .WithName("cancelAssignment")
            .WithSummary("End an assignment, or withdraw one that has not begun")
            .Produces<AssignmentRow>()
            .MayAnswer(PlatformProblems.NotFound, PricingProblems.AssignmentRefused)
            .Idempotent()
            .Requires(Permission.PlansWrite);
        api.MapPost("/assignments/{assignment}/resume", AssignmentEndpoints.Resume)
            .WithName("resumeAssignment")
            .WithSummary("Take back an end that was set and has not come")
            .Produces<AssignmentRow>()
            .MayAnswer(PlatformProblems.NotFound, PricingProblems.AssignmentRefused)
            .Idempotent()
            .Requires(Permission.PlansWrite);
    }
}
