using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Quoin.Kernel;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.EndToEnd.Foundation.Platform.Http;

/// <summary>A host with the platform's pipeline and whatever endpoints a test maps, on a real socket.</summary>
internal sealed class SmallHost : IAsyncDisposable
{
    public const string CustomerKey = "customer";
    public const string OperatorKey = "operator";

    private readonly WebApplication app;

    private SmallHost(WebApplication app, LogLines log)
    {
        this.app = app;
        Log = log;
        Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false })
        {
            BaseAddress = new Uri(app.Urls.Single()),
            Timeout = TimeSpan.FromSeconds(20),
        };
    }

    public HttpClient Client { get; }

    public LogLines Log { get; }

    public static async Task<SmallHost> Start(Action<IEndpointRouteBuilder> map, Action<IServiceCollection>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        var log = new LogLines();
        builder.Logging.ClearProviders().AddProvider(log);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(provider => new IdSource(provider.GetRequiredService<TimeProvider>()));
        builder.Services.AddSingleton<ICallerSource, TwoCallers>();
        builder.Services.AddPlatformHttp();
        configure?.Invoke(builder.Services);
        var app = builder.Build();
        app.UsePlatformHttp();
        map(app);
        await app.StartAsync();
        return new SmallHost(app, log);
    }

    public Task<HttpResponseMessage> Get(string path, string? key = null) => Send(HttpMethod.Get, path, key: key);

    public Task<HttpResponseMessage> Send(HttpMethod method, string path, HttpContent? body = null, string? key = null)
    {
        var request = new HttpRequestMessage(method, path) { Content = body };
        request.Headers.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        return Client.SendAsync(request);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();

        // As a host ends: requests are over before what watches them goes.
        await app.StopAsync();
        await app.DisposeAsync();
    }

    /// <summary>Two callers: a customer who may read usage, and an operator who may do all and names no organisation.</summary>
    private sealed class TwoCallers : ICallerSource
    {
        public ValueTask<CallerOutcome> Identify(HttpContext context, CancellationToken cancellationToken)
        {
            var org = OrgId.From(new Guid("019a1b2c-3d4e-7f50-8a6b-7c8d9e0f1a2b"));
            CallerOutcome outcome = context.Request.Headers.Authorization.ToString() switch
            {
                "" => new CallerOutcome.Anonymous(),
                $"Bearer {CustomerKey}" => new CallerOutcome.Known(
                    new Caller(Realm.Organisation, "key_customer", org, new HashSet<Permission> { Permission.UsageRead })),
                $"Bearer {OperatorKey}" => new CallerOutcome.Known(
                    new Caller(Realm.Operator, "key_operator", null, new HashSet<Permission>(Permission.All))),
                _ => new CallerOutcome.Refused(PlatformProblems.Unauthenticated, "The key is not known."),
            };
            return ValueTask.FromResult(outcome);
        }
    }
}

/// <summary>Reading answers.</summary>
internal static class Answers
{
    /// <summary>The answer's problem, checked for what every problem has.</summary>
    public static async Task<JsonElement> Problem(this HttpResponseMessage response, int status, string code)
    {
        var text = await response.Content.ReadAsStringAsync();
        ((int)response.StatusCode).ShouldBe(status, text);
        response.Content.Headers.ContentType!.ToString().ShouldBe("application/problem+json", text);
        var problem = JsonDocument.Parse(text).RootElement;
        problem.GetProperty("code").GetString().ShouldBe(code);
        problem.GetProperty("status").GetInt32().ShouldBe(status);
        problem.GetProperty("request_id").GetString().ShouldBe(response.Headers.GetValues("X-Request-Id").Single());
        return problem;
    }

    /// <summary>What the problem says is wrong in this case.</summary>
    public static string Detail(this JsonElement problem) => problem.GetProperty("detail").GetString()!;
}
