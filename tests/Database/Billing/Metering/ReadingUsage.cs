using System.Globalization;
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
    public async Task Refuses_more_dimensions_than_it_can_tell_apart()
    {
        var dimensions = string.Concat(Enumerable.Range(0, 6).Select(number => $"&group_by=d{number}"));

        var answer = await client.GetAsync(Query("day", 1) + dimensions);

        ((int)answer.StatusCode).ShouldBe(400);
        ((string)(await answer.Json())["code"]!).ShouldBe("invalid_parameter");
    }

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
