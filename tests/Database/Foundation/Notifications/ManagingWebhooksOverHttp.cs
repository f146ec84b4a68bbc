using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Quoin.Accounts;
using Quoin.Notifications;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Notifications;

public sealed class ManagingWebhooksOverHttp(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private const string Url = "https://example.com/hooks";

    private TestHost host = null!;
    private TestOrganisation org = null!;
    private HttpClient client = null!;

    public async Task InitializeAsync()
    {
        host = await TestHost.Start(database, "api");
        org = await host.CreateOrganisation();
        client = host.Client(org.Key);
    }

    public async Task DisposeAsync()
    {
        client.Dispose();
        await host.DisposeAsync();
    }

    [Fact]
    public async Task Shows_a_secret_once_and_keeps_it_encrypted()
    {
        var made = await Created(new { url = Url, topics = new[] { "balance.low" }, description = "Ours" });

        var secret = (string)made["secret"]!;
        secret.ShouldStartWith("whsec_");
        var id = (string)made["endpoint"]!["id"]!;
        (await Text("GET", $"/v1/webhook-endpoints/{id}")).ShouldNotContain(secret);
        (await Text("GET", "/v1/webhook-endpoints")).ShouldNotContain("whsec_");
        await using var command = database.App.CreateCommand(
            "select secret from notifications.webhook_endpoints order by created_at desc limit 1");
        var kept = (byte[])(await command.ExecuteScalarAsync())!;
        kept.AsSpan().IndexOf(StandardWebhooks.ReadSecret(secret)!).ShouldBe(-1);
    }

    [Fact]
    public async Task Makes_one_endpoint_for_an_idempotency_key_and_tells_its_secret_again()
    {
        using var first = await Send(HttpMethod.Post, "/v1/webhook-endpoints", new { url = Url }, "once");
        using var again = await Send(HttpMethod.Post, "/v1/webhook-endpoints", new { url = Url }, "once");

        (await again.Content.ReadAsStringAsync()).ShouldBe(await first.Content.ReadAsStringAsync());
        ((JsonArray)(await Read("/v1/webhook-endpoints"))["data"]!).Count.ShouldBe(1);
    }

    public static TheoryData<string, string> Mistakes => new()
    {
        { "url", """{"url":"ftp://example.com"}""" },
        { "url", """{"url":"example.com/hooks"}""" },
        { "url", """{"url":"https://user:password@example.com/"}""" },
        { "url", """{"url":"https://example.com/#part"}""" },
        { "url", """{"url":"http://127.0.0.1/"}""" },
        { "url", """{"url":"http://[::1]:8080/"}""" },
        { "url", """{"url":"http://169.254.169.254/latest/meta-data"}""" },
        { "url", """{"url":"http://10.1.2.3/"}""" },
        { "url", """{"url":"http://[::ffff:10.1.2.3]/"}""" },
        { "topics", """{"url":"https://example.com","topics":[]}""" },
        { "topics", """{"url":"https://example.com","topics":["balance.high"]}""" },
        { "topics", """{"url":"https://example.com","topics":["*","balance.low"]}""" },
        { "topics", """{"url":"https://example.com","topics":["balance.low","balance.low"]}""" },
        { "topics", """{"url":"https://example.com","topics":[null]}""" },
        { "description", """{"url":"https://example.com","description":" "}""" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public async Task Names_the_member_that_is_wrong(string member, string body)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var answer = await client.PostAsync("/v1/webhook-endpoints", content);

        var problem = await Problem(answer, HttpStatusCode.UnprocessableEntity, "invalid_notification_input");
        ((string)problem["errors"]![0]!["member"]!).ShouldBe(member);
    }

    [Fact]
    public async Task Takes_http_for_test_mode_organisations_only()
    {
        await Created(new { url = "http://example.com/hooks" });
        using var live = await LiveClient();

        using var refused = await live.PostAsJsonAsync("/v1/webhook-endpoints", new { url = "http://example.com/hooks" });
        using var taken = await live.PostAsJsonAsync("/v1/webhook-endpoints", new { url = Url });

        await Problem(refused, HttpStatusCode.UnprocessableEntity, "invalid_notification_input");
        taken.StatusCode.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Changes_what_is_named_and_nothing_else()
    {
        var id = (string)(await Created(new { url = Url, topics = new[] { "balance.low" } }))["endpoint"]!["id"]!;

        var disabled = await Answer(HttpMethod.Patch, $"/v1/webhook-endpoints/{id}", new { is_enabled = false });
        var changed = await Answer(
            HttpMethod.Patch, $"/v1/webhook-endpoints/{id}", new { is_enabled = true, description = "Ours" });

        ((bool)disabled["is_enabled"]!).ShouldBeFalse();
        ((string)disabled["disabled_reason"]!).ShouldBe("by_request");
        ((string)changed["url"]!).ShouldBe(Url);
        ((string)changed["description"]!).ShouldBe("Ours");
        ((bool)changed["is_enabled"]!).ShouldBeTrue();
        changed["topics"]!.ToJsonString().ShouldBe("""["balance.low"]""");
    }

    [Fact]
    public async Task Records_who_did_what()
    {
        var id = (string)(await Created(new { url = Url }))["endpoint"]!["id"]!;
        await Answer(HttpMethod.Patch, $"/v1/webhook-endpoints/{id}", new { is_enabled = false, reason = "Moving" });
        await Answer(HttpMethod.Post, $"/v1/webhook-endpoints/{id}/rotate-secret", new { overlap_hours = 1 });
        using var deleted = await Send(HttpMethod.Delete, $"/v1/webhook-endpoints/{id}", null);
        using var gone = await Send(HttpMethod.Get, $"/v1/webhook-endpoints/{id}", null);

        deleted.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        gone.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        using var operators = await host.OperatorClient();
        operators.DefaultRequestHeaders.Add("Quoin-Org", org.Id.ToString());
        var audit = (await operators.GetFromJsonAsync<JsonNode>("/v1/audit"))!["data"]!.AsArray()
            .Where(entry => (string?)entry!["subject"] == id)
            .ToList();
        audit.Select(entry => (string)entry!["action"]!).ShouldBe(
        [
            "webhook_endpoint.deleted",
            "webhook_endpoint.secret_rotated",
            "webhook_endpoint.changed",
            "webhook_endpoint.created",
        ]);
        ((string)audit[2]!["reason"]!).ShouldBe("Moving");
        string.Concat(audit.Select(entry => entry!.ToJsonString())).ShouldNotContain("whsec_");
    }

    [Fact]
    public async Task Tries_an_endpoint_with_any_topic_and_shows_what_became_of_it()
    {
        var id = (string)(await Created(new { url = Url }))["endpoint"]!["id"]!;

        var sent = await Answer(HttpMethod.Post, $"/v1/webhook-endpoints/{id}/test", new { topic = "limit.reached" });
        using var wrong = await Send(HttpMethod.Post, $"/v1/webhook-endpoints/{id}/test", new { topic = "nothing" });

        await Problem(wrong, HttpStatusCode.UnprocessableEntity, "invalid_notification_input");
        var delivery = await Read($"/v1/webhook-deliveries/{(string)sent["delivery"]!}");
        ((string)delivery["delivery"]!["state"]!).ShouldBe("waiting");
        var body = JsonNode.Parse((string)delivery["body"]!)!;
        ((string)body["type"]!).ShouldBe("limit.reached");
        ((bool)body["test"]!).ShouldBeTrue();
        var listed = await Read($"/v1/webhook-deliveries?endpoint={id}&state=waiting&topic=limit.reached&limit=1");
        ((JsonArray)listed["data"]!).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Sends_nothing_to_a_disabled_endpoint()
    {
        var id = (string)(await Created(new { url = Url }))["endpoint"]!["id"]!;
        await Answer(HttpMethod.Patch, $"/v1/webhook-endpoints/{id}", new { is_enabled = false });

        using var test = await Send(HttpMethod.Post, $"/v1/webhook-endpoints/{id}/test", new { });
        using var replay = await Send(
            HttpMethod.Post, $"/v1/webhook-endpoints/{id}/replay", new { since = DateTimeOffset.UnixEpoch.AddYears(10) });

        await Problem(test, HttpStatusCode.Conflict, "webhook_endpoint_disabled");
        await Problem(replay, HttpStatusCode.UnprocessableEntity, "invalid_notification_input");
    }

    [Fact]
    public async Task Keeps_organisations_apart()
    {
        var id = (string)(await Created(new { url = Url }))["endpoint"]!["id"]!;
        var delivery = (string)(await Answer(HttpMethod.Post, $"/v1/webhook-endpoints/{id}/test", new { }))["delivery"]!;
        using var other = host.Client((await host.CreateOrganisation()).Key);
        (HttpMethod Method, string Path)[] attempts =
        [
            (HttpMethod.Get, $"/v1/webhook-endpoints/{id}"),
            (HttpMethod.Patch, $"/v1/webhook-endpoints/{id}"),
            (HttpMethod.Delete, $"/v1/webhook-endpoints/{id}"),
            (HttpMethod.Post, $"/v1/webhook-endpoints/{id}/rotate-secret"),
            (HttpMethod.Post, $"/v1/webhook-endpoints/{id}/test"),
            (HttpMethod.Get, $"/v1/webhook-deliveries/{delivery}"),
            (HttpMethod.Post, $"/v1/webhook-deliveries/{delivery}/replay"),
        ];

        foreach (var (method, path) in attempts)
        {
            using var request = new HttpRequestMessage(method, path);
            var hasBody = method != HttpMethod.Get && !path.EndsWith("replay", StringComparison.Ordinal);
            request.Content = hasBody ? JsonContent.Create(new { }) : null;
            using var answer = await other.SendAsync(request);
            answer.StatusCode.ShouldBe(HttpStatusCode.NotFound, path);
        }

        foreach (var list in new[] { "/v1/webhook-endpoints", "/v1/webhook-deliveries" })
        {
            ((JsonArray)(await other.GetFromJsonAsync<JsonNode>(list))!["data"]!).ShouldBeEmpty();
        }
    }

    [Fact]
    public async Task Chooses_who_gets_which_mails()
    {
        var chosen = await Answer(HttpMethod.Put, "/v1/notification-settings", new
        {
            recipients = new[] { new { address = "Money@acme.example", topics = new[] { "balance.low" } } },
        });
        using var wrong = await Send(HttpMethod.Put, "/v1/notification-settings", new
        {
            recipients = new[] { new { address = "Money <money@acme.example>", topics = new[] { "*" } } },
        });

        ((bool)chosen["is_mail_available"]!).ShouldBeFalse();
        ((string)(await Read("/v1/notification-settings"))["recipients"]![0]!["address"]!).ShouldBe("money@acme.example");
        await Problem(wrong, HttpStatusCode.UnprocessableEntity, "invalid_notification_input");
    }

    [Fact]
    public async Task Lists_every_topic_with_its_schema()
    {
        var topics = (await Read("/v1/notification-topics"))["data"]!.AsArray();

        topics.Select(topic => (string)topic!["name"]!).ShouldBe(NotificationTopics.All.Select(topic => topic.Name));
        topics.ShouldAllBe(topic => (string)topic!["schema"]!["type"]! == "object");
    }

    private async Task<HttpClient> LiveClient()
    {
        var live = ((CreateOrganisationOutcome.Created)await host.Get<Organisations>().Create(
            new NewOrganisation("Live", OrganisationMode.Live), "test", CancellationToken.None)).Organisation;
        var key = (CreateKeyOutcome.Created)await host.Get<Keys>().CreateForOrganisation(
            live.Id, new NewKey("test"), "test", CancellationToken.None);
        return host.Client(key.Key.Secret);
    }

    private Task<JsonNode> Created(object body) => Answer(HttpMethod.Post, "/v1/webhook-endpoints", body);

    private async Task<JsonNode> Read(string path) => JsonNode.Parse(await Text("GET", path))!;

    private async Task<string> Text(string method, string path)
    {
        using var answer = await Send(new HttpMethod(method), path, null);
        var text = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        return text;
    }

    private async Task<JsonNode> Answer(HttpMethod method, string path, object body)
    {
        using var answer = await Send(method, path, body);
        var text = await answer.Content.ReadAsStringAsync();
        answer.IsSuccessStatusCode.ShouldBeTrue(text);
        return JsonNode.Parse(text)!;
    }

    private async Task<HttpResponseMessage> Send(HttpMethod method, string path, object? body, string? key = null)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Content = body is null ? null : JsonContent.Create(body);
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        return await client.SendAsync(request);
    }

    private static async Task<JsonNode> Problem(HttpResponseMessage answer, HttpStatusCode status, string code)
    {
        var text = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(status, text);
        var problem = JsonNode.Parse(text)!;
        ((string)problem["code"]!).ShouldBe(code);
        return problem;
    }
}
