using System.Net;
using Quoin.Cli;
using Quoin.Tests.Support;
using static Quoin.Tests.Unit.Apps.Cli.AnsweringHandler;

namespace Quoin.Tests.Unit.Apps.Cli;

public sealed class CallingTheApi
{
    private static readonly Func<HttpRequestMessage, HttpResponseMessage> Good = Answer(HttpStatusCode.OK, "{}");
    private static readonly Func<HttpRequestMessage, HttpResponseMessage> Busy =
        Problem(HttpStatusCode.TooManyRequests, "ingest_overloaded", isRetryable: true, retryAfterSeconds: 3);

    private readonly SettableClock clock = new();

    [Fact]
    public async Task Carries_the_key_and_the_organisation()
    {
        HttpRequestMessage? sent = null;
        using var api = Client(new AnsweringHandler(request =>
        {
            sent = request;
            return Good(request);
        }));

        await api.Get<object>("/v1/balance", CancellationToken.None);

        sent!.Headers.Authorization!.ToString().ShouldBe("Bearer qn_test_x");
        sent.Headers.GetValues("Quoin-Org").ShouldBe(["org_1"]);
    }

    [Fact]
    public async Task Waits_as_long_as_a_busy_server_asks_and_sends_the_same_again()
    {
        var handler = new AnsweringHandler(Busy, Good);
        using var api = Client(handler);

        var sending = api.Send(HttpMethod.Post, "/v1/events", "[1]"u8.ToArray(), "application/json", CancellationToken.None);
        await clock.WhenWaiting();
        clock.Advance(TimeSpan.FromSeconds(2.9));
        handler.Requests.Count.ShouldBe(1);
        clock.Advance(TimeSpan.FromSeconds(1));

        (await sending).ShouldBeOfType<ApiOutcome.Answered>();
        handler.Requests.Select(request => request.Body).ShouldBe(["[1]", "[1]"]);
    }

    [Theory]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    [InlineData(HttpStatusCode.InternalServerError)]
    [InlineData(HttpStatusCode.BadGateway)]
    public async Task Tries_a_failing_server_again(HttpStatusCode status)
    {
        using var api = Client(new AnsweringHandler(Answer(status, "<html>"), Good));

        var sending = api.Get<object>("/v1/balance", CancellationToken.None);
        await clock.WhenWaiting();
        clock.Advance(Limits.PauseShortest * 2);

        await sending;
    }

    [Fact]
    public async Task Goes_to_the_next_replica_when_one_is_away()
    {
        var handler = new AnsweringHandler(_ => throw new HttpRequestException("connection refused"), Good);
        using var api = Client(handler);

        var sending = api.Get<object>("/v1/balance", CancellationToken.None);
        await clock.WhenWaiting();
        clock.Advance(Limits.PauseShortest * 2);

        await sending;
        handler.Requests.Select(request => request.Url.Host).ShouldBe(["one", "two"]);
    }

    [Fact]
    public async Task Gives_up_when_the_patience_ends()
    {
        var handler = new AnsweringHandler(Busy);
        using var api = Client(handler);

        var sending = api.Send(HttpMethod.Get, "/v1/balance", null, null, CancellationToken.None);
        for (var asked = 1; asked <= 3; asked++)
        {
            await clock.WhenWaiting();
            clock.Advance(TimeSpan.FromSeconds(4));
        }

        (await sending).ShouldBeOfType<ApiOutcome.Unavailable>().Message.ShouldContain("ingest_overloaded");
    }

    [Theory]
    [InlineData(HttpStatusCode.Unauthorized, "invalid_key")]
    [InlineData(HttpStatusCode.NotFound, "organisation_not_found")]
    public async Task Does_not_ask_again_what_was_refused(HttpStatusCode status, string code)
    {
        var handler = new AnsweringHandler(Problem(status, code, isRetryable: false));
        using var api = Client(handler);

        var outcome = await api.Send(HttpMethod.Get, "/v1/balance", null, null, CancellationToken.None);

        outcome.ShouldBe(new ApiOutcome.Refused(status, code, $"Title. Detail. ({code}, req_1)"));
        handler.Requests.Count.ShouldBe(1);
    }

    private ApiClient Client(AnsweringHandler handler) => new(
        new ApiSettings([new Uri("http://one"), new Uri("http://two")], "qn_test_x", "org_1")
        {
            Patience = TimeSpan.FromSeconds(12),
        },
        clock,
        handler);
}
