using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Metering;

public sealed class SendingEvents(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
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
    public async Task Accepts_a_structured_event_and_shows_it_as_it_was_sent()
    {
        var sent = UsageEvents.Completion("one", time: "2026-01-31T12:00:00.1234567+01:00");
        sent["subject"] = "team-a";

        var answer = await client.SendEvent(sent);

        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        var verdict = await answer.Json();
        ((string)verdict["verdict"]!).ShouldBe("accepted");
        var stored = await client.GetJson($"/v1/events/{verdict["event"]}");
        ((string)stored["id"]!).ShouldBe("one");
        ((string)stored["subject"]!).ShouldBe("team-a");
        ((string)stored["time"]!).ShouldStartWith("2026-01-31T11:00:00.123456");
        JsonNode.DeepEquals(stored["data"], sent["data"]).ShouldBeTrue();
    }

    [Fact]
    public async Task Accepts_an_event_in_binary_mode()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/events");
        request.Headers.Add("ce-specversion", "1.0");
        request.Headers.Add("ce-id", "binary%20one");
        request.Headers.Add("ce-source", "/test");
        request.Headers.Add("ce-type", "llm.completion");
        request.Content = new StringContent("""{"model":"gpt-4o","input_tokens":1,"output_tokens":2}""", Encoding.UTF8, "application/json");

        var answer = await client.SendAsync(request);

        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        var stored = await client.GetJson($"/v1/events/{(await answer.Json())["event"]}");
        ((string)stored["id"]!).ShouldBe("binary one");
    }

    [Fact]
    public async Task Says_duplicate_to_equal_content_however_it_is_written()
    {
        await client.SendEvent(UsageEvents.Completion("twice", time: "2026-01-31T12:00:00Z"));
        const string same = """
            {"type":"llm.completion","data":{"output_tokens":1e2,"model":"gpt\u002D4o","input_tokens":1000.0},
             "time":"2026-01-31T13:00:00+01:00","source":"/test","id":"twice","specversion":"1.0"}
            """;

        var answer = await client.SendBody(Encoding.UTF8.GetBytes(same), UsageEvents.Structured);

        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        ((bool)(await answer.Json())["duplicate"]!).ShouldBeTrue();
    }

    [Theory]
    [InlineData("data")]
    [InlineData("time")]
    [InlineData("subject")]
    public async Task Says_conflict_to_other_content_under_the_same_id(string changed)
    {
        var id = $"conflict-{changed}";
        await client.SendEvent(UsageEvents.Completion(id, time: "2026-01-31T12:00:00Z"));
        var other = UsageEvents.Completion(id, time: "2026-01-31T12:00:00Z");
        switch (changed)
        {
            case "data":
                other["data"]!["output_tokens"] = 101;
                break;
            case "time":
                other["time"] = "2026-01-31T12:00:00.001Z";
                break;
            default:
                other["subject"] = "another";
                break;
        }

        var answer = await client.SendEvent(other);

        answer.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        ((string)(await answer.Json())["code"]!).ShouldBe("event_conflict");
    }

    [Fact]
    public async Task Keeps_the_good_ones_of_a_batch_with_bad_ones()
    {
        var far = UsageEvents.Completion("far", time: "2999-01-01T00:00:00Z");
        var strange = UsageEvents.Completion("strange");
        strange["type"] = "weather.report";
        var negative = UsageEvents.Completion("negative", input: -1);
        var twin = UsageEvents.Completion("twin", input: 7);

        var answer = await client.SendBatch(
            UsageEvents.Completion("good"),
            far,
            strange,
            negative,
            JsonValue.Create(42),
            UsageEvents.Completion("good"),
            UsageEvents.Completion("twin", input: 8),
            twin);

        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        var verdicts = await answer.Json();
        verdicts["results"]!.AsArray().Select(one => (string)one!["verdict"]!).ShouldBe(
            ["accepted", "rejected", "rejected", "rejected", "rejected", "duplicate", "accepted", "conflict"]);
        verdicts["results"]!.AsArray().Select(one => (string?)one!["code"]).ShouldBe(
            [null, "event_in_future", "unknown_meter", "invalid_quantity", "invalid_event", null, null, null]);
        ((int)verdicts["accepted"]!).ShouldBe(2);
        ((int)verdicts["rejected"]!).ShouldBe(4);
    }

    [Fact]
    public async Task Counts_an_event_once_however_often_it_is_sent_at_once()
    {
        var here = await host.CreateOrganisation();
        await using var second = await TestHost.Start(database, "api");
        HttpClient[] clients = [host.Client(here.Key), second.Client(here.Key)];
        var batch = Enumerable.Range(0, 50)
            .Select(index => UsageEvents.Completion($"storm-{index}", time: "2026-01-31T12:00:00Z"))
            .ToArray();

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(async turn =>
            await (await clients[turn % 2].SendBatch(turn % 3 == 0 ? batch.Reverse() : batch)).Json()));

        answers.Sum(answer => (int)answer["accepted"]!).ShouldBe(50);
        answers.Sum(answer => (int)answer["duplicate"]!).ShouldBe(19 * 50);
        var usage = await clients[0].GetJson("/v1/usage?from=2026-01-31T00:00:00Z&to=2026-02-01T00:00:00Z&window=day");
        usage["data"]!.AsArray().Select(row => (string)row!["quantity"]!).ShouldBe(["50000", "5000"]);
        usage["data"]!.AsArray().Select(row => (long)row!["event_count"]!).ShouldBe([50, 50]);
    }

    [Fact]
    public async Task Lets_an_operator_name_the_organisation_in_each_event()
    {
        var other = await host.CreateOrganisation();
        using var operatorClient = await host.OperatorClient();
        var mine = UsageEvents.Completion("for-one");
        mine["quoinorg"] = org.Id.ToString();
        var theirs = UsageEvents.Completion("for-other");
        theirs["quoinorg"] = other.Id.ToString();

        var answer = await operatorClient.SendBatch(mine, theirs, UsageEvents.Completion("for-nobody"));

        (await answer.Json())["results"]!.AsArray().Select(one => (string)one!["verdict"]!)
            .ShouldBe(["accepted", "accepted", "rejected"]);
        using var otherClient = host.Client(other.Key);
        ((string)(await otherClient.GetJson("/v1/events"))["data"]![0]!["id"]!).ShouldBe("for-other");
    }

    [Fact]
    public async Task Never_shows_one_organisation_the_events_of_another()
    {
        var answer = await client.SendEvent(UsageEvents.Completion("private"));
        var id = (string)(await answer.Json())["event"]!;
        var other = await host.CreateOrganisation();
        using var otherClient = host.Client(other.Key);

        (await otherClient.GetAsync($"/v1/events/{id}")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await otherClient.GetJson("/v1/events"))["data"]!.AsArray().ShouldBeEmpty();
        var foreign = UsageEvents.Completion("foreign");
        foreign["quoinorg"] = org.Id.ToString();
        ((string)(await (await otherClient.SendEvent(foreign)).Json())["code"]!).ShouldBe("event_organisation_not_found");
    }

    [Fact]
    public async Task Pages_through_events_without_losing_or_repeating_one()
    {
        var here = await host.CreateOrganisation();
        using var mine = host.Client(here.Key);
        await mine.SendBatch(Enumerable.Range(0, 25).Select(index => UsageEvents.Completion($"page-{index}")));
        await mine.SendBatch(Enumerable.Range(25, 25).Select(index => UsageEvents.Completion($"page-{index}")));
        var seen = new List<string>();

        for (string? cursor = ""; cursor is not null;)
        {
            var page = await mine.GetJson($"/v1/events?limit=7{(cursor.Length > 0 ? $"&cursor={cursor}" : "")}");
            seen.AddRange(page["data"]!.AsArray().Select(row => (string)row!["id"]!));
            cursor = (string?)page["next_cursor"];
        }

        seen.ShouldBe(Enumerable.Range(0, 50).Select(index => $"page-{index}"), ignoreOrder: true);
    }
}
