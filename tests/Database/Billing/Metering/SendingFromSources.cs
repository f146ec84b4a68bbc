using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Quoin.Kernel;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Metering;

/// <summary>The guide to sources is the contract: what it shows is what is sent here.</summary>
public sealed partial class SendingFromSources(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private static readonly DateTimeOffset At = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);
    private TestHost host = null!;
    private HttpClient client = null!;
    private OrgId org;

    public async Task InitializeAsync()
    {
        host = await TestHost.Start(database, "api");
        var made = await host.CreateOrganisation();
        (org, client) = (made.Id, host.Client(made.Key));
        await host.Get<DueWork>().MoveClock(org, At, CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        client.Dispose();
        await host.DisposeAsync();
    }

    [Fact]
    public async Task Counts_exactly_the_examples_of_the_guide()
    {
        var answer = await client.SendBatch(Examples());

        ((int)(await answer.Json())["rejected"]!).ShouldBe(0, await answer.Content.ReadAsStringAsync());
        await host.Get<DueWork>().MoveClock(org, At.AddHours(1), CancellationToken.None);
        var usage = await client.GetJson("/v1/usage?from=2026-01-31T12:00:00Z&to=2026-01-31T13:00:00Z&window=period");
        usage["data"]!.AsArray().ToDictionary(row => (string)row!["meter"]!, row => (string)row!["quantity"]!).ShouldBe(
            new Dictionary<string, string>
            {
                ["agent.runs"] = "1",
                ["app.runtime_seconds"] = "60",
                ["gpu.seconds"] = "28800",
                ["ingress.bytes"] = "52428800",
                ["ingress.requests"] = "1840",
                ["llm.cached_read_tokens"] = "8000",
                ["llm.input_tokens"] = "1200",
                ["llm.output_tokens"] = "350",
                ["llm.reasoning_tokens"] = "120",
                ["llm.requests"] = "1",
                ["network.egress_bytes"] = "734003200",
                ["network.ingress_bytes"] = "10485760",
                ["scheduler.job_seconds"] = "5400.25",
                ["seats"] = "12",
                ["storage.byte_seconds"] = "386547056640000",
            },
            ignoreOrder: true);
    }

    [Fact]
    public async Task Carries_attribution_to_usage()
    {
        await client.SendBatch(Examples());
        await host.Get<DueWork>().MoveClock(org, At.AddHours(1), CancellationToken.None);

        var usage = await client.GetJson(
            "/v1/usage?from=2026-01-31T12:00:00Z&to=2026-01-31T13:00:00Z&window=period&meter=gpu.seconds"
            + "&group_by=allocation&group_by=submitter&group_by=project&dimension=mode:on_demand");

        usage["data"]![0]!["dimensions"]!.ToJsonString().ShouldBe(
            """{"allocation":"alloc-7","project":"vision","submitter":"u-17"}""");
    }

    [Theory]
    [InlineData("scheduler.job", """{"seconds":1,"unit":"gpu-second"}""", "invalid_quantity")]
    [InlineData("scheduler.job", """{"seconds":-1}""", "invalid_quantity")]
    [InlineData("network.transfer", """{"region":"eu-1"}""", "invalid_quantity")]
    [InlineData(
        "network.transfer",
        """{"egress_bytes":1,"window_start":"2026-01-31T12:00:00Z","window_end":"2026-01-31T11:59:59Z"}""",
        "invalid_event")]
    [InlineData("network.transfer", """{"egress_bytes":1,"window_end":"2026-01-31T11:59:59Z"}""", "invalid_event")]
    [InlineData(
        "network.transfer",
        """{"egress_bytes":1,"window_start":"2026-01-31T12:00:00Z","window_end":"2026-01-31T12:05:30Z"}""",
        "event_in_future")]
    [InlineData("gpu.allocation", """{"allocation":"a","gpus":1.2345,"gpu_class":"h100"}""", "invalid_quantity")]
    [InlineData("gpu.allocation", """{"gpus":1,"gpu_class":"h100"}""", "invalid_event")]
    [InlineData("toaster.minute", """{"slices":1}""", "unknown_meter")]
    public async Task Refuses_what_no_contract_says(string type, string data, string code)
    {
        var answer = await client.SendEvent(new JsonObject
        {
            ["specversion"] = "1.0",
            ["id"] = "wrong",
            ["source"] = "/test",
            ["type"] = type,
            ["time"] = "2026-01-31T12:00:00Z",
            ["data"] = JsonNode.Parse(data),
        });

        ((int)answer.StatusCode).ShouldBe(422);
        ((string)(await answer.Json())["code"]!).ShouldBe(code);
    }

    private static IEnumerable<JsonNode> Examples()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Quoin.slnx")))
        {
            folder = folder.Parent;
        }

        var guide = File.ReadAllText(Path.Combine(folder.FullName, "docs", "guides", "sources.md"));
        return Block().Matches(guide).Select(match => JsonNode.Parse(match.Groups["json"].Value)!);
    }

    [GeneratedRegex("```json\n(?<json>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Block();
}
