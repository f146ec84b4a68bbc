using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Quoin.StripeSimulator.Api;
using Quoin.StripeSimulator.Internal;

namespace Quoin.StripeSimulator.Hosting;

/// <summary>The socket: takes calls off the wire and puts answers on it.</summary>
internal static class SimulatorHost
{
    private const string DefaultVersion = Simulator.ApiVersion;

    /// <summary>The web application, not started.</summary>
    public static WebApplication Build(World world, ApiServer api)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = Limits.BodyBytesMax;
            kestrel.Listen(IPAddress.Loopback, world.Options.Port);
        });
        builder.Services.AddRoutingCore();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        var app = builder.Build();
        app.UseRouting();
        app.MapMethods("/v1/{**path}", ["GET", "POST", "DELETE"], context => Serve(api, context));
        new Pages.PageEndpoints(world).Map(app);
        new ControlEndpoints(world, api).Map(app);
        return app;
    }

    private static async Task Serve(ApiServer api, HttpContext context)
    {
        ApiRequest request;
        try
        {
            request = await Read(context.Request);
        }
        catch (ApiException refusal)
        {
            await Write(context, ApiAnswer.Of(refusal, "req_malformed"));
            return;
        }

        var answer = await api.Answer(request, context.RequestAborted);
        if (answer is null)
        {
            context.Abort();
            return;
        }

        await Write(context, answer);
    }

    private static async Task Write(HttpContext context, ApiAnswer answer)
    {
        var response = context.Response;
        response.StatusCode = answer.Status;
        response.ContentType = "application/json";
        response.Headers["Request-Id"] = answer.RequestId;
        response.Headers["Stripe-Version"] = context.Request.Headers["Stripe-Version"] is { Count: > 0 } version
            ? version : DefaultVersion;
        response.Headers.CacheControl = "no-cache, no-store";
        if (context.Request.Headers["Idempotency-Key"] is { Count: > 0 } key)
        {
            response.Headers["Idempotency-Key"] = key;
        }

        foreach (var (name, value) in answer.Headers)
        {
            response.Headers[name] = value;
        }

        await response.WriteAsync(answer.Body, CancellationToken.None);
    }

    private static async Task<ApiRequest> Read(HttpRequest request)
    {
        var headers = request.Headers;
        var query = request.QueryString.Value;
        var (form, file) = request.HasFormContentType
            && request.ContentType!.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase)
            ? await ReadMultipart(request)
            : (Form.Read(query, await ReadText(request)), null);
        return new ApiRequest(request.Method, request.Path.Value ?? "/", form)
        {
            SecretKey = SecretKeyOf(headers.Authorization.ToString()),
            IdempotencyKey = headers["Idempotency-Key"].FirstOrDefault(),
            Version = headers["Stripe-Version"].FirstOrDefault(),
            File = file,
        };
    }

    private static async Task<(Form Form, (string, string, byte[])? File)> ReadMultipart(HttpRequest request)
    {
        var parts = await request.ReadFormAsync();
        var form = Form.Of(parts.Select(part => (part.Key, part.Value.ToString())));
        if (parts.Files.Count == 0)
        {
            return (form, null);
        }

        using var bytes = new MemoryStream();
        await parts.Files[0].CopyToAsync(bytes);
        return (form, (parts.Files[0].FileName, parts.Files[0].ContentType, bytes.ToArray()));
    }

    private static async Task<string> ReadText(HttpRequest request)
    {
        using var reader = new StreamReader(request.Body);
        return await reader.ReadToEndAsync();
    }

    private static string? SecretKeyOf(string authorization)
    {
        if (authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            return authorization["Bearer ".Length..].Trim();
        }

        if (!authorization.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var bytes = new byte[authorization.Length];
        return Convert.TryFromBase64String(authorization["Basic ".Length..].Trim(), bytes, out var count)
            ? Encoding.UTF8.GetString(bytes, 0, count).Split(':')[0]
            : null;
    }
}
