using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Quoin.Accounts;
using Quoin.Inference;
using Quoin.Kernel;

namespace Quoin.Tests.EndToEnd.Agents;

/// <summary>Models with several deployments: who answers, and who is left alone.</summary>
[Collection(GatewayTests.Name)]
public sealed class RoutingCalls(Gateway gateway) : IAsyncLifetime
{
    private const string Chunk = """
        data: {"id":"c1","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"content":"eight by"}}]}


        """;

    private const string LiveOnly = "live-only";

    private readonly List<ScriptedModelProvider> started = [];
    private readonly string model = $"routed-{new IdSource(TimeProvider.System).Next():n}";
    private HttpClient client = null!;
    private HttpClient desk = null!;

    public async Task InitializeAsync()
    {
        client = gateway.Host.Client(gateway.Organisation.Key);
        desk = await gateway.Host.OperatorClient();
    }

    public async Task DisposeAsync()
    {
        client.Dispose();
        desk.Dispose();
        foreach (var provider in started)
        {
            await provider.DisposeAsync();
        }
    }

    [Fact]
    public async Task Organisations_in_test_mode_reach_only_what_the_operator_lets_them()
    {
        var dear = await Start((context, _) => ScriptedModelProvider.Plain(context, Saying("dear")));
        await Start((context, _) => ScriptedModelProvider.Plain(context, Saying("cheap")));
        using var live = await LiveClient();
        await Offer(
            new { provider = Name(0), model = "m", tags = new[] { LiveOnly } },
            new { provider = Name(1), model = "m" });

        (await Said()).ShouldContain("cheap");
        (await Said(live)).ShouldContain("dear");
        await Offer(new { provider = Name(0), model = "m", tags = new[] { LiveOnly } });
        (await Said()).ShouldContain("model_not_found");

        (await client.GetStringAsync("/v1/models")).ShouldNotContain(model);
        (await live.GetStringAsync("/v1/models")).ShouldContain(model);
        dear.Seen.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("429", false)]
    [InlineData("500", false)]
    [InlineData("reset", false)]
    [InlineData("half", false)]
    [InlineData("garbage", false)]
    [InlineData("hang", false)]
    [InlineData("garbage", true)]
    [InlineData("error event", true)]
    [InlineData("empty stream", true)]
    public async Task Whoever_fails_before_the_first_byte_is_followed_by_the_next(string fault, bool isStream)
    {
        var broken = await Start((context, _) => Fail(context, fault));
        var whole = await Start((context, _) => isStream
            ? ScriptedModelProvider.Stream(context, Chunk, "data: [DONE]\n\n")
            : ScriptedModelProvider.Plain(context, Saying("fine")));
        await Offer(new { provider = Name(0), model = "m" }, new { provider = Name(1), model = "m" });

        var (answer, id) = await Send(isStream: isStream);

        (await answer.Content.ReadAsStringAsync()).ShouldContain(isStream ? "eight by" : "fine");
        (broken.Seen.Count, whole.Seen.Count).ShouldBe((1, 1));
        (await gateway.Money.Ending(id)).Attempts.ShouldBe(2);
    }

