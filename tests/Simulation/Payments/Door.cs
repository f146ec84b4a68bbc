using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Quoin.Kernel;
using Quoin.Payments;
using Quoin.Platform;

namespace Quoin.Tests.Simulation.Payments;

/// <summary>The endpoints of payments without a socket: which are built once, and serve every replica.</summary>
internal sealed class Door : IEndpointRouteBuilder
{
    private static readonly Lock Gate = new();
    private static Dictionary<string, RequestDelegate>? endpoints;

    private Door(IServiceProvider services) => ServiceProvider = services;

    /// <inheritdoc />
    public IServiceProvider ServiceProvider { get; }

    /// <inheritdoc />
    public ICollection<EndpointDataSource> DataSources { get; } = [];

    /// <inheritdoc />
    public IApplicationBuilder CreateApplicationBuilder() => new ApplicationBuilder(ServiceProvider);

    /// <summary>Sends news to a replica, signed, as the provider does.</summary>
    /// <returns>The status.</returns>
    public static async Task<int> Deliver(IServiceProvider replica, string body, string secret, DateTimeOffset now)
    {
        var seconds = now.ToUnixTimeSeconds();
        var signature = Convert.ToHexStringLower(
            HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{seconds}.{body}")));
        var context = Request(replica, "POST", body);
        context.Request.Headers["Stripe-Signature"] = $"t={seconds},v1={signature}";
        await Find(replica, "POST /v1/webhooks/stripe")(context);
        return context.Response.StatusCode;
    }

    /// <summary>Makes a call that the program has no other door for, as an operator who may do anything.</summary>
    /// <returns>The status.</returns>
    public static async Task<int> Call(IServiceProvider replica, OrgId org, string method, string path, string id, string body)
    {
        var context = Request(replica, method, body);
        context.Request.RouteValues["id"] = id;
        context.SetCaller(new Platform.Caller(Realm.Operator, "usr_operator", org, Permission.All.ToHashSet()));
        await Find(replica, $"{method} {path}")(context);
        return context.Response.StatusCode;
    }

    private static DefaultHttpContext Request(IServiceProvider replica, string method, string body)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        var context = new DefaultHttpContext { RequestServices = replica };
        context.Request.Method = method;
        context.Request.ContentType = "application/json";
        context.Request.ContentLength = bytes.Length;
        context.Request.Body = new MemoryStream(bytes);
        context.Response.Body = new MemoryStream();
        context.Features.Set<IHttpRequestBodyDetectionFeature>(new HasBody());
        return context;
    }

    private static RequestDelegate Find(IServiceProvider replica, string call)
    {
        lock (Gate)
        {
            endpoints ??= Build(replica);
            return endpoints[call];
        }
    }

    private static Dictionary<string, RequestDelegate> Build(IServiceProvider services)
    {
        var door = new Door(services);
        door.MapPayments();
        return door.DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .ToDictionary(
                endpoint => $"{endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods[0]} {endpoint.RoutePattern.RawText}",
                endpoint => endpoint.RequestDelegate!,
                StringComparer.Ordinal);
    }

    private sealed class HasBody : IHttpRequestBodyDetectionFeature
    {
        public bool CanHaveBody => true;
    }
}
