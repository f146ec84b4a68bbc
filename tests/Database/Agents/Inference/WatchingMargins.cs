using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Quoin.Inference;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Agents.Inference;

/// <summary>What is left of what customers pay: of real money, by the operator's clock, and of all rows.</summary>
public sealed class WatchingMargins(Gateway gateway) : IClassFixture<Gateway>
{
    private static readonly ModelUsage Used = new() { InputTokens = 80, OutputTokens = 20, Requests = 1 };

    [Fact]
    public async Task Play_money_is_no_revenue_and_what_providers_ask_for_it_is_a_cost()
    {
        var from = Begin();
        var (live, test) = (await gateway.LiveCustomer(), await gateway.Customer());
        await live.Use(Used);
        await test.Use(Used);
        await test.Use(Used, Gateway.Demo);

        var margins = await Margins(from, "model");

        var row = margins["rows"]!.AsArray().ShouldHaveSingleItem()!;
        ((string)row["name"]!, (long)row["requests"]!, (long)row["losing_requests"]!).ShouldBe(("openai/gpt-4o", 2L, 0L));
        (Micros(row, "customer"), Micros(row, "provider"), Micros(row, "margin"), Micros(row, "test_provider"))
            .ShouldBe(("400", "400", "0", "200"));
    }

    [Fact]
    public async Task A_customer_that_moves_its_clock_moves_no_day_of_the_operators()
    {
        var from = Begin();
        var test = await gateway.Customer();
        await gateway.First.Get<DueWork>().MoveClock(test.Org, from.AddDays(3), CancellationToken.None);
        await test.Use(Used);

        var margins = await Margins(from, "day");

        ((string)margins["rows"]!.AsArray().ShouldHaveSingleItem()!["name"]!)
            .ShouldBe(from.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task The_totals_count_the_rows_that_are_left_out()
    {
        var from = Begin();
        var live = await gateway.LiveCustomer();
        var call = await live.Use(Used);
        await gateway.CopyCall(call, [.. Enumerable.Repeat(live.Key, 501)]);
        gateway.Clock.Advance(TimeSpan.FromMinutes(1));

        var margins = await Margins(from, "model");
        var page = await gateway.Operator.GetStringAsync("/console/models/margins?days=1&by=model");

        (margins["rows"]!.AsArray().Count, (long)margins["rows_left_out"]!).ShouldBe((500, 2L));
        var total = margins["totals"]!.AsArray().ShouldHaveSingleItem()!;
        ((long)total["requests"]!, Micros(total, "customer"), Micros(total, "margin")).ShouldBe((502L, "200800", "100400"));
        page.ShouldContain("2 more rows");
        page.ShouldContain("of 502");
    }

    [Fact]
    public async Task A_call_for_play_money_neither_loses_money_nor_hides_one_that_does()
    {
        var (live, test) = (await gateway.LiveCustomer(), await gateway.Customer());
        var counted = new List<(string Name, object? Mode, long Count)>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, owner) =>
            {
                if (instrument.Name is "inference.call.lose" or "inference.call.settle"
                    && instrument.Meter.Scope == gateway.First.Get<IMeterFactory>())
                {
                    owner.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, count, tags, _) =>
        {
            lock (counted)
            {
                counted.Add((instrument.Name, tags.Length == 0 ? null : tags[0].Value, count));
            }
        });
        listener.Start();

        await SettleAtALoss(live);
        await SettleAtALoss(test);

        long Sum(string name, string? mode) => counted.Where(one => one.Name == name && (string?)one.Mode == mode).Sum(one => one.Count);
        (Sum("inference.call.settle", "live"), Sum("inference.call.settle", "test"), Sum("inference.call.lose", null))
            .ShouldBe((1L, 1L, 1L));
    }

    private static async Task SettleAtALoss(Customer customer, TestHost on)
    {
        var call = customer.Call(Gateway.Gpt);
        await customer.Admitted(call, on: on);
        var settled = await on.Get<ISettlement>().Settle(
            call, new CallEnding(CallStatus.Succeeded, Gateway.Gpt, Used) { ToldMicros = 1_000_000 });
        await settled.Committed;
    }

    private Task SettleAtALoss(Customer customer) => SettleAtALoss(customer, gateway.First);

    // Each looks at days of its own.
    private DateTimeOffset Begin()
    {
        gateway.Clock.Advance(TimeSpan.FromDays(2));
        return gateway.Clock.GetUtcNow();
    }

    private async Task<JsonNode> Margins(DateTimeOffset from, string group)
    {
        var (start, end) = (Text(from), Text(from.AddHours(1)));
        return await gateway.Operator.GetJson($"/v1/inference/margins?group_by={group}&from={start}&to={end}");
    }

    private static string Text(DateTimeOffset instant) =>
        instant.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Micros(JsonNode row, string what) => (string)row[$"{what}_micros"]!;
}
