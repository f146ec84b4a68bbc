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
            .MayAnswer(PricingProblems.PriceRefused)
            .Idempotent()
            .RequiresWithoutOrg(Permission.PricesWrite);
        api.MapGet("/prices", PriceEndpoints.Prices)
            .WithName("listPrices")
            .WithSummary("List all published prices")
            .Produces<Page<PriceRow>>()
            .RequiresWithoutOrg(Permission.PricesRead);
        return routes;
    }
}
