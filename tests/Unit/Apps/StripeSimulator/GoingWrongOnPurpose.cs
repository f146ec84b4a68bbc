using System.Net;
using System.Text.Json.Nodes;
using Quoin.StripeSimulator;
using Quoin.Tests.Support;

namespace Quoin.Tests.Unit.Apps.Simulating;

/// <summary>Each fault of the script, seen from the caller: what it gets, what was done, what a second try finds.</summary>
public sealed class GoingWrongOnPurpose : IClassFixture<SimulatorFixture>
{
    // Long enough for an answer on a busy machine; only the calls that are to time out wait for it.
    private static readonly TimeSpan Impatience = TimeSpan.FromSeconds(3);

    private readonly SimulatorFixture stripe;

    public GoingWrongOnPurpose(SimulatorFixture stripe)
    {
        this.stripe = stripe;
        stripe.Simulator.Reset();
    }

    [Fact]
    public async Task A_call_that_times_out_before_it_arrives_leaves_nothing()
    {
        stripe.Fault(FaultKind.TimeoutBefore, "/v1/customers");

        await Should.ThrowAsync<TaskCanceledException>(CreateCustomer("k"));

        Customers.ShouldBe(0);
        (await CreateCustomer("k")).Status.ShouldBe(200);
        Customers.ShouldBe(1);
    }

    [Fact]
    public async Task A_call_whose_answer_is_lost_was_done_and_is_replayed()
    {
        stripe.Fault(FaultKind.TimeoutAfter, "/v1/customers");

        await Should.ThrowAsync<TaskCanceledException>(CreateCustomer("k"));

        Customers.ShouldBe(1);
        var again = await CreateCustomer("k");
        again.IsReplay.ShouldBeTrue();
        Customers.ShouldBe(1);
    }

    [Theory]
    [InlineData(FaultKind.ResetBefore, 0)]
    [InlineData(FaultKind.ResetAfter, 1)]
    public async Task A_broken_connection_says_nothing_of_what_was_done(FaultKind kind, int done)
    {
        stripe.Fault(kind, "/v1/customers");

        await Should.ThrowAsync<HttpRequestException>(CreateCustomer("k"));

        Customers.ShouldBe(done);
        (await CreateCustomer("k")).IsReplay.ShouldBe(done == 1);
        Customers.ShouldBe(1);
    }

    [Fact]
    public async Task Too_many_calls_are_told_when_to_come_back()
    {
        stripe.Simulator.Add(new Fault(FaultKind.RateLimit, "POST", "/v1/*") { RetryAfter = 7 });

        var answer = await CreateCustomer("k");

        answer.Status.ShouldBe(429);
        answer.RetryAfter.ShouldBe("7");
        answer.Body["error"]!["code"]!.GetValue<string>().ShouldBe("rate_limit");
        (await CreateCustomer("k")).Status.ShouldBe(200);
    }

    [Theory]
    [InlineData(FaultKind.ErrorBefore, 0)]
    [InlineData(FaultKind.ErrorAfter, 1)]
    public async Task A_500_is_kept_for_its_key_as_documented(FaultKind kind, int done)
    {
        stripe.Fault(kind, "/v1/customers");

        (await CreateCustomer("k")).Status.ShouldBe(500);

        var again = await CreateCustomer("k");
        again.Status.ShouldBe(500);
        again.IsReplay.ShouldBeTrue();
        Customers.ShouldBe(done);
    }

    [Theory]
    [InlineData(FaultKind.ErrorBefore, false)]
    [InlineData(FaultKind.ErrorAfter, true)]
    public async Task A_500_of_something_in_between_is_found_out_by_trying_again(FaultKind kind, bool isReplay)
    {
        stripe.Simulator.Add(new Fault(kind) { IsKept = false });

        (await CreateCustomer("k")).Status.ShouldBe(500);

        var again = await CreateCustomer("k");
        again.Status.ShouldBe(200);
        again.IsReplay.ShouldBe(isReplay);
        Customers.ShouldBe(1);
    }

    [Fact]
    public async Task A_key_whose_call_is_at_work_is_in_use()
    {
        stripe.Simulator.Add(new Fault(FaultKind.Delay, "POST") { Delay = TimeSpan.FromSeconds(1) });
        var first = CreateCustomer("k", patience: TimeSpan.FromSeconds(20));
        while (stripe.Simulator.Faults > 0)
        {
            await Task.Yield();
        }

        var second = await CreateCustomer("k");

        second.Status.ShouldBe(409);
        second.Body["error"]!["code"]!.GetValue<string>().ShouldBe("idempotency_key_in_use");
        (await first).Status.ShouldBe(200);
        Customers.ShouldBe(1);
    }

    [Fact]
    public async Task Calls_before_and_beside_the_faulty_one_go_well()
    {
        stripe.Simulator.Add(new Fault(FaultKind.ResetBefore, "POST", "/v1/customers", Times: 2) { After = 1 });

        (await CreateCustomer("a")).Status.ShouldBe(200);
        await Should.ThrowAsync<HttpRequestException>(CreateCustomer("b"));
        (await stripe.Call("GET", "/v1/customers")).Status.ShouldBe(200);
        await Should.ThrowAsync<HttpRequestException>(CreateCustomer("b"));

        (await CreateCustomer("b")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Faults_are_told_over_the_wire_too()
    {
        using var client = new HttpClient { BaseAddress = stripe.Address };
        var told = await client.PostAsync("/_simulator/faults", Json("""{"kind":"rate_limit","method":"POST","times":1}"""));

        told.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await CreateCustomer("k")).Status.ShouldBe(429);
        (await client.PostAsync("/_simulator/faults", Json("""{"kind":"explode"}"""))).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await client.PostAsync("/_simulator/reset", null)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await client.PostAsync("/_simulator/reset", new FormUrlEncodedContent([]))).StatusCode
            .ShouldBe(HttpStatusCode.UnsupportedMediaType);
    }

    private int Customers => stripe.Simulator.All("customer").Count;

    private static StringContent Json(string text) => new(text, System.Text.Encoding.UTF8, "application/json");

    private async Task<Answer> CreateCustomer(string key, TimeSpan? patience = null)
    {
        using var client = new HttpClient { BaseAddress = stripe.Address, Timeout = patience ?? Impatience };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/customers");
        request.Headers.Authorization = new("Bearer", SimulatorFixture.SecretKey);
        request.Headers.Add("Idempotency-Key", key);
        request.Content = new FormUrlEncodedContent([KeyValuePair.Create("email", "a@example.com")]);
        using var answer = await client.SendAsync(request);
        return new Answer(
            (int)answer.StatusCode,
            JsonNode.Parse(await answer.Content.ReadAsStringAsync())!,
            answer.Headers.Contains("Idempotent-Replayed"),
            answer.Headers.TryGetValues("Retry-After", out var after) ? after.Single() : null);
    }

    private sealed record Answer(int Status, JsonNode Body, bool IsReplay, string? RetryAfter);
}
