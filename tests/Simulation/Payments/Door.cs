using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Quoin.Payments;

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
        var bytes = Encoding.UTF8.GetBytes(body);
        var context = new DefaultHttpContext { RequestServices = replica };
        context.Request.Method = "POST";
        context.Request.ContentType = "application/json";
        context.Request.ContentLength = bytes.Length;
        context.Request.Body = new MemoryStream(bytes);
        context.Request.Headers["Stripe-Signature"] = $"t={seconds},v1={signature}";
        context.Response.Body = new MemoryStream();
        await Find(replica, "/v1/webhooks/stripe")(context);
        return context.Response.StatusCode;
    }

    private static RequestDelegate Find(IServiceProvider replica, string path)
    {
        lock (Gate)
        {
            endpoints ??= Build(replica);
            return endpoints[path];
        }
    }

    private static Dictionary<string, RequestDelegate> Build(IServiceProvider services)
    {
        var door = new Door(services);
        door.MapPayments();
        return door.DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .GroupBy(endpoint => endpoint.RoutePattern.RawText!, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.First().RequestDelegate!, StringComparer.Ordinal);
    }
}
