using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Quoin.Tests.Support;

/// <summary>A request as it arrived.</summary>
internal sealed record Received(string Path, string Id, long Timestamp, string Signature, string Body)
{
    public JsonNode Json => JsonNode.Parse(Body)!;

    /// <summary>Verifies as a receiver does, with nothing of ours: any of the signatures may fit.</summary>
    public bool IsSignedWith(string secret)
    {
        var key = Convert.FromBase64String(secret["whsec_".Length..]);
        var text = string.Create(CultureInfo.InvariantCulture, $"{Id}.{Timestamp}.{Body}");
        var expected = Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)));
        return Signature.Split(' ').Contains("v1," + expected, StringComparer.Ordinal);
    }
}

/// <summary>A customer's small program that takes webhooks, on a real socket.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly WebApplication app;

    private Receiver(WebApplication app) => this.app = app;

    /// <summary>Where it is; any path below is its own.</summary>
    public string Url(string path = "/hooks") => app.Urls.First() + path;

    /// <summary>What it got, in order.</summary>
    public ConcurrentQueue<Received> Requests { get; } = new();

    /// <summary>What it answers; 204 unless a test wants something else.</summary>
    public Func<HttpContext, Task> Answer { get; set; } = context =>
    {
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    };

    public static async Task<Receiver> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var receiver = new Receiver(app);
        app.Run(receiver.Take);
        await app.StartAsync();
        return receiver;
    }

    /// <summary>Answers a status, with a text where one is given.</summary>
    public void AnswerWith(int status, string? text = null) => Answer = async context =>
    {
        context.Response.StatusCode = status;
        if (text is not null)
        {
            await context.Response.WriteAsync(text);
        }
    };

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await app.StopAsync(now.Token);
        await app.DisposeAsync();
    }

    private async Task Take(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var headers = context.Request.Headers;
        Requests.Enqueue(new Received(
            context.Request.Path,
            headers["webhook-id"].ToString(),
            long.Parse(headers["webhook-timestamp"].ToString(), CultureInfo.InvariantCulture),
            headers["webhook-signature"].ToString(),
            await reader.ReadToEndAsync()));
        await Answer(context);
    }
}
