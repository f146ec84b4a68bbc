using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Quoin.Payments.Stripe;
using Quoin.Platform;

namespace Quoin.Tests.Unit.Billing.Payments.Stripe;

/// <summary>What a test's Stripe was sent.</summary>
public sealed record SentRequest(
    string Method, string Path, string Query, IReadOnlyDictionary<string, string> Headers, string Body);

/// <summary>What a test's Stripe answers once.</summary>
/// <param name="Status">The status; 0 breaks the connection, -1 never answers.</param>
/// <param name="Body">The body.</param>
/// <param name="Headers">Further headers, as <c>name: value</c>.</param>
public sealed record ScriptedAnswer(int Status, string Body, params string[] Headers);

/// <summary>A listener on a real socket that answers from a script, and what it was asked.</summary>
public sealed class LoopbackStripe : IAsyncDisposable
{
    private readonly ConcurrentQueue<ScriptedAnswer> answers = new();
    private readonly ConcurrentQueue<SentRequest> requests = new();
    private readonly WebApplication app;

    private LoopbackStripe(WebApplication app) => this.app = app;

    /// <summary>What was asked, in order.</summary>
    public IReadOnlyList<SentRequest> Requests => [.. requests];

    /// <summary>Starts listening.</summary>
    public static async Task<LoopbackStripe> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.Zero);
        var server = new LoopbackStripe(builder.Build());
        server.app.Run(server.Answer);
        await server.app.StartAsync();
        return server;
    }

    /// <summary>Answers the next request so.</summary>
    public LoopbackStripe Then(int status, string body, params string[] headers)
    {
        answers.Enqueue(new ScriptedAnswer(status, body, headers));
        return this;
    }

    /// <summary>A provider that talks to this listener, fast.</summary>
    public StripeProvider Provider(TimeSpan? timeout = null) => new(
        new StripeSettings
        {
            SecretKey = "sk_test_secret",
            WebhookSecrets = ["whsec_one"],
            Address = new Uri(app.Urls.Single()),
            Timeout = timeout ?? TimeSpan.FromSeconds(10),
            RetryDelay = TimeSpan.FromMilliseconds(1),
        },
        TimeProvider.System,
        new Jitter(new Random(1)),
        NullLoggerFactory.Instance);

    /// <inheritdoc />
    public async ValueTask DisposeAsync() => await app.DisposeAsync();

    private async Task Answer(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        requests.Enqueue(new SentRequest(
            context.Request.Method,
            context.Request.Path,
            Uri.UnescapeDataString(context.Request.QueryString.Value ?? ""),
            context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            await reader.ReadToEndAsync()));
        if (!answers.TryDequeue(out var answer))
        {
            context.Response.StatusCode = 404;
            await context.Response.WriteAsync("""{"error":{"type":"invalid_request_error","message":"Nothing is scripted."}}""");
            return;
        }

        if (answer.Status <= 0)
        {
            await BreakOrHang(context, answer.Status == 0);
            return;
        }

        context.Response.StatusCode = answer.Status;
        foreach (var header in answer.Headers)
        {
            var at = header.IndexOf(':', StringComparison.Ordinal);
            context.Response.Headers[header[..at]] = header[(at + 1)..].Trim();
        }

        await context.Response.WriteAsync(answer.Body);
    }

    private static async Task BreakOrHang(HttpContext context, bool breaks)
    {
        if (!breaks)
        {
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(
                _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }

        context.Features.GetRequiredFeature<IHttpRequestLifetimeFeature>().Abort();
    }
}
