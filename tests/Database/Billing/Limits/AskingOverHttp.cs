using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Quoin.Limiting;
using Quoin.Pricing;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Limiting;

/// <summary>Every door of limits over HTTP, with what does not belong there, too.</summary>
public sealed class AskingOverHttp(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private readonly GivenPlan plan = new GivenPlan()
        .With("agent.runs", 10)
        .With(new LimitTerms("sso", LimitKind.Boolean) { IsEnabled = true })
        .With(new LimitTerms("scim", LimitKind.Boolean))
        .With(new LimitTerms("models", LimitKind.StringList) { Values = ["gpt-4o"] })
        .With(new LimitTerms("sessions.running", LimitKind.Gauge) { Limit = 1, Interval = QuotaInterval.Standing });

    private TestHost host = null!;
    private TestOrganisation acme = null!;
    private HttpClient customer = null!;
    private HttpClient operators = null!;

    public async Task InitializeAsync()
    {
        host = await TestHost.Start(database, "api", configure: services => services.AddSingleton<IEntitlements>(plan));
        acme = await host.CreateOrganisation();
        customer = host.Client(acme.Key);
        operators = await host.OperatorClient();
        operators.DefaultRequestHeaders.Add("Quoin-Org", acme.Id.ToString());
    }

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task Lists_what_the_plan_allows()
    {
        await Posted(customer, "record", """{"code":"agent.runs","key":"r","amount":"2.5"}""");

        var answer = await customer.GetJson("/v1/limitations");

        var limits = answer["limitations"]!.AsArray().ToDictionary(one => (string)one!["code"]!, one => one!);
        limits.Keys.Order(StringComparer.Ordinal).ShouldBe(["agent.runs", "models", "scim", "sessions.running", "sso"]);
        var runs = limits["agent.runs"]["quota"]!;
        ((string)runs["used"]!, (string)runs["limit"]!, (string)runs["remaining"]!, (string)runs["percent_used"]!)
            .ShouldBe(("2.5", "10", "7.5", "25"));
        ((bool)limits["sso"]["enabled"]!, (bool)limits["scim"]["enabled"]!).ShouldBe((true, false));
        limits["models"]["values"]!.AsArray().Count.ShouldBe(1);
        ((string)limits["sessions.running"]["type"]!).ShouldBe("gauge");
    }

    [Fact]
    public async Task Sums_the_subscription_up()
    {
        var summary = await customer.GetJson("/v1/billing/summary");

        ((string)summary["status"]!).ShouldBe("trial");
        ((int)summary["trial_days_remaining"]!).ShouldBe(30);
        ((long)summary["plan"]!["fee"]!["amount_micros"]!).ShouldBe(49_000_000);
    }

    [Fact]
    public async Task Gives_advice_with_used_limit_and_reason()
    {
        var answer = await Posted(customer, "check", """{"code":"agent.runs","amount":11}""");

        ((bool)answer["allowed"]!).ShouldBeFalse();
        ((string)answer["reason"]!, (string)answer["limit"]!).ShouldBe(("quota_exceeded", "10"));
        ((string)answer["resets_at"]!).ShouldEndWith("Z");
        ((bool)(await Posted(customer, "check", """{"code":"unknown"}"""))["allowed"]!).ShouldBeFalse();
    }

    [Fact]
    public async Task Refuses_over_a_limit_with_all_a_caller_needs()
    {
        await Posted(customer, "record", """{"code":"agent.runs","key":"a","amount":8}""");

        using var answer = await Send(customer, "record", """{"code":"agent.runs","key":"b","amount":3}""");

        answer.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        answer.Headers.RetryAfter.ShouldNotBeNull();
        var problem = await answer.Json();
        ((string)problem["code"]!, (string)problem["limit_code"]!, (string)problem["reason"]!)
            .ShouldBe(("limit_exceeded", "agent.runs", "quota_exceeded"));
        ((string)problem["requested"]!, (string)problem["used"]!, (string)problem["limit"]!, (string)problem["remaining"]!)
            .ShouldBe(("3", "8", "10", "2"));
        ((int)problem["retry_after"]!).ShouldBeGreaterThan(0);
        ((string?)problem["resets_at"]).ShouldNotBeNull();
    }

    [Fact]
    public async Task Repeats_releases_renews_and_confirms_by_key()
    {
        const string Body = """{"code":"sessions.running","key":"s","ttl_seconds":60}""";
        ((bool)(await Posted(customer, "record", Body))["is_replay"]!).ShouldBeFalse();
        ((bool)(await Posted(customer, "record", Body))["is_replay"]!).ShouldBeTrue();

        ((string)(await Posted(customer, "renew", """{"key":"s","ttl_seconds":120}"""))["state"]!).ShouldBe("held");
        ((string)(await Posted(customer, "confirm", """{"key":"s"}"""))["state"]!).ShouldBe("recorded");
        ((string)(await Posted(customer, "release", """{"key":"s"}"""))["state"]!).ShouldBe("released");
        ((string)(await Posted(customer, "release", """{"key":"s"}"""))["state"]!).ShouldBe("released");
        await Refused(customer, "record", Body, HttpStatusCode.Conflict, "limit_key_ended");
        await Refused(customer, "confirm", """{"key":"s"}""", HttpStatusCode.Conflict, "limit_key_ended");
    }

    [Theory]
    [InlineData("""{"code":"scim","key":"k"}""", HttpStatusCode.Forbidden, "feature_disabled")]
    [InlineData("""{"code":"models","key":"k"}""", HttpStatusCode.Conflict, "limit_not_configured")]
    [InlineData("""{"code":"unknown","key":"k"}""", HttpStatusCode.Conflict, "limit_not_configured")]
    [InlineData("""{"code":"agent.runs","key":""}""", HttpStatusCode.UnprocessableEntity, "invalid_limit_input")]
    [InlineData("""{"code":"agent.runs","key":"k","amount":0}""", HttpStatusCode.UnprocessableEntity, "invalid_limit_input")]
    [InlineData("""{"code":"agent.runs","key":"k","amount":-1}""", HttpStatusCode.UnprocessableEntity, "invalid_limit_input")]
    [InlineData("""{"code":"agent.runs","key":"k","amount":0.0000001}""", HttpStatusCode.UnprocessableEntity, "invalid_limit_input")]
    [InlineData("""{"code":"agent.runs","key":"k","amount":1000000000001}""", HttpStatusCode.UnprocessableEntity, "invalid_limit_input")]
    [InlineData("""{"code":"agent.runs","key":"k","ttl_seconds":0}""", HttpStatusCode.UnprocessableEntity, "invalid_limit_input")]
    [InlineData("""{"code":"agent.runs","key":"k","ttl_seconds":604801}""", HttpStatusCode.UnprocessableEntity, "invalid_limit_input")]
    [InlineData("""{"code":"agent.runs\u0000","key":"k"}""", HttpStatusCode.UnprocessableEntity, "invalid_limit_input")]
    [InlineData("""{"code":"agent.runs"}""", HttpStatusCode.BadRequest, "malformed_json")]
    [InlineData("""{"code":"agent.runs","key":"k","key":"l"}""", HttpStatusCode.BadRequest, "malformed_json")]
    [InlineData("""{"code":"agent.runs","key":"k","other":1}""", HttpStatusCode.BadRequest, "malformed_json")]
    [InlineData("""{"code":"agent.runs","key":null}""", HttpStatusCode.BadRequest, "malformed_json")]
    [InlineData("""{"code":"agent.runs","key":"k","amount":1e30}""", HttpStatusCode.BadRequest, "malformed_json")]
    [InlineData("""{"code":""", HttpStatusCode.BadRequest, "malformed_json")]
    public async Task Refuses_to_record_what_makes_no_sense(string body, HttpStatusCode status, string code) =>
        await Refused(customer, "record", body, status, code);

    [Fact]
    public async Task Refuses_bodies_that_are_too_large_and_keys_used_for_something_else()
    {
        await Posted(customer, "record", """{"code":"agent.runs","key":"k"}""");

        await Refused(
            customer, "record", """{"code":"agent.runs","key":"k","amount":2}""", HttpStatusCode.Conflict, "limit_key_conflict");
        await Refused(
            customer,
            "record",
            $$"""{"code":"agent.runs","key":"{{new string('k', 201)}}"}""",
            HttpStatusCode.UnprocessableEntity,
            "invalid_limit_input");
        await Refused(
            customer, "check", $$"""{"code":"{{new string('c', 70_000)}}"}""", HttpStatusCode.RequestEntityTooLarge, "body_too_large");
    }

    [Fact]
    public async Task Keeps_organisations_and_realms_apart()
    {
        var other = await host.CreateOrganisation();
        using var stranger = host.Client(other.Key);
        await Posted(customer, "record", """{"code":"sessions.running","key":"mine"}""");
        await Posted(operators, "release", """{"key":"mine"}""", HttpStatusCode.NotFound);
        await Posted(customer, "release", """{"key":"mine"}""");
        await Posted(operators, "record", """{"code":"sessions.running","key":"theirs"}""");

        await Refused(customer, "release", """{"key":"theirs"}""", HttpStatusCode.NotFound, "not_found");
        await Refused(stranger, "release", """{"key":"mine"}""", HttpStatusCode.NotFound, "not_found");
        await Posted(stranger, "record", """{"code":"sessions.running","key":"theirs"}""");
        await Refused(customer, "record", """{"code":"sessions.running","key":"x"}""", HttpStatusCode.TooManyRequests, "limit_exceeded");
    }

    [Theory]
    [InlineData("POST", "/v1/limits/check")]
    [InlineData("POST", "/v1/limits/record")]
    [InlineData("POST", "/v1/limits/release")]
    [InlineData("GET", "/v1/limitations")]
    [InlineData("GET", "/v1/billing/summary")]
    [InlineData("PUT", "/v1/billing/overrides")]
    [InlineData("POST", "/v1/billing/state")]
    [InlineData("PUT", "/v1/billing/balance-alert")]
    public async Task Lets_nobody_in_without_a_key_and_no_customer_at_the_operators_doors(string method, string path)
    {
        using var nobody = host.Client(null);
        using var unknown = await nobody.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
        using var known = await customer.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));

        unknown.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        var isOperators = path is "/v1/billing/overrides" or "/v1/billing/state" or "/v1/billing/balance-alert";
        (known.StatusCode == HttpStatusCode.Forbidden).ShouldBe(isOperators);
    }

    [Fact]
    public async Task Overrides_come_before_the_plan_and_none_is_none()
    {
        async Task<(string? Limit, string Enforcement)> Set(string overrides)
        {
            using var answer = await Send(
                operators, "/v1/billing/overrides", $$"""{"overrides":{{overrides}},"reason":"asked for"}""", HttpMethod.Put);
            var summary = await answer.Json();
            answer.StatusCode.ShouldBe(HttpStatusCode.OK, summary.ToJsonString());
            var quota = summary["limits"]!.AsArray().Single(one => (string)one!["code"]! == "agent.runs")!["quota"]!;
            return ((string?)quota["limit"], (string)quota["enforcement"]!);
        }

        (await Set("""[{"code":"agent.runs","limit":500}]""")).ShouldBe(("500", "hard"));
        (await Set("""[{"code":"agent.runs","limit":0}]""")).ShouldBe(("0", "hard"));
        await Refused(customer, "record", """{"code":"agent.runs","key":"k"}""", HttpStatusCode.TooManyRequests, "limit_exceeded");
        (await Set("""[{"code":"agent.runs","limit":null,"enforcement":"observe"}]""")).ShouldBe(("10", "observe"));
        (await Set("""[{"code":"agent.runs"}]""")).ShouldBe(("10", "hard"));
        (await Set("[]")).ShouldBe(("10", "hard"));
        var audited = (await operators.GetJson("/v1/audit"))["data"]!.AsArray();
        audited.Count(entry => (string)entry!["action"]! == "limit_overrides.set").ShouldBe(5);
    }

    [Theory]
    [InlineData("""{"overrides":[{"code":"a"},{"code":"a"}],"reason":"r"}""", HttpStatusCode.UnprocessableEntity, "invalid_limit_input")]
    [InlineData("""{"overrides":[{"code":"a","limit":-1}],"reason":"r"}""", HttpStatusCode.UnprocessableEntity, "invalid_limit_input")]
    [InlineData("""{"overrides":[],"reason":" "}""", HttpStatusCode.UnprocessableEntity, "invalid_limit_input")]
    [InlineData("""{"overrides":null,"reason":"r"}""", HttpStatusCode.BadRequest, "malformed_json")]
    [InlineData("""{"overrides":[null],"reason":"r"}""", HttpStatusCode.UnprocessableEntity, "invalid_limit_input")]
    [InlineData("""{"overrides":[{"code":"a","enforcement":"never"}],"reason":"r"}""", HttpStatusCode.BadRequest, "malformed_json")]
    public async Task Refuses_overrides_that_make_no_sense(string body, HttpStatusCode status, string code)
    {
        using var answer = await Send(operators, "/v1/billing/overrides", body, HttpMethod.Put);

        answer.StatusCode.ShouldBe(status);
        ((string)(await answer.Json())["code"]!).ShouldBe(code);
    }

    [Fact]
    public async Task Moves_a_subscription_along_and_no_other_way()
    {
        async Task<(HttpStatusCode Status, string Now)> Move(string to)
        {
            using var answer = await Send(operators, "/v1/billing/state", $$"""{"status":"{{to}}","reason":"test"}""", HttpMethod.Post);
            return (answer.StatusCode, (string)(await operators.GetJson("/v1/billing/summary"))["status"]!);
        }

        (await Move("past_due")).ShouldBe((HttpStatusCode.OK, "past_due"));
        (await Move("trial")).ShouldBe((HttpStatusCode.Conflict, "past_due"));
        (await Move("active")).ShouldBe((HttpStatusCode.OK, "active"));
        (await Move("active")).ShouldBe((HttpStatusCode.OK, "active"));
        (await Move("canceled")).ShouldBe((HttpStatusCode.OK, "canceled"));
        await Refused(customer, "record", """{"code":"agent.runs","key":"k"}""", HttpStatusCode.Forbidden, "subscription_canceled");
        await Refused(customer, "record", """{"code":"sso","key":"k"}""", HttpStatusCode.Forbidden, "subscription_canceled");
        (await Move("past_due")).ShouldBe((HttpStatusCode.Conflict, "canceled"));
        (await Move("active")).ShouldBe((HttpStatusCode.OK, "active"));
        var audited = (await operators.GetJson("/v1/audit"))["data"]!.AsArray();
        audited.Count(entry => (string)entry!["action"]! == "billing_state.changed").ShouldBe(4);
    }

    [Fact]
    public async Task Sets_alerts_of_an_organisations_own_accounts_only()
    {
        var other = await host.CreateOrganisation();
        async Task<string> Set(string account, string threshold)
        {
            using var answer = await Send(
                operators,
                "/v1/billing/balance-alert",
                $$"""{"billing_account":"{{account}}","threshold":{{threshold}},"reason":"r"}""",
                HttpMethod.Put);
            return answer.IsSuccessStatusCode ? "set" : (string)(await answer.Json())["code"]!;
        }

        const string Five = """{"currency":"USD","amount_micros":5}""";
        (await Set(acme.BillingAccount.ToString(), Five)).ShouldBe("set");
        (await Set(acme.BillingAccount.ToString(), "null")).ShouldBe("set");
        (await Set(other.BillingAccount.ToString(), Five)).ShouldBe("not_found");
        (await Set(acme.BillingAccount.ToString(), """{"currency":"EUR","amount_micros":5}""")).ShouldBe("invalid_limit_input");
        (await Set(acme.BillingAccount.ToString(), """{"currency":"USD","amount_micros":0}""")).ShouldBe("invalid_limit_input");
    }

    [Fact]
    public async Task Counts_a_request_with_an_idempotency_key_once()
    {
        async Task<string> Once()
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/limits/record");
            request.Headers.Add("Idempotency-Key", "once");
            request.Content = new StringContent("""{"code":"agent.runs","key":"k"}""", Encoding.UTF8, "application/json");
            using var answer = await customer.SendAsync(request);
            return await answer.Content.ReadAsStringAsync();
        }

        (await Once()).ShouldBe(await Once());
    }

    private static async Task<JsonNode> Posted(
        HttpClient client, string verb, string body, HttpStatusCode status = HttpStatusCode.OK)
    {
        using var answer = await Send(client, verb, body);
        var json = await answer.Json();
        answer.StatusCode.ShouldBe(status, json.ToJsonString());
        return json;
    }

    private static async Task Refused(HttpClient client, string verb, string body, HttpStatusCode status, string code)
    {
        using var answer = await Send(client, verb, body);
        var text = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(status, text);
        ((string)JsonNode.Parse(text)!["code"]!).ShouldBe(code);
    }

    private static Task<HttpResponseMessage> Send(HttpClient client, string verb, string body) =>
        Send(client, $"/v1/limits/{verb}", body, HttpMethod.Post);

    private static async Task<HttpResponseMessage> Send(HttpClient client, string path, string body, HttpMethod method)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        return await client.SendAsync(request);
    }
}