    [Fact]
    public async Task Nobody_else_is_asked_once_a_stream_has_begun()
    {
        var received = new TaskCompletionSource();
        await Start(async (context, _) =>
        {
            await ScriptedModelProvider.Stream(context, Chunk);
            await received.Task;
            context.Abort();
        });
        var other = await Start((context, _) => ScriptedModelProvider.Stream(context, Chunk, "data: [DONE]\n\n"));
        await Offer(new { provider = Name(0), model = "m" }, new { provider = Name(1), model = "m" });

        var (answer, id) = await Send(isStream: true);
        received.SetResult();

        (await answer.Content.ReadAsStringAsync()).ShouldContain("provider_broke_off");
        (await gateway.Money.Ending(id)).Status.ShouldBe(CallStatus.BrokenOff);
        other.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task Whoever_asks_to_be_left_alone_gets_no_calls_meanwhile()
    {
        var busy = await Start((context, _) => Fail(context, "429"));
        var whole = await Start((context, _) => ScriptedModelProvider.Plain(context, Saying("fine")));
        await Offer(new { provider = Name(0), model = "m" }, new { provider = Name(1), model = "m" });

        for (var call = 0; call < 4; call++)
        {
            (await Send()).Answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        (busy.Seen.Count, whole.Seen.Count).ShouldBe((1, 4));
        var health = await desk.GetFromJsonAsync<JsonObject>("/v1/inference/health");
        var shown = health!["deployments"]!.AsArray();
        shown.Single(one => one!["provider"]!.GetValue<string>() == Name(0))!.ShouldSatisfyAllConditions(
            it => it["state"]!.GetValue<string>().ShouldBe("open"),
            it => it["last_error"]!.GetValue<string>().ShouldBe("429"),
            it => it["errors"]!.GetValue<int>().ShouldBe(1),
            it => it["answers_for"]![0]!.GetValue<string>().ShouldBe(model));
        shown.Single(one => one!["provider"]!.GetValue<string>() == Name(1))!.ShouldSatisfyAllConditions(
            it => it["state"]!.GetValue<string>().ShouldBe("closed"),
            it => it["calls"]!.GetValue<int>().ShouldBe(4),
            it => it["latency_p50_ms"]!.GetValue<double>().ShouldBeGreaterThan(0));
    }

    [Fact]
    public async Task One_call_finds_out_whether_who_has_rested_is_well_again()
    {
        var (asked, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        var calls = 0;
        var tired = await Start(async (context, _) =>
        {
            if (Interlocked.Increment(ref calls) == 1)
            {
                context.Response.Headers.RetryAfter = "1";
                await ScriptedModelProvider.Plain(context, "{}", 429);
                return;
            }

            asked.TrySetResult();
            await release.Task;
            await ScriptedModelProvider.Plain(context, Saying("well again"));
        });
        await Start((context, _) => ScriptedModelProvider.Plain(context, Saying("fine")));
        await Offer(
            new { provider = Name(0), model = "m", tier = 0, first_byte_seconds = 30, total_seconds = 30 },
            new { provider = Name(1), model = "m", tier = 1, first_byte_seconds = 30, total_seconds = 30 });

        // It rests for a second; who comes meanwhile is answered by the other, until one is sent to try it.
        var trial = Said();
        (await trial).ShouldContain("fine");
        while (!asked.Task.IsCompleted)
        {
            trial = Said();
            await Task.WhenAny(trial, asked.Task);
        }

        var meanwhile = await Task.WhenAll(Said(), Said());
        var halfOpen = await StateOf(Name(0));
        release.SetResult();

        meanwhile.ShouldAllBe(said => said.Contains("fine"));
        halfOpen.ShouldBe("half_open");
        (await trial).ShouldContain("well again");
        (await Said()).ShouldContain("well again");
        (await StateOf(Name(0))).ShouldBe("closed");
        tired.Seen.Count.ShouldBe(3, "the one that failed, the one that tried, and the one after");
    }

    [Fact]
    public async Task When_all_of_them_rest_the_client_is_told_until_when()
    {
        var busy = await Start((context, _) => Fail(context, "429"));
        await Offer(new { provider = Name(0), model = "m" });
        await Send();

        var (answer, id) = await Send();

        answer.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        answer.Headers.RetryAfter!.Delta!.Value.TotalSeconds.ShouldBeInRange(1, 30);
        busy.Seen.Count.ShouldBe(1);
        (await gateway.Money.Ending(id)).Usage.IsNone.ShouldBeTrue();
    }

    [Fact]
    public async Task A_session_stays_with_its_deployment_and_others_spread()
    {
        var seen = new List<ScriptedModelProvider>();
        for (var index = 0; index < 3; index++)
        {
            seen.Add(await Start((context, _) => ScriptedModelProvider.Plain(context, Saying("fine"))));
        }

        await Offer([.. Enumerable.Range(0, 3).Select(index => new { provider = Name(index), model = "m", tier = 0 })]);

        for (var call = 0; call < 5; call++)
        {
            (await Said(headers: ("x-session-id", "one and the same"))).ShouldContain("fine");
        }

        seen.Select(one => one.Seen.Count).Order().ShouldBe([0, 0, 5]);

        // Chance leaves one of three aside for 25 calls once in ten thousand runs, and for 200 calls never.
        for (var call = 0; call < 200 && seen.Exists(one => one.Seen.Count == 0); call++)
        {
            (await Said()).ShouldContain("fine");
        }

        seen.ShouldAllBe(one => one.Seen.Count > 0);
    }

    [Fact]
    public async Task Tags_that_a_request_wishes_for_choose_and_those_that_a_key_requires_bind()
    {
        await Start((context, _) => ScriptedModelProvider.Plain(context, Saying("plain")));
        await Start((context, _) => ScriptedModelProvider.Plain(context, Saying("european")));
        await Offer(
            new { provider = Name(0), model = "m", tags = Array.Empty<string>(), region = "us" },
            new { provider = Name(1), model = "m", tags = new[] { "gdpr", "fast" }, region = "eu" });
        using var bound = gateway.Host.Client(await KeyWith(new { required_tags = new[] { "gdpr" }, regions = new[] { "eu" } }));
        using var impossible = gateway.Host.Client(await KeyWith(new { regions = new[] { "mars" } }));

        (await Said()).ShouldContain("plain");
        (await Said(headers: ("x-litellm-tags", "fast, other"))).ShouldContain("european");
        (await Said(headers: ("x-quoin-tags", "nobody-has-this"))).ShouldContain("plain");
        (await Said(bound)).ShouldContain("european");
        var (refused, _) = await Send(impossible);
        refused.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await refused.Content.ReadAsStringAsync()).ShouldContain("no_deployment_allowed");
    }

    [Fact]
    public async Task An_organisations_own_key_is_used_and_its_usage_is_told_apart()
    {
        var provider = await Start((context, _) => ScriptedModelProvider.Plain(context, Saying("fine")));
        await Offer(new { provider = Name(0), model = "m" });
        using var admin = await Administrator();
        var path = $"/v1/inference/credentials/{Name(0)}";

        using var set = await admin.PutAsJsonAsync(path, new { credential = "sk-of-the-customer", reason = "test" });
        var (_, id) = await Send();

        set.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        provider.Seen.Single().Headers["Authorization"].ShouldBe("Bearer sk-of-the-customer");
        (await gateway.Money.Ending(id)).Answered.ShouldBe(new ProviderModel(Name(0) + "/own", "own/m"));
        var listed = await admin.GetStringAsync("/v1/inference/credentials");
        listed.ShouldContain(Name(0));
        listed.ShouldNotContain("sk-of-the-customer");
        (await admin.DeleteAsync(path)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await Send();
        provider.Seen[^1].Headers["Authorization"].ShouldBe($"Bearer {gateway.Organisation.Key}");
    }

    [Fact]
    public async Task An_organisations_rules_hold_for_all_its_calls()
    {
        await Start((context, _) => ScriptedModelProvider.Plain(context, Saying("plain")));
        await Start((context, _) => ScriptedModelProvider.Plain(context, Saying("european")));
        await Offer(
            new { provider = Name(0), model = "m", region = "us" }, new { provider = Name(1), model = "m", region = "eu" });
        using var admin = await Administrator();

        await SetRules("eu");
        var bound = await Said();
        await SetRules();

        bound.ShouldContain("european");
        (await Said()).ShouldContain("plain");

        async Task SetRules(params string[] regions)
        {
            using var answer = await admin.PutAsJsonAsync("/v1/inference/routing-rules", new { regions, reason = "test" });
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        }
    }

    [Fact]
    public async Task Copies_of_calls_go_to_a_shadow_whose_answers_nobody_gets()
    {
        await Start((context, _) => ScriptedModelProvider.Plain(context, Saying("fine")));
        var shadow = await Start((context, _) => ScriptedModelProvider.Plain(context, Saying("tried out")));
        await Offer(
            new { provider = Name(0), model = "m", shadow_percent = 0 },
            new { provider = Name(1), model = "m-new", shadow_percent = 100 });

        var (answer, id) = await Send();

        (await answer.Content.ReadAsStringAsync()).ShouldContain("fine");
        (await gateway.Money.Ending(id)).Answered.ShouldBe(new ProviderModel(Name(0), "m"));
        var row = await Copied();
        row["calls"]!.GetValue<int>().ShouldBe(1);
        (row["outcome"]!.GetValue<string>(), row["input_tokens"]!.GetValue<int>()).ShouldBe(("succeeded", 11));
        JsonNode.Parse(shadow.Seen.Single().Body)!["model"]!.GetValue<string>().ShouldBe("m-new");
    }

    [Fact]
    public async Task Providers_are_watched_in_the_words_of_OpenTelemetry()
    {
        var spans = new ConcurrentBag<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Quoin.Inference",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = spans.Add,
        };
        ActivitySource.AddActivityListener(listener);
        await Start((context, _) => Fail(context, "500"));
        await Start((context, _) => ScriptedModelProvider.Plain(context, Saying("fine")));
        await Offer(new { provider = Name(0), model = "m-a" }, new { provider = Name(1), model = "m-b" });

        var (_, id) = await Send(("x-session-id", "s-1"));

        var seen = spans.Where(span => Equals(span.GetTagItem("quoin.request_id"), id)).OrderBy(span => span.StartTimeUtc).ToList();
        seen.Select(span => span.DisplayName).ShouldBe(["chat m-a", "chat m-b"]);
        seen[0].GetTagItem("error.type").ShouldBe("500");
        seen[1].ShouldSatisfyAllConditions(
            it => it.Kind.ShouldBe(ActivityKind.Client),
            it => it.GetTagItem("gen_ai.operation.name").ShouldBe("chat"),
            it => it.GetTagItem("gen_ai.conversation.id").ShouldBe("s-1"),
            it => it.GetTagItem("gen_ai.usage.input_tokens").ShouldBe(11L),
            it => it.GetTagItem("gen_ai.usage.output_tokens").ShouldBe(7L),
            it => it.TagObjects.ShouldNotContain(tag => Equals(tag.Value, "Hello")));
        var metrics = await desk.GetStringAsync("/metrics");
        foreach (var (metric, index) in new[]
        {
            ("gen_ai_client_operation_duration_seconds_count", 0), ("gen_ai_client_token_usage_sum", 1),
            ("gen_ai_server_time_to_first_token_seconds_count", 1), ("inference_provider_call_total", 0),
            ("inference_provider_circuit", 1),
        })
        {
            var label = $"provider=\"{Name(index)}\"";
            metrics.Split('\n').ShouldContain(line =>
                line.StartsWith(metric, StringComparison.Ordinal) && line.Contains(label, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_key_sees_the_models_it_may_call()
    {
        await Start((context, _) => ScriptedModelProvider.Plain(context, Saying("fine")));
        await Offer(new { provider = Name(0), model = "m" });
        using var bound = gateway.Host.Client(await KeyWith(new { models = new[] { model } }));

        var listed = await bound.GetFromJsonAsync<JsonObject>("/v1/models");

        listed!["data"]!.AsArray().Select(one => one!["id"]!.GetValue<string>()).ShouldBe([model]);
    }

    private async Task<string> StateOf(string provider)
    {
        var health = await desk.GetFromJsonAsync<JsonObject>("/v1/inference/health");
        return health!["deployments"]!.AsArray().Single(one => one!["provider"]!.GetValue<string>() == provider)!["state"]!
            .GetValue<string>();
    }

    private async Task<JsonNode> Copied()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            var shadows = await desk.GetFromJsonAsync<JsonObject>("/v1/inference/shadows", patience.Token);
            if (shadows!["data"]!.AsArray().FirstOrDefault(one => one!["provider"]!.GetValue<string>() == Name(1)) is { } row)
            {
                return row;
            }

            await Task.Delay(20, patience.Token);
        }
    }

    private static async Task Fail(HttpContext context, string fault)
    {
        switch (fault)
        {
            case "429":
                context.Response.Headers.RetryAfter = "30";
                await ScriptedModelProvider.Plain(context, "{}", 429);
                break;
            case "500":
                await ScriptedModelProvider.Plain(context, "{}", 500);
                break;
            case "reset":
                context.Abort();
                break;
            case "half":
                context.Response.ContentLength = 1_000;
                await ScriptedModelProvider.Plain(context, "{\"id\":");
                await context.Response.Body.FlushAsync();
                context.Abort();
                break;
            case "garbage":
                context.Response.ContentType = "text/event-stream";
                await context.Response.WriteAsync("data: <html>Welcome</html>\n\n");
                break;
            case "hang":
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
                break;
            case "error event":
                await ScriptedModelProvider.Stream(context, "data: {\"error\":{\"message\":\"overloaded\"}}\n\n");
                break;
            default:
                await ScriptedModelProvider.Stream(context, ": nothing\n\n");
                break;
        }
    }

    private static string Saying(string text) => $$$"""
        {"id":"c1","object":"chat.completion","model":"m","choices":[{"index":0,"message":{"role":"assistant",
        "content":"{{{text}}}"},"finish_reason":"stop"}],"usage":{"prompt_tokens":11,"completion_tokens":7}}
        """;

    private async Task<ScriptedModelProvider> Start(Func<HttpContext, string, Task> answer)
    {
        var provider = await ScriptedModelProvider.Start(answer);
        started.Add(provider);
        return provider;
    }

    private async Task<HttpClient> LiveClient()
    {
        var created = await gateway.Host.Get<Organisations>().Create(
            new NewOrganisation("Acme", OrganisationMode.Live), "test", CancellationToken.None);
        var org = created.ShouldBeOfType<CreateOrganisationOutcome.Created>().Organisation.Id;
        var key = await gateway.Host.Get<Keys>().CreateForOrganisation(org, new NewKey("test"), "test", CancellationToken.None);
        return gateway.Host.Client(key.ShouldBeOfType<CreateKeyOutcome.Created>().Key.Secret);
    }

    private string Name(int index) => $"{model}-{index}";

    private async Task Offer(params object[] deployments)
    {
        foreach (var (index, provider) in started.Index())
        {
            await gateway.AddProvider(desk, Name(index), "openai_compatible", provider.Address, ["openai_chat"], seconds: 1);
        }

        using var answer = await desk.PutAsJsonAsync("/v1/inference/models", new JsonObject
        {
            ["model"] = model,
            ["reason"] = "test",
            ["deployments"] = new JsonArray([.. deployments.Select(one =>
            {
                var deployment = System.Text.Json.JsonSerializer.SerializeToNode(one)!.AsObject();
                deployment["input_tokens_max"] = 100_000;
                deployment["output_tokens_max"] = 1_000;
                var tags = deployment["tags"]?.DeepClone().AsArray() ?? [];
                if (!tags.Any(tag => (string?)tag == LiveOnly))
                {
                    tags.Add("test_mode");
                }

                deployment["tags"] = tags;
                return deployment;
            })]),
        });
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
    }

    private async Task<HttpClient> Administrator()
    {
        var admin = await gateway.Host.OperatorClient();
        admin.DefaultRequestHeaders.Add("Quoin-Org", gateway.Organisation.Id.ToString());
        return admin;
    }

    private async Task<string> KeyWith(object rules)
    {
        using var admin = await Administrator();
        using var answer = await admin.PostAsJsonAsync("/v1/inference/keys", new { label = "routed", rules });
        answer.StatusCode.ShouldBe(HttpStatusCode.Created, await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync<JsonObject>())!["secret"]!.GetValue<string>();
    }

    private async Task<string> Said(HttpClient? from = null, params (string Name, string Value)[] headers) =>
        await (await Send(from, isStream: false, headers)).Answer.Content.ReadAsStringAsync();

    private Task<(HttpResponseMessage Answer, string Id)> Send(params (string Name, string Value)[] headers) =>
        Send(null, isStream: false, headers);

    private Task<(HttpResponseMessage Answer, string Id)> Send(bool isStream) => Send(null, isStream);

    private async Task<(HttpResponseMessage Answer, string Id)> Send(
        HttpClient? from, bool isStream = false, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = JsonContent.Create(new { model, stream = isStream, messages = new[] { new { role = "user", content = "Hello" } } }),
        };
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        var answer = await (from ?? client).SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return (answer, answer.Headers.TryGetValues("x-request-id", out var ids) ? ids.Single() : "");
    }
}
