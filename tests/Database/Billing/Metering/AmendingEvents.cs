using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Npgsql;
using Quoin.Kernel;
using Quoin.Metering;
using Quoin.Platform;
using Quoin.Tests.Support;
using UsageDoor = Quoin.Metering.Metering;

namespace Quoin.Tests.Database.Billing.Metering;

public sealed class AmendingEvents(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private TestHost host = null!;
    private HttpClient client = null!;
    private TestOrganisation org = null!;

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
    public async Task Takes_an_event_back_once_and_says_so()
    {
        var sent = await Send("one");

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Void(sent, "a test")));
        var otherwise = await Void(sent, "another reason");

        answers.ShouldAllBe(answer => answer.IsSuccessStatusCode);
        ((string)(await otherwise.Json())["code"]!).ShouldBe("event_amended");
        (await Tokens()).ShouldBe("0");
        var shown = await client.GetJson($"/v1/events/{sent}");
        ((string)shown["amendment"]!["kind"]!).ShouldBe("void");
        (await Audited("event.voided", sent)).ShouldBe(1);
    }

    [Fact]
    public async Task Replaces_an_event_and_lets_the_replacement_be_amended()
    {
        var sent = await Send("two");

        var first = await Correct(sent, 600);
        var replacement = (string)(await first.Json())["replaced_by"]!;
        var second = await Correct(replacement, 700);

        second.IsSuccessStatusCode.ShouldBeTrue(await second.Content.ReadAsStringAsync());
        ((string)(await (await Correct(sent, 601)).Json())["code"]!).ShouldBe("event_amended");
        (await Tokens()).ShouldBe("700");
        ((string)(await client.GetJson($"/v1/events/{replacement}"))["id"]!).ShouldBe(sent);
    }

    [Theory]
    [InlineData("""{"model":"gpt-4o","input_tokens":-1,"output_tokens":0}""", 422, "invalid_quantity")]
    [InlineData("""{"input_tokens":1,"output_tokens":0}""", 422, "invalid_event")]
    [InlineData("""[]""", 422, "invalid_event")]
    public async Task Refuses_a_replacement_that_cannot_be_counted_and_leaves_the_event(string data, int status, string code)
    {
        var sent = await Send("three");

        var answer = await client.PostAsJsonAsync(
            $"/v1/events/{sent}/correct", new { reason = "wrong", data = JsonNode.Parse(data) });

        ((int)answer.StatusCode).ShouldBe(status);
        ((string)(await answer.Json())["code"]!).ShouldBe(code);
        (await client.GetJson($"/v1/events/{sent}"))["amendment"].ShouldBeNull();
    }

    [Fact]
    public async Task Lets_only_the_operator_amend_what_the_program_itself_told()
    {
        var told = await Tell("a-call");
        using var operators = await host.OperatorClient();
        operators.DefaultRequestHeaders.Add("Quoin-Org", org.Id.ToString());

        var voided = await Void(told, "It was not mine.");
        var corrected = await Correct(told, 1);
        var byOperator = await operators.PostAsJsonAsync($"/v1/events/{told}/void", new { reason = "The provider was wrong." });

        ((string)(await voided.Json())["code"]!).ShouldBe("event_source_reserved");
        ((string)(await corrected.Json())["code"]!).ShouldBe("event_source_reserved");
        byOperator.IsSuccessStatusCode.ShouldBeTrue(await byOperator.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Knows_no_event_of_another_organisation()
    {
        var sent = await Send("four");
        using var stranger = host.Client((await host.CreateOrganisation()).Key);

        var answer = await stranger.PostAsJsonAsync($"/v1/events/{sent}/void", new { reason = "mine" });

        ((int)answer.StatusCode).ShouldBe(404);
    }

    [Fact]
    public async Task Names_what_was_taken_back_behind_the_usage()
    {
        var sent = await Send("five");
        await Void(sent, "a test");
        var metering = host.Get<Quoin.Metering.Metering>();
        var meter = (await metering.Meters(CancellationToken.None)).First(one => one.Key == "llm.input_tokens");

        var counted = await metering.EventsOf(
            org.Id,
            new FoldedEvents(
                org.BillingAccount,
                meter.Id,
                Dimensions.Of([new("model", "gpt-4o"), new("provider", "none")]),
                QuarterHour.Of(At),
                await Folds()),
            null,
            10,
            CancellationToken.None);

        counted.Select(one => (one.Stored.EventId, one.Quantity, one.As)).ShouldBe(
            [("five", 1000m, CountedAs.Sent), ("five", -1000m, CountedAs.Voided)]);
    }

    [Fact]
    public async Task Names_the_level_behind_what_was_accrued()
    {
        var clock = host.Get<DueWork>();
        await clock.MoveClock(org.Id, At.AddHours(2), CancellationToken.None);
        await client.SendEvent(Level("open", At, 2));
        await client.SendEvent(Level("close", At.AddMinutes(10), 0));
        await clock.MoveClock(org.Id, At.AddHours(3), CancellationToken.None);
        var metering = host.Get<Quoin.Metering.Metering>();
        var meter = (await metering.Meters(CancellationToken.None)).First(one => one.Key == "storage.byte_seconds");
        var dimensions = Dimensions.Of(
        [
            new("class", "standard"), new("project", "none"), new("region", "none"), new("volume", "v"),
        ]);

        var counted = await metering.EventsOf(
            org.Id,
            new FoldedEvents(org.BillingAccount, meter.Id, dimensions, At, await Folds()),
            null,
            10,
            CancellationToken.None);

        counted.Select(one => (one.Stored.EventId, one.Quantity, one.As)).ShouldBe([("open", 1200m, CountedAs.Accrued)]);
        (await metering.UnratedDepth(org.Id, CancellationToken.None)).Count.ShouldBe(1);
    }

    private static readonly DateTimeOffset At = new(2026, 2, 1, 12, 0, 0, TimeSpan.Zero);

    private static JsonObject Level(string id, DateTimeOffset at, int bytes) => new()
    {
        ["specversion"] = "1.0",
        ["id"] = id,
        ["source"] = "/test",
        ["type"] = "storage.volume",
        ["time"] = Rfc3339.Format(at),
        ["data"] = new JsonObject { ["volume"] = "v", ["bytes"] = bytes },
    };

    private async Task<string> Send(string id)
    {
        var answer = await client.SendEvent(UsageEvents.Completion(id, time: Rfc3339.Format(At)));
        return (string)(await answer.Json())["event"]!;
    }

    // As the gateway does, of which no request from outside can be the equal.
    private async Task<string> Tell(string id)
    {
        await using var connection = await host.Get<NpgsqlDataSource>().OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var usage = new UsageEvent(
            org.Id,
            org.BillingAccount,
            "quoin/inference",
            id,
            "llm.completion",
            TimeProvider.System.GetUtcNow(),
            """{"model":"gpt-4o","input_tokens":1000,"output_tokens":100}""");
        var recorded = await host.Get<UsageDoor>().RecordWithin(transaction, [usage], CancellationToken.None);
        await transaction.CommitAsync();
        return recorded.Single().Position.ToString();
    }

    private Task<HttpResponseMessage> Void(string sent, string reason) =>
        client.PostAsJsonAsync($"/v1/events/{sent}/void", new { reason });

    private Task<HttpResponseMessage> Correct(string sent, long tokens) => client.PostAsJsonAsync(
        $"/v1/events/{sent}/correct",
        new { reason = "wrong", data = new { model = "gpt-4o", input_tokens = tokens, output_tokens = 1 } });

    private async Task<string> Tokens()
    {
        var usage = await client.GetJson(
            "/v1/usage?from=2026-02-01T00:00:00Z&to=2026-02-02T00:00:00Z&window=period&meter=llm.input_tokens");
        return usage["data"]!.AsArray() is [{ } row] ? (string)row["quantity"]! : "0";
    }

    private async Task<long> Audited(string action, string subject)
    {
        await using var command = database.Owner.Sql(
            "select count(*) from accounts.audit_log where action = $1 and subject = $2", action, subject);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private async Task<Guid[]> Folds()
    {
        await using var command = database.Owner.Sql(
            "select array_agg(distinct fold_id order by fold_id) from metering.unrated_folds where org_id = $1", org.Id.Value);
        return (Guid[])(await command.ExecuteScalarAsync())!;
    }
}
