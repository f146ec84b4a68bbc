using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
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
        var handler = Visitors.From(Visitors.Of(clock));
        (handler.AllowAutoRedirect, handler.UseCookies) = (false, false);
        Client = new HttpClient(handler)
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

    public OrganisationLife Life => app.Services.GetRequiredService<OrganisationLife>();

    public Users Users => app.Services.GetRequiredService<Users>();

    /// <summary>The mails this replica was asked to send.</summary>
    public RecordedMails Mails => (RecordedMails)app.Services.GetRequiredService<IMails>();

    public Flags Flags => app.Services.GetRequiredService<Flags>();

    public Banners Banners => app.Services.GetRequiredService<Banners>();

    public Devices Devices => app.Services.GetRequiredService<Devices>();

    public Impersonations Impersonations => app.Services.GetRequiredService<Impersonations>();

    public AuditLog Audit => app.Services.GetRequiredService<AuditLog>();

    /// <summary>What the job that deletes people does.</summary>
    public Task FinishDeletions() => app.Services.GetRequiredService<PeopleDirectory>().FinishDeletions(default);

    public static async Task<AccountsHost> Start(
        TestDatabase database,
        SettableClock? clock = null,
        AccountsOptions? options = null,
        ITxtRecords? txt = null,
        IBillingAccountUse? use = null,
        ProofOptions? proofs = null)
    {
        var time = clock ?? new SettableClock();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Error).AddSimpleConsole();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(database.App);
        builder.Services.AddSingleton<TimeProvider>(time);
        builder.Services.AddSingleton(new IdSource(time));
        // The tests call the acts of background jobs by name; a job of its own in between would race with what they expect.
        builder.Services.AddSingleton(new HostRoles(Api: true, Worker: false, Gateway: false));
        builder.Services.AddSingleton(MasterKeys.Given(Convert.ToBase64String(new byte[32])));
        builder.Services.AddPlatform();
        builder.Services.AddPlatformHttp();
        builder.Services.AddSingleton(options ?? new AccountsOptions { SignUp = SignUpPolicy.Open });
        builder.Services.AddSingleton<IMails>(new RecordedMails());
        if (txt is not null)
        {
            builder.Services.AddSingleton(txt);
        }

        if (proofs is not null)
        {
            builder.Services.AddSingleton(proofs);
        }

        if (use is not null)
        {
            builder.Services.AddSingleton(use);
        }

        builder.Services.AddAccounts();
        var app = builder.Build();
        app.UsePlatformHttp();
        app.MapAccounts();
        app.MapMethods("/v1/whoami", ["GET", "POST"], WhoAmI).RequiresWithoutOrg(Permission.UsageRead);
        app.MapPost("/v1/recorded", Record).RequiresWithoutOrg(Permission.UsageRead);
        await app.StartAsync();
        return new AccountsHost(app, time);
    }

    // Any act of any module, as the log sees it.
    private static async Task Record(HttpContext context, IAudit audit, NpgsqlDataSource database)
    {
        var caller = context.Caller();
        await using var connection = await database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await audit.Record(transaction, new AuditEntry(caller.Org, caller.Actor, "thing.done", "thing_1"), default);
        await transaction.CommitAsync();
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

    /// <summary>Sends a form as a page of ours does, with the cookies a browser would bring.</summary>
    public async Task<HttpResponseMessage> Submit(
        string path, string? cookie = null, params (string Name, string Value)[] fields)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))),
        };
        request.Headers.Add("Origin", Client.BaseAddress!.ToString().TrimEnd('/'));
        if (cookie is not null)
        {
            request.Headers.Add("Cookie", cookie);
        }

        return await Client.SendAsync(request);
    }

    /// <summary>Signs somebody up, to the end.</summary>
    /// <returns>Their session's cookie.</returns>
    public async Task<string> SignUp(string email, string password)
    {
        await Submit("/sign-up", null, ("name", "Somebody"), ("email", email), ("password", password));
        var token = Mails.LinkTo(email).Split("token=")[1];
        return (await Submit("/verify-email", null, ("token", token), ("password", password))).Cookie();
    }

    /// <summary>Asks for something with a cookie.</summary>
    public async Task<HttpResponseMessage> GetWith(string cookie, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("Cookie", cookie);
        return await Client.SendAsync(request);
    }

    /// <summary>Sends something with a cookie, as a page of ours does.</summary>
    public async Task<HttpResponseMessage> SendWith(HttpMethod method, string cookie, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Content = body is null ? null : JsonContent.Create(body, options: JsonConventions.Options);
        request.Headers.Add("Origin", Client.BaseAddress!.ToString().TrimEnd('/'));
        request.Headers.Add("Cookie", cookie);
        return await Client.SendAsync(request);
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

/// <summary>Takes mails as they are written, whether or not what they tell of is committed.</summary>
internal sealed class RecordedMails : IMails
{
    private readonly ConcurrentQueue<Mail> mails = new();

    public Task Send(NpgsqlTransaction transaction, Mail mail, CancellationToken cancellationToken)
    {
        mails.Enqueue(mail);
        return Task.CompletedTask;
    }

    public void Hint()
    {
    }

    /// <summary>The mails to an address, oldest first.</summary>
    public IReadOnlyList<Mail> To(string address) => [.. mails.Where(mail => mail.To == address)];

    /// <summary>The path and query of the link in the newest mail to an address.</summary>
    public string LinkTo(string address)
    {
        var line = To(address)[^1].Text.Split('\n').Last(line => line.Contains("://", StringComparison.Ordinal));
        return new Uri(line[line.IndexOf("http", StringComparison.Ordinal)..].Trim()).PathAndQuery;
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

    /// <summary>The session a page gave.</summary>
    public static string Cookie(this HttpResponseMessage response, string name = "quoin_session") =>
        response.Headers.GetValues("Set-Cookie").Single(cookie => cookie.StartsWith($"{name}=", StringComparison.Ordinal))
            .Split(';')[0];

    /// <summary>A page without the lines that hold a word.</summary>
    public static string Without(this string page, string word) =>
        string.Join('\n', page.Split('\n').Where(line => !line.Contains(word, StringComparison.Ordinal)));

    /// <summary>A page's HTML.</summary>
    public static async Task<string> Page(this HttpResponseMessage response, int status = 200)
    {
        var text = await response.Content.ReadAsStringAsync();
        ((int)response.StatusCode).ShouldBe(status, text);
        return text;
    }

    /// <summary>A bad answer's problem.</summary>
    public static async Task<JsonElement> Problem(this HttpResponseMessage response, int status, string code)
    {
        var problem = await response.Json(status);
        problem.GetProperty("code").GetString().ShouldBe(code, problem.ToString());
        return problem;
    }
}
