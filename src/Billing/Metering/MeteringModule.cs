using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Quoin.Metering.Internal;
using Quoin.Platform;

namespace Quoin.Metering;

/// <summary>Metering's table of contents: facts of usage, no prices.</summary>
public static class MeteringModule
{
    /// <summary>Adds Metering to the host. Needs Platform and Accounts.</summary>
    public static IServiceCollection AddMetering(this IServiceCollection services)
    {
        services.AddSingleton<MeterCatalogue>();
        services.AddSingleton<UnratedFolds>();
        services.AddSingleton<UsageQueries>();
        services.AddSingleton<EventQueries>();
        services.AddSingleton<FoldOrigins>();
        services.AddSingleton<CountedEvents>();
        services.AddSingleton<MinuteUsage>();
        services.AddSingleton<SearchEvents>();
        services.AddSingleton<RederiveUsage>();
        services.AddSingleton(provider => new Metering(
            provider.GetRequiredService<UnratedFolds>(),
            provider.GetRequiredService<UsageQueries>(),
            provider.GetRequiredService<EventQueries>(),
            provider.GetRequiredService<CountedEvents>(),
            provider.GetRequiredService<MeterCatalogue>(),
            provider.GetRequiredService<Ingest>()));
        services.AddSingleton<DefineMeters>();
        services.AddSingleton(provider => new Meters(provider.GetRequiredService<DefineMeters>()));
        services.AddSingleton<AmendEvent>();
        services.AddSingleton(provider => new UsageTrail(
            provider.GetRequiredService<FoldOrigins>(), provider.GetRequiredService<RederiveUsage>()));
        services.AddSingleton<Ingest>();
        services.AddHostedService<EventMonths>();
        services.AddSingleton<IDueWork, AccrueLevels>();
        return services;
    }

    /// <summary>Adds Metering's endpoints.</summary>
    public static IEndpointRouteBuilder MapMetering(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/v1").WithTags("Metering");
        MapEvents(api);
        MapAmendments(api);
        MapMeters(api);
        return routes;
    }

    private static void MapEvents(RouteGroupBuilder api)
    {
        api.MapPost("/events", IngestEndpoint.Handle)
            .WithName("sendEvents")
            .WithSummary("Send usage events: CloudEvents 1.0, one or a batch")
            .WithDescription("Durable before it answers. The same source and id counts once, for ever.")
            .Accepts<object>(IngestEndpoint.BatchMedia, IngestEndpoint.StructuredMedia, "application/json")
            .Produces(StatusCodes.Status202Accepted, contentType: "application/json")
            .LimitsBody(Limits.BodyBytesReadMax)
            .MayAnswer(
                MeteringProblems.InvalidEvent,
                MeteringProblems.UnknownMeter,
                MeteringProblems.InvalidQuantity,
                MeteringProblems.EventInFuture,
                MeteringProblems.EventOrganisationNotFound,
                MeteringProblems.EventSourceReserved,
                MeteringProblems.EventConflict,
                MeteringProblems.BatchTooLarge,
                MeteringProblems.IngestOverloaded)
            .ShowsBody(IngestEndpoint.ExampleJson)
            .Idempotent()
            .RequiresWithoutOrg(Permission.EventsWrite);
        api.MapGet("/events", ReadEvents.List)
            .WithName("listEvents")
            .WithSummary("List or search events, newest first")
            .Produces<Page<EventRow>>()
            .Requires(Permission.UsageRead);
        api.MapGet("/events/{event}", ReadEvents.One)
            .WithName("getEvent")
            .WithSummary("Show one event as it was stored")
            .Produces<EventRow>()
            .Requires(Permission.UsageRead);
        api.MapGet("/usage", ReadUsage.Usage)
            .WithName("getUsage")
            .WithSummary("Show usage from minutes to months, by dimension; also as CSV")
            .Produces<UsageAnswer>()
            .MayAnswer(MeteringProblems.InvalidRange)
            .Requires(Permission.UsageRead);
    }

    private static void MapAmendments(RouteGroupBuilder api)
    {
        api.MapPost("/events/{event}/void", AmendEndpoints.Void)
            .WithName("voidEvent")
            .WithSummary("Take an event back")
            .WithDescription("Its usage is folded again, negatively. The event stays and says what became of it.")
            .Produces<AmendmentRow>()
            .LimitsBody(Limits.AmendBodyBytesMax)
            .MayAnswer(MeteringProblems.InvalidEvent, MeteringProblems.EventSourceReserved, MeteringProblems.EventAmended)
            .Idempotent()
            .Requires(Permission.EventsWrite);
        api.MapPost("/events/{event}/correct", AmendEndpoints.Correct)
            .WithName("correctEvent")
            .WithSummary("Replace an event by one that says what it should have said")
            .Produces<AmendmentRow>()
            .LimitsBody(Limits.AmendBodyBytesMax)
            .MayAnswer(
                MeteringProblems.InvalidEvent,
                MeteringProblems.UnknownMeter,
                MeteringProblems.InvalidQuantity,
                MeteringProblems.EventInFuture,
                MeteringProblems.EventSourceReserved,
                MeteringProblems.EventAmended)
            .Idempotent()
            .Requires(Permission.EventsWrite);
    }

    private static void MapMeters(RouteGroupBuilder api)
    {
        api.MapGet("/meters", ReadMeters.List)
            .WithName("listMeters")
            .WithSummary("List the meters")
            .Produces<Page<MeterRow>>()
            .RequiresWithoutOrg(Permission.UsageRead);
        api.MapGet("/meters/{meter}", ReadMeters.One)
            .WithName("getMeter")
            .WithSummary("Show a meter and its versions")
            .Produces<MeterRow>()
            .RequiresWithoutOrg(Permission.UsageRead);
        api.MapPost("/meters", MeterEndpoints.Create)
            .WithName("createMeters")
            .WithSummary("Define meters, all or none")
            .WithDescription("Aggregation and unit never change; what a meter reads may, by further versions.")
            .Produces<Page<MeterRow>>(StatusCodes.Status201Created)
            .LimitsBody(Limits.MeterBodyBytesMax)
            .MayAnswer(MeteringProblems.MeterRefused, MeteringProblems.MeterTaken)
            .Idempotent()
            .RequiresWithoutOrg(Permission.MetersWrite);
        api.MapPost("/meters/{meter}/versions", MeterEndpoints.AddVersion)
            .WithName("addMeterVersion")
            .WithSummary("Change what a meter reads, from an instant ahead on")
            .Produces<MeterRow>(StatusCodes.Status201Created)
            .LimitsBody(Limits.MeterBodyBytesMax)
            .MayAnswer(MeteringProblems.MeterRefused)
            .Idempotent()
            .RequiresWithoutOrg(Permission.MetersWrite);
    }
}
