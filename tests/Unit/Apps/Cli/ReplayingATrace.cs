using System.Net;
using System.Text.Json;
using Quoin.Cli;
using Quoin.Tests.Support;
using static Quoin.Tests.Unit.Apps.Cli.AnsweringHandler;

namespace Quoin.Tests.Unit.Apps.Cli;

public sealed class ReplayingATrace
{
    private static readonly AzureTrace Trace = new([.. TraceMaker.Rows(100, 1)], [], 0, "0123456789abcdef");

    private readonly SettableClock clock = new();
    private readonly AnsweringHandler server = new(Taken);

    [Fact]
    public async Task Sends_each_row_as_a_completion_event()
    {
        var (outcome, replay) = await Run(new ReplaySettings(Trace, "/src", "gpt-4o") { Batch = 30, Connections = 1 });

        outcome.ShouldBeOfType<ReplayOutcome.Finished>();
        replay.Tally.Accepted.ShouldBe(100);
        Batches().Select(batch => batch.Length).ShouldBe([30, 30, 30, 10]);
        var (first, row) = (Batches()[0][0], Trace.Rows[0]);
        first.GetProperty("specversion").GetString().ShouldBe("1.0");
        first.GetProperty("type").GetString().ShouldBe("llm.completion");
        first.GetProperty("source").GetString().ShouldBe("/src");
        first.GetProperty("id").GetString().ShouldBe("0123456789abcdef-2");
        first.GetProperty("time").GetDateTimeOffset().ShouldBe(row.Time);
        first.GetProperty("data").GetRawText().ShouldBe(
            $$$"""{"model":"gpt-4o","input_tokens":{{{row.InputTokens}}},"output_tokens":{{{row.OutputTokens}}}}""");
    }

    [Fact]
    public async Task Sends_every_row_once_over_many_connections()
    {
        await Run(new ReplaySettings(Trace, "/src", "gpt-4o") { Batch = 1, Connections = 8, ShuffleSeed = 5 });

        Ids().Order().ShouldBe(Trace.Rows.Select(Trace.EventIdOf).Order());
    }

    [Fact]
    public async Task Leaves_out_what_was_sent_before()
    {
        var (_, replay) = await Run(new ReplaySettings(Trace, "/src", "gpt-4o") { Skip = 60, Connections = 1 });

        replay.Count.ShouldBe(40);
        Ids().ShouldBe(Trace.Rows.Skip(60).Select(Trace.EventIdOf));
    }

    [Fact]
    public async Task Says_where_to_go_on_after_it_was_stopped()
    {
        using var stop = new CancellationTokenSource();
        var settings = new ReplaySettings(Trace, "/src", "gpt-4o") { Batch = 10, Connections = 1 };
        using var api = Api(server);
        var replay = new Replay(settings, api, clock);

        var outcome = await replay.Run(
            () =>
            {
                if (replay.Tally.Total == 40)
                {
                    stop.Cancel();
                }
            },
            stop.Token);

        outcome.ShouldBeOfType<ReplayOutcome.Stopped>();
        replay.Position.ShouldBe(40);
    }

    [Fact]
    public async Task Stops_at_once_when_the_key_is_refused()
    {
        using var api = Api(new AnsweringHandler(Problem(HttpStatusCode.Unauthorized, "invalid_key", isRetryable: false)));
        var replay = new Replay(new ReplaySettings(Trace, "/src", "gpt-4o") { Batch = 1 }, api, clock);

        var outcome = await replay.Run(() => { }, CancellationToken.None);

        outcome.ShouldBeOfType<ReplayOutcome.Refused>().Message.ShouldContain("invalid_key");
        replay.Position.ShouldBe(0);
    }

    [Fact]
    public async Task Names_the_rows_that_were_not_taken()
    {
        using var api = Api(new AnsweringHandler(Answer(HttpStatusCode.Accepted, """
            {"accepted":98,"duplicate":0,"conflict":1,"rejected":1,"results":[
              {"index":0,"id":"a","verdict":"accepted","duplicate":false,"event":"evt_1"},
              {"index":1,"id":"b","verdict":"conflict","duplicate":false,"event":"evt_2"},
              {"index":2,"id":"c","verdict":"rejected","code":"event_in_future","detail":"time lies ahead"}]}
            """)));
        var replay = new Replay(new ReplaySettings(Trace, "/src", "gpt-4o"), api, clock);

        await replay.Run(() => { }, CancellationToken.None);

        replay.Tally.IsAllTaken.ShouldBeFalse();
        replay.Tally.NotTaken.Select(missed => (missed.Id, missed.Verdict)).ShouldBe([("b", "conflict"), ("c", "rejected")]);
    }

    [Fact]
    public async Task Keeps_the_traces_pace_when_told_to()
    {
        var settings = new ReplaySettings(Trace, "/src", "gpt-4o") { Speed = 1, Connections = 1 };
        using var api = Api(server);
        var replay = new Replay(settings, api, clock);
        var half = Trace.Rows[50].Time - Trace.Rows[0].Time;

        var running = replay.Run(() => { }, CancellationToken.None);
        for (var elapsed = TimeSpan.Zero; elapsed < half; elapsed += TimeSpan.FromSeconds(0.25))
        {
            await clock.WhenWaiting();
            clock.Advance(TimeSpan.FromSeconds(0.25));
        }

        await clock.WhenWaiting();
        var due = Trace.Rows.Count(row => row.Time - Trace.Rows[0].Time <= half);
        replay.Tally.Total.ShouldBeInRange(due - 10, due + 10);
        clock.Advance(TimeSpan.FromHours(1));
        while (!running.IsCompleted)
        {
            await Task.WhenAny(running, clock.WhenWaiting());
            clock.Advance(TimeSpan.FromHours(1));
        }

        (await running).ShouldBeOfType<ReplayOutcome.Finished>();
        replay.Tally.Total.ShouldBe(100);
    }

    private static HttpResponseMessage Taken(HttpRequestMessage request)
    {
        var events = JsonDocument.Parse(request.Content!.ReadAsStream()).RootElement.GetArrayLength();
        var body = $$"""{"accepted":{{events}},"duplicate":0,"conflict":0,"rejected":0,"results":[]}""";
        return Answer(HttpStatusCode.Accepted, body)(request);
    }

    private async Task<(ReplayOutcome Outcome, Replay Replay)> Run(ReplaySettings settings)
    {
        using var api = Api(server);
        var replay = new Replay(settings, api, clock);
        return (await replay.Run(() => { }, CancellationToken.None), replay);
    }

    private ApiClient Api(AnsweringHandler handler) =>
        new(new ApiSettings([new Uri("http://quoin")], "qn_test_x", null), clock, handler);

    private JsonElement[][] Batches() =>
        [.. server.Requests.Select(request => JsonDocument.Parse(request.Body).RootElement.EnumerateArray().ToArray())];

    private IEnumerable<string> Ids() => Batches().SelectMany(batch => batch).Select(item => item.GetProperty("id").GetString()!);
}
