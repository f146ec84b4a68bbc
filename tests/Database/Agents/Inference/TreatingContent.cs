using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Npgsql;
using Quoin.Inference;
using Quoin.Kernel;
using Quoin.Platform;
using Quoin.Pricing;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Agents.Inference;

/// <summary>A gateway with the demo models and a redactor that takes a second for each text, by a clock that a test moves.</summary>
public sealed class ContentGateway : IAsyncLifetime
{
    private readonly TestDatabase database = new();

    public SettableClock Clock { get; } = new(new DateTimeOffset(2026, 3, 10, 12, 0, 0, TimeSpan.Zero));

    public TestHost Host { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        await database.InitializeAsync();
        Host = await TestHost.Start(database, "api", Clock, configure: services =>
        {
            services.Replace(ServiceDescriptor.Singleton(new InferenceOptions { Demo = true }));
            services.AddSingleton<IContentRedactor>(new SlowRedactor(Clock));
        });
        await Host.PublishPrices(
            new NewPrice("llm.input_tokens", Dimensions.Of("model", "demo-echo"), 2m, 1_000_000m, null),
            new NewPrice("llm.output_tokens", Dimensions.Of("model", "demo-echo"), 10m, 1_000_000m, null));
    }

    public async Task DisposeAsync()
    {
        await Host.DisposeAsync();
        await database.DisposeAsync();
    }

    private sealed class SlowRedactor(SettableClock clock) : IContentRedactor
    {
        public string Name => "slow";

        public string Redact(string text)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return text;
        }
    }
}

/// <summary>What an organisation says of the content of its calls holds for what is there already, and for all of a request.</summary>
public sealed class TreatingContent(ContentGateway gateway) : IClassFixture<ContentGateway>, IAsyncLifetime
{
    private readonly SettableClock clock = gateway.Clock;
    private readonly TestHost host = gateway.Host;
    private TestOrganisation org = null!;
    private HttpClient client = null!;
    private HttpClient desk = null!;

    public async Task InitializeAsync()
    {
        org = await host.CreateOrganisation();
        client = host.Client(org.Key);
        desk = await host.OperatorClient();
    }

