using System.Globalization;
using System.Net.Http.Json;
using Quoin.Kernel;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Metering;

public sealed class ReadingUsage(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private const int QuarterHoursPerDay = 96;
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private TestHost host = null!;
    private HttpClient client = null!;
    private OrgId org;

    public async Task InitializeAsync()
    {
        host = await TestHost.Start(database, "api");
        var made = await host.CreateOrganisation();
        (org, client) = (made.Id, host.Client(made.Key));
    }

    public async Task DisposeAsync()
    {
        client.Dispose();
        await host.DisposeAsync();
    }

    [Fact]
    public async Task Refuses_what_would_come_to_more_rows_than_an_answer_holds()
    {
        await Use(quarterHours: Quoin.Metering.Limits.UsagePointsMax + 1);

        var all = await client.GetAsync(Query("quarter_hour", Quoin.Metering.Limits.UsagePointsMax));
        var more = await client.GetAsync(Query("quarter_hour", Quoin.Metering.Limits.UsagePointsMax + 1));
        var days = await client.GetAsync(Query("day", Quoin.Metering.Limits.UsagePointsMax + 1));

        (await all.Json())["data"]!.AsArray().Count.ShouldBe(Quoin.Metering.Limits.UsagePointsMax);
        ((int)more.StatusCode).ShouldBe(400);
        ((string)(await more.Json())["code"]!).ShouldBe("invalid_range");
        (await days.Json())["data"]!.AsArray().Count.ShouldBe((Quoin.Metering.Limits.UsagePointsMax / QuarterHoursPerDay) + 1);
    }

    [Fact]
    public async Task Refuses_to_tell_apart_more_values_than_it_can_in_a_moment()
    {
        using var operators = await host.OperatorClient();
        var defined = await operators.PostAsJsonAsync("/v1/meters", new
        {
            meters = new object[]
            {
                new
                {
                    key = "visits.visitors",
                    aggregation = "unique_count",
                    unit = "visitor",
                    definition = new { event_type = "visit", value_path = "visitor", dimensions = Array.Empty<object>() },
                },
            },
        });
        defined.IsSuccessStatusCode.ShouldBeTrue(await defined.Content.ReadAsStringAsync());
        await Visit(Quoin.Metering.Limits.DistinctValuesPerAnswerMax + 2);
        const string path = "/v1/usage?meter=visits.visitors&window=period&to=2026-01-03T00:00:00Z&from=";

        var whole = await client.GetAsync(path + "2026-01-01T00:00:00Z");
        var file = await client.GetAsync(path + "2026-01-01T00:00:00Z&format=csv");
        var compared = await client.GetAsync(path + "2026-01-02T00:00:00Z&compare_from=2026-01-01T00:00:00Z");
        var one = await client.GetJson(path + "2026-01-02T00:00:00Z");

        foreach (var refused in new[] { whole, file, compared })
        {
            ((int)refused.StatusCode).ShouldBe(400);
            var problem = await refused.Json();
            ((string)problem["code"]!).ShouldBe("invalid_range");
            ((string)problem["detail"]!).ShouldContain("values would be told apart");
        }

        ((string)one["data"]![0]!["quantity"]!).ShouldBe("1");
    }

    // All on the first day but one.
    private async Task Visit(int visitors)
    {
        await using var command = database.Owner.Sql(
            """
            insert into metering.distinct_values
                (org_id, billing_account_id, meter_id, bucket_start, dimensions, value_hash, event_count)
            select $1, account, meter_id, $2 + case when number = $3 then interval '1 day' else interval '0' end, '{}',
                lpad(to_hex(number), 32, '0')::uuid, 1
            from generate_series(1, $3) as number, metering.meters,
                (select billing_account_id as account from accounts.billing_accounts where org_id = $1) accounts
            where key = 'visits.visitors'
            """,
            org.Value,
            Start,
            visitors);
        command.CommandTimeout = 120;
        await command.ExecuteNonQueryAsync();
    }

    [Fact]
    public async Task Refuses_more_dimensions_than_it_can_tell_apart()
    {
        var dimensions = string.Concat(Enumerable.Range(0, 6).Select(number => $"&group_by=d{number}"));

        var answer = await client.GetAsync(Query("day", 1) + dimensions);

        ((int)answer.StatusCode).ShouldBe(400);
        ((string)(await answer.Json())["code"]!).ShouldBe("invalid_parameter");
    }

    [Fact]
    public async Task Adds_up_to_the_same_however_it_is_cut_and_grouped()
    {
        var random = new Random(7);
        await client.SendBatch(Enumerable.Range(0, 300).Select(number => UsageEvents.Completion(
            $"cut-{number}",
            random.Next(1, 1000),
            model: $"model-{random.Next(3)}",
            time: Rfc3339.Format(Start.AddMinutes(random.Next(60 * 24 * 60))))));
        const string range = "/v1/usage?from=2026-01-01T00:00:00Z&to=2026-03-02T00:00:00Z&meter=llm.input_tokens";
        var whole = await Sum(range + "&window=period");

        foreach (var cut in new[] { "hour", "day", "month", "quarter_hour", "day&timezone=America/New_York", "month&timezone=Asia/Tokyo" })
        {
            (await Sum($"{range}&window={cut}")).ShouldBe(whole, cut);
            (await Sum($"{range}&window={cut}&group_by=model")).ShouldBe(whole, cut);
        }

        var parts = 0m;
        foreach (var model in Enumerable.Range(0, 3))
        {
            parts += await Sum($"{range}&window=period&dimension=model:model-{model}");
        }

        parts.ShouldBe(whole);
        (await Sum($"{range}&window=period&dimension=model:model-0&dimension=model:model-1&dimension=model:model-2")).ShouldBe(whole);
    }

    [Fact]
    public async Task Tells_minutes_from_the_events_and_forgets_those_taken_back()
    {
        var sent = await client.SendBatch(
            UsageEvents.Completion("m1", 10, time: "2026-01-05T10:00:30Z"),
            UsageEvents.Completion("m2", 20, time: "2026-01-05T10:00:59Z"),
            UsageEvents.Completion("m3", 40, time: "2026-01-05T10:02:00Z"),
            UsageEvents.Completion("m4", 80, time: "2026-01-05T10:02:01Z"));
        var wrong = (string)(await sent.Json())["results"]![3]!["event"]!;
        await client.PostAsync($"/v1/events/{wrong}/void", new StringContent(
            """{"reason":"test"}""", System.Text.Encoding.UTF8, "application/json"));

        var usage = await client.GetJson(
            "/v1/usage?from=2026-01-05T10:00:00Z&to=2026-01-05T10:05:00Z&window=minute&meter=llm.input_tokens");

        usage["data"]!.AsArray().Select(row => $"{row!["window_start"]} {row["quantity"]}").ShouldBe(
            ["2026-01-05T10:00:00Z 30", "2026-01-05T10:02:00Z 40"]);
    }

    [Fact]
    public async Task Compares_with_another_range_and_gives_csv()
    {
        await client.SendBatch(
            UsageEvents.Completion("c1", 10, time: "2026-01-06T10:00:00Z"),
            UsageEvents.Completion("c2", 30, time: "2026-01-07T10:00:00Z"));
        const string query = "/v1/usage?from=2026-01-07T00:00:00Z&to=2026-01-08T00:00:00Z&window=day&meter=llm.input_tokens&group_by=model";

        var compared = await client.GetJson(query + "&compare_from=2026-01-06T00:00:00Z");
        var csv = await client.GetAsync(query + "&format=csv");

        ((string)compared["data"]![0]!["quantity"]!).ShouldBe("30");
        ((string)compared["comparison"]!["data"]![0]!["quantity"]!).ShouldBe("10");
        csv.Content.Headers.ContentType!.MediaType.ShouldBe("text/csv");
        (await csv.Content.ReadAsStringAsync()).ShouldBe(
            "window_start,meter,\"model\",quantity,event_count\r\n2026-01-07T00:00:00Z,llm.input_tokens,\"gpt-4o\",30,1\r\n");
    }

    [Theory]
    [InlineData("timezone=Middle/Earth")]
    [InlineData("meter=no.such")]
    [InlineData("dimension=model")]
    public async Task Refuses_what_names_nothing(string query)
    {
        var answer = await client.GetAsync($"/v1/usage?{query}");

        ((int)answer.StatusCode).ShouldBe(400);
        ((string)(await answer.Json())["code"]!).ShouldBe("invalid_parameter");
    }

    [Fact]
    public async Task Finds_events_by_what_they_say()
    {
        await client.SendBatch(
            UsageEvents.Completion("s1", model: "found-1", time: "2026-01-08T10:00:00Z"),
            UsageEvents.Completion("s2", model: "found-2", time: "2026-01-08T11:00:00Z"));

        (await Ids("dimension=model:found-1&dimension=model:found-2")).ShouldBe(["s2", "s1"]);
        (await Ids("meter=llm.input_tokens&dimension=model:found-1")).ShouldBe(["s1"]);
        (await Ids("source=/test&id=s2")).ShouldBe(["s2"]);
        (await Ids("type=llm.completion&from=2026-01-08T10:30:00Z&to=2026-01-08T12:00:00Z")).ShouldBe(["s2"]);
        (await Ids("source=/other&id=s2")).ShouldBeEmpty();
        (await Ids("meter=seats")).ShouldBeEmpty();
    }

    private async Task<string[]> Ids(string query) =>
        [.. (await client.GetJson($"/v1/events?{query}"))["data"]!.AsArray().Select(row => (string)row!["id"]!)];

    private async Task<decimal> Sum(string query) => (await client.GetJson(query))["data"]!.AsArray()
        .Sum(row => decimal.Parse((string)row!["quantity"]!, CultureInfo.InvariantCulture));

    [Theory]
    [InlineData("to=0001-01-02T00:00:00Z")]
    [InlineData("from=9999-12-31T23:59:59Z")]
    [InlineData("from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z")]
    public async Task Refuses_a_range_that_cannot_be(string query)
    {
        var answer = await client.GetAsync($"/v1/usage?{query}");

        ((int)answer.StatusCode).ShouldBe(400);
        ((string)(await answer.Json())["code"]!).ShouldBe("invalid_range");
    }

    private static string Query(string window, int quarterHours) => string.Create(
        CultureInfo.InvariantCulture,
        $"/v1/usage?from={Start:yyyy-MM-dd}T00:00:00Z&to={Rfc3339.Format(Start.AddMinutes(15 * quarterHours))}&window={window}");

    private async Task Use(int quarterHours)
    {
        await using var command = database.Owner.Sql(
            """
            insert into metering.usage_buckets
                (org_id, billing_account_id, meter_id, dimensions, bucket_start, quantity, event_count)
            select $1, $1, meter_id, '{}', $2 + number * interval '15 minutes', 1, 1
            from generate_series(0, $3 - 1) as number, metering.meters
            where key = 'llm.input_tokens'
            """,
            org.Value,
            Start,
            quarterHours);
        await command.ExecuteNonQueryAsync();
    }
}
