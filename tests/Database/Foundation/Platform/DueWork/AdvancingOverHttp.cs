using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Quoin.Accounts;
using Quoin.Ledger;
using Quoin.Platform;
using Quoin.Tests.Database.Billing.Ledger;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Platform.Timing;

public sealed class AdvancingOverHttp(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private readonly SettableClock clock = new();
    private TestHost host = null!;
    private TestOrganisation org = null!;
    private HttpClient client = null!;

    public async Task InitializeAsync()
    {
        host = await TestHost.Start(database, "api", clock);
        org = await host.CreateOrganisation();
        client = host.Client(org.Key);
    }

    public async Task DisposeAsync()
    {
        client.Dispose();
        await host.DisposeAsync();
    }

    [Fact]
    public async Task Lets_what_falls_due_happen_on_the_way()
    {
        var customer = Customer.Of(host.Get<Quoin.Ledger.Ledger>(), org);
        await customer.Grant(customer.Credit(100, "welcome") with { At = At(1), ExpiresAt = At(3) });

        var answer = await Advance(new { to = At(20), reason = "A month in a minute" });

        ((DateTimeOffset)answer["now"]!).ShouldBe(At(20));
        // That the grant will expire is told, then it expires.
        ((int)answer["steps"]!).ShouldBe(2);
        answer["moving_to"].ShouldBeNull();
        (await customer.Balance(AccountKind.Breakage)).ShouldBe(100);
        var audit = (await Read("/v1/audit", await host.OperatorClient()))["data"]!.AsArray()
            .Single(entry => (string)entry!["action"]! == "test_clock.advanced");
        ((string)audit!["reason"]!).ShouldBe("A month in a minute");
    }

    [Fact]
    public async Task Goes_by_a_duration_of_the_calendar()
    {
        await Advance(new { to = At(31) });

        var answer = await Advance(new { by = "P1M" });

        ((DateTimeOffset)answer["now"]!).ShouldBe(new DateTimeOffset(2026, 2, 28, 0, 0, 0, TimeSpan.Zero));
        ((DateTimeOffset)(await Read("/v1/test-clock"))["now"]!).ShouldBe((DateTimeOffset)answer["now"]!);
    }

    [Fact]
    public async Task Happens_once_for_an_idempotency_key()
    {
        using var first = await Send(new { by = "P1D" }, key: "once");
        using var again = await Send(new { by = "P1D" }, key: "once");

        again.Headers.GetValues("Idempotency-Replayed").ShouldBe(["true"]);
        ((DateTimeOffset)(await Read("/v1/test-clock"))["now"]!).ShouldBe(At(2));
    }

    [Fact]
    public async Task Is_refused_for_a_live_organisation()
    {
        var live = ((CreateOrganisationOutcome.Created)await host.Get<Organisations>().Create(
            new NewOrganisation("Live", OrganisationMode.Live), "test", CancellationToken.None)).Organisation;
        var key = (CreateKeyOutcome.Created)await host.Get<Keys>().CreateForOrganisation(
            live.Id, new NewKey("test"), "test", CancellationToken.None);
        using var theirs = host.Client(key.Key.Secret);

        using var answer = await theirs.PostAsJsonAsync("/v1/test-clock/advance", new { by = "P1D" });

        await ShouldBe(answer, HttpStatusCode.Conflict, "clock_is_live");
        ((bool)(await Read("/v1/test-clock", theirs))["is_settable"]!).ShouldBeFalse();
    }

    [Fact]
    public async Task Is_refused_backwards_and_too_far()
    {
        await Advance(new { to = At(10) });

        using var back = await Send(new { to = At(9) });
        using var far = await Send(new { by = "P11Y" });

        await ShouldBe(back, HttpStatusCode.Conflict, "clock_would_go_back");
        await ShouldBe(far, HttpStatusCode.UnprocessableEntity, "clock_too_far");
    }

    public static TheoryData<string> Mistakes =>
    [
        "{}",
        """{"by":"P1M","to":"2026-02-01T00:00:00Z"}""",
        """{"by":"a month"}""",
        """{"by":"P999999Y"}""",
        """{"by":"P1D","reason":" "}""",
    ];

    [Theory]
    [MemberData(nameof(Mistakes))]
    public async Task Is_refused_when_it_does_not_say_where_to(string body)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var answer = await client.PostAsync("/v1/test-clock/advance", content);

        await ShouldBe(answer, HttpStatusCode.UnprocessableEntity, "invalid_clock_move");
    }

    [Fact]
    public async Task Moves_the_organisation_an_operator_names()
    {
        using var operators = await host.OperatorClient();
        operators.DefaultRequestHeaders.Add("Quoin-Org", org.Id.ToString());

        using var answer = await operators.PostAsJsonAsync("/v1/test-clock/advance", new { by = "PT6H" });

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await host.Get<OrganisationClock>().Now(org.Id, default)).ShouldBe(At(1).AddHours(6));
    }

    private static DateTimeOffset At(int day) => new(2026, 1, day, 0, 0, 0, TimeSpan.Zero);

    private async Task<JsonNode> Advance(object body)
    {
        using var answer = await Send(body);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync<JsonNode>())!;
    }

    private async Task<HttpResponseMessage> Send(object body, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/test-clock/advance");
        request.Content = JsonContent.Create(body);
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        return await client.SendAsync(request);
    }

    private async Task<JsonNode> Read(string path, HttpClient? by = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (by is not null && path == "/v1/audit")
        {
            request.Headers.Add("Quoin-Org", org.Id.ToString());
        }

        using var answer = await (by ?? client).SendAsync(request);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonNode>())!;
    }

    private static async Task ShouldBe(HttpResponseMessage answer, HttpStatusCode status, string code)
    {
        answer.StatusCode.ShouldBe(status);
        ((string)(await answer.Content.ReadFromJsonAsync<JsonNode>())!["code"]!).ShouldBe(code);
    }
}
