using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Accounts;

/// <summary>
/// One replica of Accounts on a real socket, behind the real gate: a test class's first one by default. Two on one
/// database and one clock are two replicas.
/// </summary>
internal sealed class AccountsHost : IAsyncDisposable
{
    private readonly WebApplication app;

    private AccountsHost(WebApplication app, SettableClock clock)
    {
        this.app = app;
        Clock = clock;
        Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
        {
            BaseAddress = new Uri(app.Urls.Single()),
            Timeout = TimeSpan.FromSeconds(20),
        };
    }

    public SettableClock Clock { get; }

    public HttpClient Client { get; }

    public Organisations Organisations => app.Services.GetRequiredService<Organisations>();

    public Keys Keys => app.Services.GetRequiredService<Keys>();

    public Operators Operators => app.Services.GetRequiredService<Operators>();

    public AuditLog Audit => app.Services.GetRequiredService<AuditLog>();

    public static async Task<AccountsHost> Start(TestDatabase database, SettableClock? clock = null)
    {
        var time = clock ?? new SettableClock();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Error).AddSimpleConsole();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(database.App);
        builder.Services.AddSingleton<TimeProvider>(time);
        builder.Services.AddSingleton(new IdSource(time));
        builder.Services.AddSingleton(MasterKeys.Given(Convert.ToBase64String(new byte[32])));
        builder.Services.AddPlatform();
        builder.Services.AddPlatformHttp();
        builder.Services.AddAccounts();
        var app = builder.Build();
        app.UsePlatformHttp();
        app.MapAccounts();
        app.MapMethods("/v1/whoami", ["GET", "POST"], WhoAmI).RequiresWithoutOrg(Permission.UsageRead);
        await app.StartAsync();
        return new AccountsHost(app, time);
    }

    private static string WhoAmI(HttpContext context)
    {
        var caller = context.Caller();
        return $"{caller.Realm} {caller.Actor} {caller.Org}";
    }

    public Task<HttpResponseMessage> Get(string path, string? key = null, OrgId? org = null) =>
        Send(HttpMethod.Get, path, key, org);

    public Task<HttpResponseMessage> Post(
        string path, object body, string? key = null, OrgId? org = null, string? idempotencyKey = null)
    {
        var content = JsonContent.Create(body, options: JsonConventions.Options);
        return Send(HttpMethod.Post, path, key, org, content, idempotencyKey);
    }

    public Task<HttpResponseMessage> Delete(string path, string? key = null, OrgId? org = null) =>
        Send(HttpMethod.Delete, path, key, org);

    public async Task<HttpResponseMessage> Send(
        HttpMethod method,
        string path,
        string? key = null,
        OrgId? org = null,
        HttpContent? body = null,
        string? idempotencyKey = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body };
        request.Headers.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        if (org is { } named)
        {
            request.Headers.Add("Quoin-Org", named.ToString());
        }

        if (idempotencyKey is not null)
        {
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        }

        return await Client.SendAsync(request);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await app.StopAsync();
        await app.DisposeAsync();
    }
}

/// <summary>Reading answers.</summary>
internal static class Answers
{
    /// <summary>A good answer's body.</summary>
    public static async Task<JsonElement> Json(this HttpResponseMessage response, int status = 200)
    {
        var text = await response.Content.ReadAsStringAsync();
        ((int)response.StatusCode).ShouldBe(status, text);
        return JsonElement.Parse(text);
    }

    /// <summary>A bad answer's problem.</summary>
    public static async Task<JsonElement> Problem(this HttpResponseMessage response, int status, string code)
    {
        var problem = await response.Json(status);
        problem.GetProperty("code").GetString().ShouldBe(code, problem.ToString());
        return problem;
    }
}
