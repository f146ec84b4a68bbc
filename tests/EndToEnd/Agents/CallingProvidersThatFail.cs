using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using Quoin.Inference;
using Quoin.Kernel;

namespace Quoin.Tests.EndToEnd.Agents;

/// <summary>Providers that are away, slow, broken or gone half-way, and clients that leave.</summary>
[Collection(GatewayTests.Name)]
public sealed class CallingProvidersThatFail(Gateway gateway) : IAsyncLifetime
{
    private const string Chunk = """
        data: {"id":"c1","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"content":"eight by"}}]}


        """;

    private const string Answer = """
        {"id":"c1","object":"chat.completion","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"fine"},
        "finish_reason":"stop"}],"usage":{"prompt_tokens":11,"completion_tokens":7,"prompt_tokens_details":{"cached_tokens":4}}}
        """;

    private HttpClient client = null!;
    private HttpClient desk = null!;

    public async Task InitializeAsync()
    {
        client = gateway.Host.Client(gateway.Organisation.Key);
        desk = await gateway.Host.OperatorClient();
    }

    public Task DisposeAsync()
    {
        client.Dispose();
        desk.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task One_that_fails_is_followed_by_the_next()
    {
        await using var broken = await ScriptedModelProvider.Start((context, _) => ScriptedModelProvider.Plain(context, "{}", 500));
        await using var whole = await ScriptedModelProvider.Start((context, _) => ScriptedModelProvider.Plain(context, Answer));
        var model = await Offer(broken, whole);

        var (answer, id) = await Send(model);

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        var ending = await gateway.Money.Ending(id);
        ending.ShouldSatisfyAllConditions(
            it => it.Attempts.ShouldBe(2),
            it => it.FailedAttempts.Single().Status.ShouldBe(500),
            it => it.FailedAttempts.Single().Code.ShouldBe("provider_unavailable"),
            it => it.Asked!.Value.ShouldBeGreaterThanOrEqualTo(it.Admitted),
            it => it.Responded!.Value.ShouldBeGreaterThanOrEqualTo(it.Asked!.Value),
            it => it.Status.ShouldBe(CallStatus.Succeeded),
            it => it.Usage.InputTokens.ShouldBe(7),
            it => it.Usage.CachedReadTokens.ShouldBe(4),
            it => it.Usage.OutputTokens.ShouldBe(7),
            it => it.Usage.IsEstimated.ShouldBeFalse());
    }

    [Fact]
    public async Task One_that_sends_headers_and_then_nothing_is_followed_by_the_next()
    {
        await using var silent = await ScriptedModelProvider.Start(async (context, _) =>
        {
            await ScriptedModelProvider.Stream(context, ": hello\n\n");
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        await using var whole = await ScriptedModelProvider.Start((context, _) =>
            ScriptedModelProvider.Stream(context, Chunk, "data: [DONE]\n\n"));
        var model = await Offer(silent, whole);

        var (answer, _) = await Send(model, isStream: true);

        (await answer.Content.ReadAsStringAsync()).ShouldContain("eight by");
    }

    [Fact]
    public async Task One_that_wants_to_be_left_alone_is_left_alone()
    {
        await using var busy = await ScriptedModelProvider.Start((context, _) =>
        {
            context.Response.Headers.RetryAfter = "30";
            return ScriptedModelProvider.Plain(context, """{"error":{"message":"org-secret has too many"}}""", 429);
        });
        var model = await Offer(busy);

        var (answer, id) = await Send(model);

        answer.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        answer.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(30));
        (await answer.Content.ReadAsStringAsync()).ShouldNotContain("org-secret");
        busy.Seen.Count.ShouldBe(1);
        (await gateway.Money.Ending(id)).Usage.IsNone.ShouldBeTrue();
    }

    [Fact]
    public async Task A_stream_that_breaks_off_says_so_and_counts_what_was_delivered()
    {
        var received = new TaskCompletionSource();
        await using var provider = await ScriptedModelProvider.Start(async (context, _) =>
        {
            await ScriptedModelProvider.Stream(context, Chunk);
            await received.Task;
            context.Abort();
        });
        var model = await Offer(provider);

        var (answer, id) = await Send(model, isStream: true);
        received.SetResult();

        var text = await answer.Content.ReadAsStringAsync();
        text.ShouldContain("eight by");
        text.ShouldContain("provider_broke_off");
        var ending = await gateway.Money.Ending(id);
        ending.Status.ShouldBe(CallStatus.BrokenOff);
        ending.Usage.IsEstimated.ShouldBeTrue();
        ending.Usage.OutputTokens.ShouldBe(2);
        provider.Seen.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_stream_that_falls_silent_is_given_up()
    {
        await using var provider = await ScriptedModelProvider.Start(async (context, _) =>
        {
            await ScriptedModelProvider.Stream(context, Chunk);
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        var model = await Offer(provider);

        var (answer, id) = await Send(model, isStream: true);

        (await answer.Content.ReadAsStringAsync()).ShouldContain("took too long");
        (await gateway.Money.Ending(id)).Status.ShouldBe(CallStatus.BrokenOff);
    }

    // An account that is used up, a model that was withdrawn, and an error whose status says that all is well.
    [Theory]
    [InlineData(402, """{"error":{"message":"Insufficient Balance","type":"unknown_error"}}""")]
    [InlineData(404, """{"error":{"message":"The model does not exist","code":"model_not_found"}}""")]
    [InlineData(200, """{"error":{"code":502,"message":"Upstream is down"}}""")]
    public async Task One_that_cannot_answer_is_followed_by_the_next(int status, string body)
    {
        await using var unable = await ScriptedModelProvider.Start(
            (context, _) => ScriptedModelProvider.Plain(context, body, status));
        await using var whole = await ScriptedModelProvider.Start((context, _) => ScriptedModelProvider.Plain(context, Answer));
        var model = await Offer(unable, whole);

        var (answer, id) = await Send(model);

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        whole.Seen.Count.ShouldBe(1);
        (await gateway.Money.Ending(id)).FailedAttempts.Single().Status.ShouldBe(status == 200 ? null : status);
    }

    [Fact]
    public async Task What_failed_before_a_request_was_refused_is_told_with_it()
    {
        await using var broken = await ScriptedModelProvider.Start((context, _) => ScriptedModelProvider.Plain(context, "{}", 500));
        await using var strict = await ScriptedModelProvider.Start((context, _) => ScriptedModelProvider.Plain(
            context, """{"error":{"message":"The request is wrong."}}""", 400));
        var model = await Offer(broken, strict);

        var (answer, id) = await Send(model);

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await gateway.Money.Ending(id)).FailedAttempts.Single().Status.ShouldBe(500);
    }

    [Fact]
    public async Task An_account_of_the_operators_that_is_used_up_is_not_the_callers_budget()
    {
        await using var unable = await ScriptedModelProvider.Start((context, _) => ScriptedModelProvider.Plain(
            context, """{"error":{"message":"Insufficient Balance. Add more at vendor.example."}}""", 402));
        var model = await Offer(unable);

        var (answer, id) = await Send(model);

        answer.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        (await answer.Content.ReadAsStringAsync()).ShouldNotContain("vendor.example");
        (await gateway.Money.Ending(id)).Usage.IsNone.ShouldBeTrue();
    }

    [Fact]
    public async Task Who_leaves_a_plain_call_before_it_is_answered_pays_for_what_was_sent()
    {
        var begun = new TaskCompletionSource();
        await using var provider = await ScriptedModelProvider.Start(async (context, _) =>
        {
            begun.SetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        var model = await Offer(60, provider);
        using var leaving = new CancellationTokenSource();

        var sending = Send(model, cancellationToken: leaving.Token);
        await begun.Task;
        await leaving.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(sending);
        var ending = await gateway.Money.Ending(gateway.Money.LastOf(model));
        (ending.Status, ending.Usage.IsEstimated, ending.Usage.OutputTokens).ShouldBe((CallStatus.ClientGone, true, 0));
        ending.Usage.InputTokens.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Half_a_letter_in_a_stream_goes_on_to_the_client()
    {
        await using var provider = await ScriptedModelProvider.Start((context, _) => ScriptedModelProvider.Stream(
            context, Chunk.Replace("eight by", "cut \\ud83d", StringComparison.Ordinal), Chunk, "data: [DONE]\n\n"));
        var model = await Offer(provider);

        var (answer, id) = await Send(model, isStream: true);

        (await answer.Content.ReadAsStringAsync()).ShouldContain("cut \\ud83d");
        (await gateway.Money.Ending(id)).Status.ShouldBe(CallStatus.Succeeded);
    }

    [Theory]
    [InlineData("<html>Welcome to nginx</html>")]
    [InlineData("")]
    public async Task An_answer_that_is_none_is_an_error_and_costs_nothing(string body)
    {
        await using var provider = await ScriptedModelProvider.Start((context, _) => ScriptedModelProvider.Plain(context, body));
        var model = await Offer(60, provider);

        var (answer, id) = await Send(model);

        answer.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        (await gateway.Money.Ending(id)).Usage.IsNone.ShouldBeTrue();
    }

    [Fact]
    public async Task Usage_that_is_not_told_is_estimated()
    {
        await using var provider = await ScriptedModelProvider.Start((context, _) => ScriptedModelProvider.Plain(
            context, """{"id":"c1","choices":[{"index":0,"message":{"role":"assistant","content":"twelve bytes"}}]}"""));
        var model = await Offer(provider);

        var (_, id) = await Send(model);

        var usage = (await gateway.Money.Ending(id)).Usage;
        usage.IsEstimated.ShouldBeTrue();
        usage.OutputTokens.ShouldBe(3);
        usage.InputTokens.ShouldBeGreaterThan(0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Usage_of_a_model_whose_vocabulary_is_known_is_counted_by_it(bool isStream)
    {
        const string said = "antidisestablishmentarianism, isn't it?";
        const string shape = """{"id":"c1","model":"m","choices":[{"index":0,"SAYS":{"role":"assistant","content":"SAID"}}]}""";
        var json = shape.Replace("SAID", said).Replace("SAYS", isStream ? "delta" : "message");
        await using var provider = await ScriptedModelProvider.Start(async (context, _) =>
        {
            await (isStream
                ? ScriptedModelProvider.Stream(context, $"data: {json}\n\n")
                : ScriptedModelProvider.Plain(context, json));
        });
        var model = await Offer(provider);
        await Gateway.AddModel(desk, $"{model}-known", ($"{model}-0", "gpt-4o-mini"));

        var (answer, id) = await Send($"{model}-known", isStream);
        await answer.Content.ReadAsStringAsync();

        // Three tokens for the message and three before the answer, as OpenAI counts.
        var usage = (await gateway.Money.Ending(id)).Usage;
        usage.ShouldBe(new ModelUsage
        {
            InputTokens = TokenCounter.O200k.Count("Hello") + 6,
            OutputTokens = TokenCounter.O200k.Count(said),
            Requests = 1,
            IsEstimated = true,
        });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_that_leaves_takes_the_provider_with_it(bool hasBegun)
    {
        var left = new TaskCompletionSource();
        var begun = new TaskCompletionSource();
        await using var provider = await ScriptedModelProvider.Start(async (context, _) =>
        {
            context.RequestAborted.Register(left.SetResult);
            await (hasBegun ? ScriptedModelProvider.Stream(context, Chunk) : Task.CompletedTask);
            begun.SetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        var model = await Offer(60, provider);
        using var leaving = new CancellationTokenSource();

        var sending = Receive(model, leaving.Token);
        await begun.Task;
        var watch = Stopwatch.StartNew();
        await leaving.CancelAsync();

        await left.Task.WaitAsync(TimeSpan.FromSeconds(10));
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(1));
        await Should.ThrowAsync<OperationCanceledException>(sending);
        var ending = await gateway.Money.Ending(gateway.Money.LastOf(model));
        ending.Status.ShouldBe(CallStatus.ClientGone);
        ending.Usage.OutputTokens.ShouldBeLessThanOrEqualTo(hasBegun ? 2 : 0);
    }

    private Task<string> Offer(params ScriptedModelProvider[] providers) => Offer(1, providers);

    private async Task<string> Offer(int seconds, params ScriptedModelProvider[] providers)
    {
        var model = $"faulty-{new IdSource(TimeProvider.System).Next():n}";
        foreach (var (index, provider) in providers.Index())
        {
            await gateway.AddProvider(desk, $"{model}-{index}", "openai_compatible", provider.Address, ["openai_chat"], seconds);
        }

        await Gateway.AddModel(desk, model, [.. providers.Select((_, index) => ($"{model}-{index}", "m"))]);
        return model;
    }

    private async Task Receive(string model, CancellationToken cancellationToken)
    {
        var (answer, _) = await Send(model, isStream: true, cancellationToken);
        await answer.Content.ReadAsStringAsync(cancellationToken);
    }

    private async Task<(HttpResponseMessage Answer, string Id)> Send(
        string model, bool isStream = false, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = JsonContent.Create(new { model, stream = isStream, messages = new[] { new { role = "user", content = "Hello" } } }),
        };
        var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        return (answer, answer.Headers.GetValues("x-request-id").Single());
    }
}
