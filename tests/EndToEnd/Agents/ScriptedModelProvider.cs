using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Quoin.Tests.EndToEnd.Agents;

/// <summary>A request as a provider saw it.</summary>
/// <param name="Path">Where to.</param>
/// <param name="Headers">With what.</param>
/// <param name="Body">What was sent.</param>
public sealed record SeenRequest(string Path, IReadOnlyDictionary<string, string> Headers, string Body);

/// <summary>A provider of models that does what a test says, over a real socket.</summary>
public sealed class ScriptedModelProvider : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly ConcurrentQueue<SeenRequest> seen = new();

    private ScriptedModelProvider(WebApplication app) => this.app = app;

    /// <summary>Where it listens.</summary>
    public Uri Address => new(app.Urls.First());

    /// <summary>What it was asked so far.</summary>
    public IReadOnlyList<SeenRequest> Seen => [.. seen];

    /// <summary>Starts one.</summary>
    /// <param name="answer">Answers each request.</param>
    public static async Task<ScriptedModelProvider> Start(Func<HttpContext, string, Task> answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var provider = new ScriptedModelProvider(app);
        app.Run(async context =>
        {
            var body = await new StreamReader(context.Request.Body).ReadToEndAsync();
            var headers = context.Request.Headers.ToDictionary(
                header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
            provider.seen.Enqueue(new SeenRequest(context.Request.Path + context.Request.QueryString, headers, body));
            await answer(context, body);
        });
        await app.StartAsync();
        return provider;
    }

    /// <summary>Answers with a body.</summary>
    public static async Task Plain(HttpContext context, string body, int status = 200)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(body);
    }

    /// <summary>Sends pieces of a stream, each at once.</summary>
    public static async Task Stream(HttpContext context, params string[] pieces)
    {
        context.Response.ContentType = "text/event-stream";
        foreach (var piece in pieces)
        {
            await context.Response.WriteAsync(piece);
            await context.Response.Body.FlushAsync();
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await app.StopAsync(new CancellationToken(canceled: true));
        await app.DisposeAsync();
    }
}
