using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using Quoin.Platform;

namespace Quoin.Tests.EndToEnd.Foundation.Platform.Http;

public sealed class AnsweringRequests : IAsyncLifetime
{
    private const int BodyLimit = 1000;
    private SmallHost host = null!;

    public async Task InitializeAsync() => host = await SmallHost.Start(Map);

    public async Task DisposeAsync() => await host.DisposeAsync();

    private static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/fine", () => "fine").AllowsAnyone();
        app.MapGet("/v1/bug", string () => throw new InvalidOperationException("password=secret")).AllowsAnyone();
        app.MapGet("/v1/half", async (HttpContext context) =>
        {
            await context.Response.WriteAsync("half");
            await context.Response.Body.FlushAsync();
            throw new InvalidOperationException("after half an answer");
        }).AllowsAnyone();
        app.MapGet("/v1/database", async () =>
        {
            await using var nobody = NpgsqlDataSource.Create("Host=127.0.0.1;Port=1;Username=nobody;Timeout=1");
            await using var connection = await nobody.OpenConnectionAsync();
        }).AllowsAnyone();
        app.MapPost("/v1/people", (Person person) => person).AllowsAnyone().LimitsBody(BodyLimit);
        app.MapGet("/page", (HttpContext context) =>
            Results.Content($"<script nonce=\"{context.CspNonce()}\"></script>", "text/html; charset=utf-8")).AllowsAnyone();
    }

    [Fact]
    public async Task Every_answer_has_a_request_id_of_its_own()
    {
        var first = (await host.Get("/v1/fine")).Headers.GetValues("X-Request-Id").Single();
        var second = (await host.Get("/v1/fine")).Headers.GetValues("X-Request-Id").Single();

        first.ShouldStartWith("req_");
        second.ShouldNotBe(first);
    }

    [Fact]
    public async Task A_clients_request_id_is_kept_when_it_is_harmless()
    {
        (await Ask("my-trace.42_a")).ShouldBe("my-trace.42_a");
        (await Ask("<script>")).ShouldStartWith("req_");
        (await Ask(new string('a', 129))).ShouldStartWith("req_");

        async Task<string> Ask(string id)
        {
            var request = new HttpRequestMessage(HttpMethod.Get, "/v1/fine");
            request.Headers.TryAddWithoutValidation("X-Request-Id", id);
            return (await host.Client.SendAsync(request)).Headers.GetValues("X-Request-Id").Single();
        }
    }

    [Fact]
    public async Task A_bug_is_an_internal_error_that_tells_nothing_and_logs_everything()
    {
        var problem = await (await host.Get("/v1/bug")).Problem(500, "internal_error");

        problem.GetRawText().ShouldNotContain("secret");
        var requestId = problem.GetProperty("request_id").GetString()!;
        host.Log.All.ShouldContain(line => line.Contains("GET /v1/bug failed") && line.Contains("secret") && line.Contains(requestId));
    }

    [Fact]
    public async Task A_bug_after_half_an_answer_cuts_the_connection()
    {
        await Should.ThrowAsync<HttpRequestException>(async () =>
            await (await host.Get("/v1/half")).Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_database_that_is_away_says_when_to_come_back()
    {
        var response = await host.Get("/v1/database");

        var problem = await response.Problem(503, "database_unavailable");
        problem.GetProperty("retryable").GetBoolean().ShouldBeTrue();
        response.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task An_unknown_path_is_not_found()
    {
        var problem = await (await host.Get("/v1/nothing")).Problem(404, "not_found");

        problem.Detail().ShouldContain("/v1/nothing");
    }

    [Fact]
    public async Task A_wrong_method_names_the_right_ones()
    {
        var response = await host.Send(HttpMethod.Delete, "/v1/people");

        (await response.Problem(405, "method_not_allowed")).Detail().ShouldContain("POST");
        response.Content.Headers.Allow.ShouldBe(["POST"]);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    public async Task A_body_of_another_media_type_is_unsupported(string mediaType)
    {
        var body = new StringContent("{}", Encoding.UTF8, mediaType);

        await (await host.Send(HttpMethod.Post, "/v1/people", body)).Problem(415, "unsupported_media_type");
    }

    [Theory]
    [InlineData("{\"name\":\"Ada\",}", "line 1, byte 15")]
    [InlineData("{\n  \"name\": Ada\n}", "line 2, byte 11")]
    [InlineData("{\"name\":7}", "$.name")]
    [InlineData("{\"name\":\"Ada\",\"age\":1}", "age")]
    [InlineData("{}", "name")]
    [InlineData("{\"name\":\"Ada\",\"org\":\"usr_1\"}", "org_… id")]
    [InlineData("[1]", "line 1")]
    public async Task A_body_that_is_not_the_JSON_asked_for_is_told_where(string json, string place)
    {
        var problem = await (await Post(json)).Problem(400, "malformed_json");

        problem.Detail().ShouldContain(place);
        problem.Detail().ShouldNotContain("Quoin");
        problem.Detail().ShouldNotContain("System.");
    }

    [Fact]
    public async Task A_body_nested_too_deeply_is_malformed()
    {
        var json = "{\"name\":" + new string('[', 40) + new string(']', 40) + "}";

        await (await Post(json)).Problem(400, "malformed_json");
    }

    [Fact]
    public async Task No_body_where_one_is_needed_is_malformed()
    {
        await (await Post("")).Problem(400, "malformed_json");
    }

    [Fact]
    public async Task A_body_above_the_endpoints_limit_is_too_large()
    {
        var problem = await (await Post($"{{\"name\":\"{new string('a', BodyLimit)}\"}}")).Problem(413, "body_too_large");

        problem.Detail().ShouldContain("1,000 bytes");
    }

    [Fact]
    public async Task A_compressed_body_is_read()
    {
        var response = await host.Send(HttpMethod.Post, "/v1/people", Gzip("{\"name\":\"Ada\"}"u8.ToArray()));

        (await response.Content.ReadAsStringAsync()).ShouldContain("Ada");
    }

    [Fact]
    public async Task A_compressed_body_is_limited_by_what_it_expands_to()
    {
        var bomb = Gzip(Encoding.UTF8.GetBytes($"{{\"name\":\"{new string('a', 1_000_000)}\"}}"));

        bomb.Headers.ContentLength.ShouldNotBeNull().ShouldBeLessThan(BodyLimit * 2);
        await (await host.Send(HttpMethod.Post, "/v1/people", bomb)).Problem(413, "body_too_large");
    }

    [Fact]
    public async Task A_body_that_is_not_what_its_encoding_says_is_malformed()
    {
        var body = new ByteArrayContent("not gzip at all, is it"u8.ToArray());
        body.Headers.ContentEncoding.Add("gzip");
        body.Headers.ContentType = new MediaTypeHeaderValue("application/json");

        await (await host.Send(HttpMethod.Post, "/v1/people", body)).Problem(400, "malformed_request");
    }

    [Fact]
    public async Task An_encoding_that_is_not_known_is_unsupported()
    {
        var body = JsonBody("{\"name\":\"Ada\"}");
        body.Headers.ContentEncoding.Add("zstd");

        var response = await host.Send(HttpMethod.Post, "/v1/people", body);

        (await response.Problem(415, "unsupported_media_type")).Detail().ShouldContain("zstd");
    }

    [Fact]
    public async Task A_client_that_leaves_is_no_error()
    {
        var (begun, ended) = (Signal(), Signal());
        await using var waiting = await SmallHost.Start(app => app.MapGet("/v1/wait", async (HttpContext context) =>
        {
            begun.SetResult();
            try
            {
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
            }
            finally
            {
                ended.SetResult();
            }
        }).AllowsAnyone());

        using var leaving = new CancellationTokenSource();
        var answer = waiting.Client.GetAsync("/v1/wait", leaving.Token);
        await begun.Task;
        await leaving.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(answer);
        await ended.Task;
        await waiting.DisposeAsync();

        waiting.Log.All.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_bug_is_logged_though_the_client_has_left()
    {
        var (begun, left, ended) = (Signal(), Signal(), Signal());
        await using var failing = await SmallHost.Start(app => app.MapGet("/v1/fail", async (HttpContext context) =>
        {
            context.RequestAborted.Register(left.SetResult);
            begun.SetResult();
            await left.Task;
            ended.SetResult();
            throw new InvalidOperationException("a broken invariant");
        }).AllowsAnyone());

        using var leaving = new CancellationTokenSource();
        var answer = failing.Client.GetAsync("/v1/fail", leaving.Token);
        await begun.Task;
        await leaving.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(answer);
        await ended.Task;
        await failing.DisposeAsync();

        failing.Log.All.ShouldHaveSingleItem().ShouldContain("a broken invariant");
    }

    [Fact]
    public async Task The_API_lets_browsers_load_nothing()
    {
        var response = await host.Get("/v1/fine");

        response.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);
        response.Headers.GetValues("X-Frame-Options").ShouldBe(["DENY"]);
        response.Headers.GetValues("Referrer-Policy").ShouldBe(["same-origin"]);
        response.Headers.GetValues("Content-Security-Policy").Single().ShouldStartWith("default-src 'none'");
        response.Headers.Contains("Server").ShouldBeFalse();
    }

    [Fact]
    public async Task A_page_runs_only_its_own_inline_scripts()
    {
        var first = await host.Get("/page");
        var second = await host.Get("/page");

        var html = await first.Content.ReadAsStringAsync();
        var policy = first.Headers.GetValues("Content-Security-Policy").Single();
        var nonce = html.Split('"')[1];
        policy.ShouldContain($"script-src 'self' 'nonce-{nonce}'");
        policy.ShouldContain("frame-ancestors 'none'");
        second.Headers.GetValues("Content-Security-Policy").Single().ShouldNotBe(policy);
    }

    [Fact]
    public async Task A_person_outside_the_API_gets_problems_as_a_page()
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/<b>nowhere");
        request.Headers.Accept.ParseAdd("text/html");

        var response = await host.Client.SendAsync(request);

        response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("text/html");
        var html = await response.Content.ReadAsStringAsync();
        html.ShouldContain("not_found");
        html.ShouldNotContain("<b>nowhere");
    }

    private Task<HttpResponseMessage> Post(string json) => host.Send(HttpMethod.Post, "/v1/people", JsonBody(json));

    private static StringContent JsonBody(string json) => new(json, Encoding.UTF8, "application/json");

    // Its waiter goes on elsewhere, not in the middle of who gives it.
    private static TaskCompletionSource Signal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static ByteArrayContent Gzip(byte[] content)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal))
        {
            gzip.Write(content);
        }

        var body = new ByteArrayContent(compressed.ToArray());
        body.Headers.ContentEncoding.Add("gzip");
        body.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return body;
    }

    private sealed record Person(string Name, Quoin.Kernel.OrgId? Org = null);
}
