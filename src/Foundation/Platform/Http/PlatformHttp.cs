using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Quoin.Platform;

/// <summary>The HTTP side of every host: the pipeline each request passes, and the endpoints that are no module's own.</summary>
public static class PlatformHttp
{
    /// <summary>Registers what the pipeline needs. <see cref="ICallerSource"/> comes from Accounts.</summary>
    public static IServiceCollection AddPlatformHttp(this IServiceCollection services)
    {
        services.Configure<JsonOptions>(json => JsonConventions.Apply(json.SerializerOptions));

        // Binding failures become exceptions, so that they end in the one place that makes problems of them.
        services.Configure<RouteHandlerOptions>(handlers => handlers.ThrowOnBadRequest = true);
        services.AddRequestDecompression();
        services.AddSingleton(_ => ProblemCatalog.Read());
        ApiDocument.Register(services);
        services.AddSingleton<ApiPage>();
        services.AddSingleton<EndpointCheck>();
        services.AddHostedService(provider => provider.GetRequiredService<EndpointCheck>());
        return services;
    }

    /// <summary>
    /// Builds the pipeline: names and answers, routing, expanding of bodies, the gate. First in the host, before
    /// anything else is used or mapped.
    /// </summary>
    public static WebApplication UsePlatformHttp(this WebApplication app)
    {
        app.Services.GetRequiredService<EndpointCheck>().Sources = ((IEndpointRouteBuilder)app).DataSources;
        app.UseMiddleware<RequestPipeline>();
        app.UseRouting();
        app.Use(ContentEncoding.Check);
        app.UseRequestDecompression();
        app.UseMiddleware<Gate>();
        return app;
    }

    /// <summary>Maps the endpoints that are no module's own: documentation.</summary>
    public static IEndpointRouteBuilder MapPlatformHttp(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/openapi/v1.json", ApiDocument.Show).AllowsAnyone().ExcludeFromDescription();

        // The OpenAPI document describes the API, not the pages about it.
        var pages = routes.MapGroup("/docs").AllowsAnyone().ExcludeFromDescription();
        pages.MapGet("/api", ApiPage.Show);
        pages.MapGet("/errors", ErrorsPage.Show);
        pages.MapGet("/style.css", DocsAssets.ShowStyle);
        return routes;
    }
}
