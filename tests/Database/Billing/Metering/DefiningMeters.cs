using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Metering;

public sealed class DefiningMeters(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private static readonly DateTimeOffset Noon = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly SettableClock clock = new(Noon);
    private TestHost host = null!;
    private HttpClient operatorClient = null!;
    private HttpClient client = null!;

    public async Task InitializeAsync()
    {
        host = await TestHost.Start(database, "api", clock);
        operatorClient = await host.OperatorClient();
        client = host.Client((await host.CreateOrganisation()).Key);
    }

    public async Task DisposeAsync()
    {
        client.Dispose();
        operatorClient.Dispose();
        await host.DisposeAsync();
    }

    [Fact]
    public async Task Measures_by_the_version_in_force_when_the_event_happened()
    {
        await Define(Meter("video.seconds", "video", "seconds"));
        var version = await operatorClient.PostAsJsonAsync("/v1/meters/video.seconds/versions", new
        {
            definition = new { event_type = "video", value_path = "clip.seconds", dimensions = Array.Empty<object>() },
            effective_from = "2026-06-01T12:30:00Z",
        });
        ((int)version.StatusCode).ShouldBe(201, await version.Content.ReadAsStringAsync());
        clock.Advance(TimeSpan.FromHours(1));

        var before = await client.SendEvent(Video("v1", "2026-06-01T12:29:59Z", """{"seconds":1,"clip":{"seconds":10}}"""));
        var after = await client.SendEvent(Video("v2", "2026-06-01T12:30:00Z", """{"seconds":2,"clip":{"seconds":20}}"""));
        var untimed = await client.SendEvent(Video("v3", null, """{"seconds":3,"clip":{"seconds":30}}"""));

        foreach (var answer in new[] { before, after, untimed })
        {
            ((int)answer.StatusCode).ShouldBe(202, await answer.Content.ReadAsStringAsync());
        }

        var usage = await client.GetJson("/v1/usage?window=period&from=2026-06-01T00:00:00Z&to=2026-06-02T00:00:00Z&meter=video.seconds");
        ((string)usage["data"]![0]!["quantity"]!).ShouldBe("51");
        ((int)(await operatorClient.GetJson("/v1/meters/video.seconds"))["versions"]!.AsArray().Count).ShouldBe(2);
    }

    [Fact]
    public async Task Begins_a_further_meter_of_a_type_ahead_of_what_is_measured()
    {
        await Define(Meter("audio.seconds", "audio", "seconds"));

        var early = await Post(Meter("audio.bytes", "audio", "bytes", "2026-06-01T12:00:00Z"));
        var next = await Post(Meter("audio.bytes", "audio", "bytes"));

        ((int)early.StatusCode).ShouldBe(422);
        ((string)(await early.Json())["code"]!).ShouldBe("meter_refused");
        ((string)(await next.Json())["data"]![0]!["versions"]![0]!["effective_from"]!).ShouldBe("2026-06-01T12:15:00Z");
    }

    [Theory]
    [InlineData("""{"event_type":"x","dimensions":[]}""", "sum")]
    [InlineData("""{"event_type":"x","value_path":"a","dimensions":[]}""", "count")]
    [InlineData("""{"event_type":"x","value_path":"a","dimensions":[]}""", "time_weighted")]
    [InlineData("""{"event_type":"x","value_path":"a..b","dimensions":[]}""", "sum")]
    [InlineData("""{"event_type":"x","value_path":"a","dimensions":[{"name":"Model","path":"m"}]}""", "sum")]
    [InlineData("""{"event_type":"x","value_path":"a","dimensions":[{"name":"m","path":"m"},{"name":"m","path":"n"}]}""", "sum")]
    [InlineData("""{"event_type":"x","value_path":"a","dimensions":[],"transforms":{"divide":"0"}}""", "sum")]
    [InlineData("""{"event_type":"x","value_path":"a","dimensions":[],"transforms":{"multiply":"2"}}""", "unique_count")]
    [InlineData("""{"event_type":"x","value_path":"a","dimensions":[],"bands":{"paths":["a"],"ranges":[{"up_to":"5"}]}}""", "sum")]
    [InlineData(
        """{"event_type":"x","value_path":"a","dimensions":[],"bands":{"paths":["a"],"ranges":[{"up_to":"5"},{"up_to":"4"},{}]}}""",
        "sum")]
    public async Task Refuses_what_cannot_be_measured(string definition, string aggregation)
    {
        var answer = await Post(new JsonObject
        {
            ["key"] = "wrong",
            ["aggregation"] = aggregation,
            ["unit"] = "thing",
            ["definition"] = JsonNode.Parse(definition),
        });

        ((int)answer.StatusCode).ShouldBe(422, await answer.Content.ReadAsStringAsync());
        ((string)(await answer.Json())["code"]!).ShouldBe("meter_refused");
    }

    [Fact]
    public async Task Has_one_meter_a_key_and_leaves_customers_out()
    {
        (await (await Post(Meter("seats", "other", "value"))).Json())["code"]!.GetValue<string>().ShouldBe("meter_taken");

        ((int)(await client.PostAsJsonAsync("/v1/meters", new { meters = Array.Empty<object>() })).StatusCode).ShouldBe(403);
    }

    private static JsonObject Video(string id, string? time, string data)
    {
        var made = new JsonObject
        {
            ["specversion"] = "1.0",
            ["id"] = id,
            ["source"] = "/test",
            ["type"] = "video",
            ["data"] = JsonNode.Parse(data),
        };
        if (time is not null)
        {
            made["time"] = time;
        }

        return made;
    }

    private static JsonObject Meter(string key, string type, string path, string? from = null)
    {
        var made = new JsonObject
        {
            ["key"] = key,
            ["aggregation"] = "sum",
            ["unit"] = "thing",
            ["definition"] = new JsonObject { ["event_type"] = type, ["value_path"] = path, ["dimensions"] = new JsonArray() },
        };
        if (from is not null)
        {
            made["effective_from"] = from;
        }

        return made;
    }

    private async Task Define(JsonObject meter) => ((int)(await Post(meter)).StatusCode).ShouldBe(201);

    private Task<HttpResponseMessage> Post(JsonObject meter) =>
        operatorClient.PostAsJsonAsync("/v1/meters", new JsonObject { ["meters"] = new JsonArray(meter) });
}
