using System.Text;
using Quoin.Pricing;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Charging;

public sealed class FollowingARequest(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private TestHost host = null!;
    private TestOrganisation org = null!;
    private HttpClient client = null!;

    public async Task InitializeAsync()
    {
        host = await TestHost.Start(database, "api");
        org = await host.CreateOrganisation();
        client = host.Client(org.Key);
        if ((await host.Get<PriceBooks>().Current(CancellationToken.None)).Versions.Count == 0)
        {
            await host.PublishUsualPrices();
        }
    }

    public async Task DisposeAsync()
    {
        client.Dispose();
        await host.DisposeAsync();
    }

    [Fact]
    public async Task Shows_the_whole_trail_from_the_event_to_the_entries()
    {
        await Send("my-request", UsageEvents.Completion("a", 1000, 100), UsageEvents.Completion("b", 2000, 0));
        await host.RateAll();

        var trail = await client.GetJson("/v1/diagnostics?correlation_id=my-request");

        ((bool)trail["complete"]!).ShouldBeTrue(trail.ToJsonString());
        trail["events"]!.AsArray().Select(one => (string)one!["id"]!).ShouldBe(["a", "b"]);
        var usage = trail["usage"]!.AsArray();
        usage.Select(one => (string)one!["quantity"]!).ShouldBe(["3000", "100"], ignoreOrder: true);
        usage.Select(one => (string)one!["state"]!).ShouldAllBe(state => state == "rated");
        var transfer = trail["transfers"]!.AsArray().Single()!;
        ((string)transfer["correlation_id"]!).ShouldBe("my-request");
        transfer["entries"]!.AsArray().Sum(entry => (long)entry!["amount"]!["amount_micros"]!).ShouldBe(0);
    }

    [Fact]
    public async Task Says_what_is_missing_and_why()
    {
        await Send("early", UsageEvents.Completion("a", 1000, 100));
        await Send("strange", UsageEvents.Completion("b", 5, 5, "nobody-prices"));
        var waiting = await client.GetJson("/v1/diagnostics?correlation_id=early");
        await host.RateAll();
        var setAside = await client.GetJson("/v1/diagnostics?correlation_id=strange");
        var unknown = await client.GetJson("/v1/diagnostics?correlation_id=never-sent");

        waiting["usage"]!.AsArray().Select(one => (string)one!["state"]!).ShouldAllBe(state => state == "waiting");
        setAside["usage"]!.AsArray().Select(one => (string)one!["state"]!).ShouldAllBe(state => state == "set_aside");
        unknown["missing"]!.AsArray().Single()!.ToString().ShouldStartWith("events:");
        ((bool)waiting["complete"]!).ShouldBeFalse();
    }

    [Fact]
    public async Task Tells_requests_of_one_fold_apart()
    {
        await Task.WhenAll(Enumerable.Range(0, 30).Select(index =>
            Send($"together-{index}", UsageEvents.Completion($"{index}", 1000 + index, 0))));
        await host.RateAll();

        for (var index = 0; index < 30; index++)
        {
            var trail = await client.GetJson($"/v1/diagnostics?correlation_id=together-{index}");
            ((string)trail["events"]!.AsArray().Single()!["id"]!).ShouldBe($"{index}");
            trail["usage"]!.AsArray().Select(one => (string)one!["quantity"]!).ShouldContain($"{1000 + index}");
        }
    }

    [Fact]
    public async Task Follows_nobody_elses_requests()
    {
        await Send("theirs", UsageEvents.Completion("a", 1000, 100));
        var other = await host.CreateOrganisation();
        using var foreign = host.Client(other.Key);

        (await foreign.GetJson("/v1/diagnostics?correlation_id=theirs"))["events"]!.AsArray().ShouldBeEmpty();
    }

    private async Task Send(string name, params System.Text.Json.Nodes.JsonNode[] events)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/events")
        {
            Content = new StringContent(
                $"[{string.Join(',', events.Select(one => one.ToJsonString()))}]", Encoding.UTF8, UsageEvents.Batch),
        };
        request.Headers.Add("X-Request-Id", name);
        (await client.SendAsync(request)).EnsureSuccessStatusCode();
    }
}
