using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Npgsql;
using Quoin.Inference;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.EndToEnd.Agents;

/// <summary>
/// Nothing of prompts and answers is kept, looked through or given again unless an organisation says so; what it says holds
/// for it alone.
/// </summary>
[Collection(GatewayTests.Name)]
public sealed class KeepingContent(Gateway gateway) : IAsyncLifetime
{
    private const string Secret = "the-plan-of-march";

    private TestOrganisation org = null!;
    private HttpClient client = null!;
    private HttpClient desk = null!;

    public async Task InitializeAsync()
    {
        org = await gateway.Host.CreateOrganisation();
        client = gateway.Host.Client(org.Key);
        desk = await gateway.Host.OperatorClient();
        desk.DefaultRequestHeaders.Add("Quoin-Org", org.Id.ToString());
    }

    public Task DisposeAsync()
    {
        client.Dispose();
        desk.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Nothing_is_kept_by_default()
    {
        using var answer = await Ask(Secret);

        (await Content(answer)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await Mentions(Secret)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Content_is_kept_encrypted_and_reading_it_is_audited()
    {
        await Set(new { days_kept = 30 });
        using var answer = await Ask(Secret);
        using var stream = await Ask(Secret, isStream: true);
        var events = await stream.Content.ReadAsStringAsync();

        var kept = await (await Content(answer)).Content.ReadFromJsonAsync<JsonNode>();
        var streamed = await (await Content(stream)).Content.ReadFromJsonAsync<JsonNode>();

        ((string)kept!["request"]!).ShouldContain(Secret);
        ((string)kept["answer"]!).ShouldBe(await answer.Content.ReadAsStringAsync());
        events.ShouldStartWith((string)streamed!["answer"]!);
        (await Mentions(Secret)).ShouldBeEmpty("it is encrypted");
        var audit = await desk.GetJson("/v1/audit?action=inference_content.read");
        audit["data"]!.AsArray().Select(entry => (string)entry!["subject"]!).ShouldBe([IdOf(stream), IdOf(answer)]);
    }

    [Fact]
    public async Task Content_is_gone_once_nothing_is_to_be_kept_any_more()
    {
        await Set(new { days_kept = 30 });
        using var answer = await Ask(Secret);
        await Set(new { });

        (await Content(answer)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        await gateway.Host.Get<ContentRetention>().Purge(CancellationToken.None);
        (await Rows("select count(*) from inference.contents where org_id = $1")).ShouldBe(0);
    }

    [Fact]
    public async Task The_key_that_calls_cannot_read_what_was_said()
    {
        await Set(new { days_kept = 30 });
        using var answer = await Ask(Secret);

        using var read = await client.GetAsync($"/v1/requests/{IdOf(answer)}/content");

        read.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task The_same_request_is_answered_again_for_nothing()
    {
        await Set(new { cached_seconds = 600 });
        using var first = await Ask("once more");
        using var second = await Ask("once more");
        using var other = await Ask("once  more");
        using var fresh = await Ask("once more", noCache: true);

        (await second.Content.ReadAsStringAsync()).ShouldBe(await first.Content.ReadAsStringAsync());
        Header(second, "x-quoin-cache").ShouldBe("hit");
        Header(second, "x-quoin-cost-micros").ShouldBe("0");
        Header(second, "x-quoin-saved-micros").ShouldBe(Header(first, "x-quoin-cost-micros"));
        Header(other, "x-quoin-cache").ShouldBeNull();
        Header(fresh, "x-quoin-cache").ShouldBeNull();
        var shown = await client.GetJson($"/v1/requests/{IdOf(second)}");
        ((string)shown["cost_micros"]!).ShouldBe("0");
        var savings = await client.GetJson("/v1/inference/savings");
        ((int)savings["data"]![0]!["calls"]!).ShouldBe(1);
        ((string)savings["data"]![0]!["saved_micros"]!).ShouldBe(Header(first, "x-quoin-cost-micros"));
    }

    [Fact]
    public async Task The_same_stream_comes_again_for_nothing_and_what_broke_off_does_not()
    {
        await Set(new { cached_seconds = 600 });
        using var first = await Ask("again and again", isStream: true);
        using var second = await Ask("again and again", isStream: true);
        using var plain = await Ask("again and again");
        using var broken = await Ask("it breaks before the end", isStream: true, model: "demo-break");
        await broken.Content.ReadAsStringAsync();
        using var anew = await Ask("it breaks before the end", isStream: true, model: "demo-break");

        var (events, again) = (await first.Content.ReadAsStringAsync(), await second.Content.ReadAsStringAsync());
        again.Split(": quoin ")[0].ShouldBe(events.Split(": quoin ")[0]);
        again.ShouldContain($": quoin request_id={IdOf(second)} cost_micros=0 ");
        second.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
        Header(second, "x-quoin-cache").ShouldBe("hit");
        events.ShouldContain($"cost_micros={Header(second, "x-quoin-saved-micros")} ");
        Header(plain, "x-quoin-cache").ShouldBeNull();
        Header(anew, "x-quoin-cache").ShouldBeNull();
        ((string)(await client.GetJson($"/v1/requests/{IdOf(second)}"))["cost_micros"]!).ShouldBe("0");
    }

    [Fact]
    public async Task Nobody_is_given_anothers_answer()
    {
        await Set(new { cached_seconds = 600 });
        using var own = await Ask("to whom");
        var stranger = await gateway.Host.CreateOrganisation();
        using var strangers = gateway.Host.Client(stranger.Key);
        await Set(new { cached_seconds = 600 }, stranger);

        using var answer = await Ask("to whom", from: strangers);

        Header(answer, "x-quoin-cache").ShouldBeNull();
    }

    [Fact]
    public async Task An_answer_is_given_again_only_to_whom_the_same_models_may_answer()
    {
        const string Model = "answered-by-whom";
        await Set(new { cached_seconds = 600 });
        await Gateway.AddModel(desk, Model, ("self-openai", "demo-echo"), ("self-anthropic", "demo-echo"));
        using var first = await Ask("who are you", model: Model);
        using var second = await Ask("who are you", model: Model);

        await Gateway.AddModel(desk, Model, ("self-anthropic", "demo-echo"));
        using var elsewhere = await Ask("who are you", model: Model);

        Header(second, "x-quoin-cache").ShouldBe("hit");
        elsewhere.StatusCode.ShouldBe(HttpStatusCode.OK);
        Header(elsewhere, "x-quoin-cache").ShouldBeNull();
    }

    [Fact]
    public async Task Nobody_is_given_the_answer_of_one_whom_its_rules_do_not_allow()
    {
        const string Model = "answered-from-where";
        await Set(new { cached_seconds = 600 });
        var places = ((string[])["self-openai", "self-anthropic"]).Select(provider => new
        {
            provider,
            model = "demo-echo",
            input_tokens_max = 100_000,
            output_tokens_max = 1_000,
            tags = new[] { "test_mode" },
            region = provider == "self-openai" ? "us" : "eu",
        });
        using var offered = await desk.PutAsJsonAsync("/v1/inference/models", new { model = Model, deployments = places, reason = "test" });
        offered.IsSuccessStatusCode.ShouldBeTrue(await offered.Content.ReadAsStringAsync());
        using var first = await Ask("where are you", model: Model);

        using var ruled = await desk.SendAsync(
            Json(HttpMethod.Put, "/v1/inference/routing-rules", new { regions = new[] { "eu" }, reason = "test" }));
        ruled.IsSuccessStatusCode.ShouldBeTrue(await ruled.Content.ReadAsStringAsync());
        using var second = await Ask("where are you", model: Model);

        first.StatusCode.ShouldBe(HttpStatusCode.OK);
        second.StatusCode.ShouldBe(HttpStatusCode.OK);
        Header(second, "x-quoin-cache").ShouldBeNull();
    }

    [Fact]
    public async Task What_is_denied_reaches_no_provider_and_costs_nothing()
    {
        await Set(new { guard = new { denied = new[] { "project (x|y)" }, allowed = new[] { "project y" } } });

        using var refused = await Ask("about Project X and more");
        using var allowed = await Ask("about project y");

        refused.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await refused.Content.ReadFromJsonAsync<JsonNode>())!["error"]!["code"]!.GetValue<string>().ShouldBe("content_refused");
        allowed.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task What_is_redacted_never_leaves()
    {
        await Set(new { guard = new { redacts = new[] { "email", "card" } } });

        using var answer = await Ask("I am ann@example.com with 4242 4242 4242 4242");

        Header(answer, "x-quoin-redacted").ShouldBe("1");
        var said = (await answer.Content.ReadFromJsonAsync<JsonNode>())!["choices"]![0]!["message"]!["content"]!.GetValue<string>();
        said.ShouldContain("I am [email] with [card]");
    }

    [Fact]
    public async Task What_is_denied_is_not_shown_to_who_counts_its_tokens_either()
    {
        await Set(new { guard = new { denied = new[] { "alpha" } } });

        using var refused = await client.PostAsJsonAsync("/v1/messages/count_tokens", new
        {
            model = "over-anthropic/demo-echo",
            messages = new[] { new { role = "user", content = "alpha and omega" } },
        });

        refused.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await refused.Content.ReadFromJsonAsync<JsonNode>())!["type"]!.ToString().ShouldBe("error");
    }

    [Fact]
    public async Task A_keys_own_guard_holds_besides_its_organisations()
    {
        await Set(new { guard = new { denied = new[] { "alpha" } } });
        using var made = await desk.SendAsync(Json(HttpMethod.Post, "/v1/inference/keys", new { label = "guarded" }));
        var created = (await made.Content.ReadFromJsonAsync<JsonNode>())!;
        using var guarded = gateway.Host.Client((string)created["secret"]!);
        var key = (string)created["virtual_key"]!["key"]!["id"]!;
        using var set = await desk.SendAsync(
            Json(HttpMethod.Put, $"/v1/inference/keys/{key}/guard", new { request_bytes_max = 300, denied = new[] { "beta" } }));
        set.StatusCode.ShouldBe(HttpStatusCode.OK);

        foreach (var text in (string[])["alpha", "beta", new string('x', 300)])
        {
            using var refused = await Ask(text, from: guarded);
            refused.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        }

        using var fine = await Ask("gamma", from: guarded);
        using var others = await Ask("beta");
        fine.StatusCode.ShouldBe(HttpStatusCode.OK);
        others.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("""{"days_kept":0}""")]
    [InlineData("""{"cached_seconds":99999999}""")]
    [InlineData("""{"guard":{"redacts":["names"]}}""")]
    [InlineData("""{"guard":{"denied":["("]}}""")]
    public async Task A_policy_that_is_none_changes_nothing(string policy)
    {
        using var answer = await desk.SendAsync(Json(HttpMethod.Put, "/v1/inference/content-policy", JsonNode.Parse(policy)!));

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await Rows("select count(*) from inference.content_policies where org_id = $1")).ShouldBe(0);
    }

    [Fact]
    public async Task A_text_made_to_be_slow_is_gone_through_in_linear_time()
    {
        await Set(new { guard = new { denied = new[] { "(a+)+$", "(a|a)*b!" } } });

        using var answer = await Ask(new string('a', 50_000) + "c");

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private async Task Set(object policy, TestOrganisation? of = null)
    {
        using var request = Json(HttpMethod.Put, "/v1/inference/content-policy", policy);
        request.Headers.Add("Quoin-Org", (of ?? org).Id.ToString());
        using var other = await gateway.Host.OperatorClient();
        using var answer = await other.SendAsync(request);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
    }

    private async Task<HttpResponseMessage> Ask(
        string text, bool isStream = false, bool noCache = false, HttpClient? from = null, string model = "demo-echo")
    {
        using var request = Json(HttpMethod.Post, "/v1/chat/completions", new
        {
            model,
            stream = isStream,
            max_tokens = 50,
            messages = new[] { new { role = "user", content = text } },
        });
        if (noCache)
        {
            request.Headers.Add("Cache-Control", "no-cache");
        }

        return await (from ?? client).SendAsync(request);
    }

    private async Task<HttpResponseMessage> Content(HttpResponseMessage answer) =>
        await desk.GetAsync($"/v1/requests/{IdOf(answer)}/content");

    // Every table of the gateway, as text, byte strings among them as their letters.
    private async Task<IReadOnlyList<string>> Mentions(string text)
    {
        var found = new List<string>();
        var database = gateway.Host.Get<NpgsqlDataSource>();
        foreach (var table in (string[])["requests", "untold", "contents", "cached_answers", "savings"])
        {
            await using var command = database.CreateCommand(
                $"select count(*) from inference.{table} t where t::text like $1 or t::text like $2");
            command.Parameters.AddWithValue($"%{text}%");
            command.Parameters.AddWithValue($"%{Convert.ToHexStringLower(Encoding.UTF8.GetBytes(text))}%");
            if ((long)(await command.ExecuteScalarAsync())! > 0)
            {
                found.Add(table);
            }
        }

        return found;
    }

    private async Task<long> Rows(string sql)
    {
        await using var command = gateway.Host.Get<NpgsqlDataSource>().CreateCommand(sql);
        command.Parameters.AddWithValue(org.Id.Value);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static HttpRequestMessage Json(HttpMethod method, string path, object body)
    {
        var request = new HttpRequestMessage(method, path) { Content = JsonContent.Create(body) };
        if (method != HttpMethod.Get && path.StartsWith("/v1/inference", StringComparison.Ordinal))
        {
            request.Headers.Add("Idempotency-Key", new Kernel.IdSource(TimeProvider.System).Next().ToString());
        }

        return request;
    }

    private static string IdOf(HttpResponseMessage answer) => Header(answer, "x-request-id")!;

    private static string? Header(HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out var values) ? values.Single() : null;
}