    public Task DisposeAsync()
    {
        client.Dispose();
        desk.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Fewer_days_hold_for_what_is_kept_already()
    {
        await Set("""{"days_kept":30}""");
        var old = await Ask("old");
        clock.Advance(TimeSpan.FromDays(3));
        var young = await Ask("young");
        await Set("""{"days_kept":2}""");

        (await IsShown(old)).ShouldBeFalse();
        (await IsShown(young)).ShouldBeTrue();
        await host.Get<ContentRetention>().Purge(CancellationToken.None);
        (await Rows("inference.contents")).ShouldBe(1);
    }

    [Fact]
    public async Task What_was_kept_before_keeping_was_turned_off_never_comes_back()
    {
        await Set("""{"days_kept":30}""");
        var before = await Ask("before");
        clock.Advance(TimeSpan.FromSeconds(1));
        await Set("{}");
        await Set("""{"days_kept":30}""");
        clock.Advance(TimeSpan.FromSeconds(1));
        var after = await Ask("after");

        (await IsShown(before)).ShouldBeFalse();
        (await IsShown(after)).ShouldBeTrue();
        await host.Get<ContentRetention>().Purge(CancellationToken.None);
        (await Rows("inference.contents")).ShouldBe(1);
    }

    [Fact]
    public async Task An_answer_is_given_again_for_no_longer_than_is_said_now()
    {
        await Set("""{"cached_seconds":600}""");
        await Ask("once more");
        clock.Advance(TimeSpan.FromSeconds(60));
        (await IsGivenAgain("once more")).ShouldBeTrue();
        await Set("""{"cached_seconds":30}""");

        await host.Get<ContentRetention>().Purge(CancellationToken.None);

        (await Rows("inference.cached_answers")).ShouldBe(0);
        (await IsGivenAgain("once more")).ShouldBeFalse();
    }

    [Fact]
    public async Task What_was_given_again_before_that_was_turned_off_never_comes_back()
    {
        await Set("""{"cached_seconds":600}""");
        await Ask("once more");
        clock.Advance(TimeSpan.FromSeconds(1));
        await Set("{}");
        await Set("""{"cached_seconds":600}""");
        clock.Advance(TimeSpan.FromSeconds(1));

        (await IsGivenAgain("once more")).ShouldBeFalse();
        clock.Advance(TimeSpan.FromSeconds(1));
        (await IsGivenAgain("once more")).ShouldBeTrue();
    }

    [Fact]
    public async Task An_answer_that_is_given_again_is_journalled_as_one()
    {
        await Set("""{"cached_seconds":600}""");
        var first = await Ask("once more");
        clock.Advance(TimeSpan.FromSeconds(1));
        var second = await Ask("once more");

        var shown = JsonNode.Parse(await client.GetStringAsync($"/v1/requests/{second}"))!;
        var again = await host.Get<ContentDesk>().Again(org.Id, Id.Parse<CallId>(second), CancellationToken.None);

        shown["admitted_ms"].ShouldNotBeNull();
        shown["first_byte_ms"].ShouldNotBeNull();
        again.ShouldNotBeNull().AnsweredAs.ToString().ShouldBe(first);
        again.SavedMicros.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task All_guard_work_of_a_request_together_has_one_end()
    {
        await Set("""{"guard":{"redacts":["slow"]}}""");

        var (few, _) = await Send("one", "two");
        var (many, problem) = await Send("one", "two", "three", "four", "five", "six");

        few.ShouldBe(HttpStatusCode.OK);
        many.ShouldBe(HttpStatusCode.BadRequest);
        ((string)problem["error"]!["code"]!).ShouldBe("content_refused");
        ((string)problem["error"]!["message"]!).ShouldContain("send less at once");
    }

    [Fact]
    public async Task Whoever_may_not_call_is_refused_before_anything_is_looked_through()
    {
        await Set("""{"guard":{"denied":["alpha"]}}""");
        using var made = await desk.SendAs(
            HttpMethod.Post, "/v1/inference/keys", org.Id, """{"label":"narrow","rules":{"models":["other"]}}""");
        var secret = (string)(await made.Content.ReadFromJsonAsync<JsonNode>())!["secret"]!;
        using var narrow = host.Client(secret);

        using var answer = await narrow.PostAsJsonAsync("/v1/chat/completions", Body("alpha"));

        ((string)(await answer.Content.ReadFromJsonAsync<JsonNode>())!["error"]!["code"]!).ShouldBe("model_not_allowed");
    }

    private async Task Set(string policy)
    {
        using var answer = await desk.SendAs(HttpMethod.Put, "/v1/inference/content-policy", org.Id, policy);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
    }

    private async Task<string> Ask(string text)
    {
        using var answer = await client.PostAsJsonAsync("/v1/chat/completions", Body(text));
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return answer.Headers.GetValues("x-request-id").Single();
    }

    private async Task<bool> IsGivenAgain(string text)
    {
        using var answer = await client.PostAsJsonAsync("/v1/chat/completions", Body(text));
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return answer.Headers.Contains("x-quoin-cache");
    }

    private async Task<(HttpStatusCode Status, JsonNode Answer)> Send(params string[] texts)
    {
        using var answer = await client.PostAsJsonAsync("/v1/chat/completions", Body(texts));
        return (answer.StatusCode, (await answer.Content.ReadFromJsonAsync<JsonNode>())!);
    }

    private async Task<bool> IsShown(string call)
    {
        using var answer = await desk.SendAs(HttpMethod.Get, $"/v1/requests/{call}/content", org.Id);
        return answer.StatusCode == HttpStatusCode.OK;
    }

    private async Task<long> Rows(string table)
    {
        await using var command = host.Get<NpgsqlDataSource>().CreateCommand($"select count(*) from {table} where org_id = $1");
        command.Parameters.AddWithValue(org.Id.Value);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static object Body(params string[] texts) => new
    {
        model = "demo-echo",
        max_tokens = 50,
        messages = texts.Select(text => new { role = "user", content = text }),
    };
}
