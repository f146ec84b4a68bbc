using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Quoin.Tests.Support;

namespace Quoin.Tests.EndToEnd.Apps.Server;

/// <summary>What a host reads from its environment, and what it does when that cannot be.</summary>
public sealed class StartingAsItIsTold(TestDatabase database) : IClassFixture<TestDatabase>
{
    private const int WebhookRefused = 925;

    [Fact]
    public async Task Gives_organisations_without_a_plan_the_one_it_is_told()
    {
        TestOrganisation org;
        await using (var beside = await TestHost.Start(database, "api"))
        {
            org = await beside.CreateOrganisation();
        }

        await using var host = await Serve(("QUOIN_DEFAULT_PLAN", "growth"));
        host.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", org.Key);

        var summary = (await host.Client.GetFromJsonAsync<JsonNode>("/v1/billing/summary"))!;

        ((string)summary["plan"]!["key"]!).ShouldBe("growth");
    }

    [Fact]
    public async Task Writes_a_line_of_JSON_for_each_thing_it_logs_and_names_the_request()
    {
        await using var host = await Serve(
            ("QUOIN_STRIPE_TEST_SECRET_KEY", "sk_test_1"), ("QUOIN_STRIPE_TEST_WEBHOOK_SECRETS", "whsec_1"));
        using var forged = new HttpRequestMessage(HttpMethod.Post, "/v1/webhooks/stripe") { Content = JsonContent.Create(new { }) };
        forged.Headers.Add("Stripe-Signature", "t=1,v1=00");
        forged.Headers.Add("X-Request-Id", "trace-42");

        (await host.Client.SendAsync(forged)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        await host.Stop();

        var lines = host.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).ToArray();
        lines.ShouldAllBe(line => line["Timestamp"] != null && line["Category"] != null && line["Message"] != null);
        var refused = lines.Where(line => (int)line["EventId"]! == WebhookRefused).ShouldHaveSingleItem();
        ((string)refused["LogLevel"]!).ShouldBe("Warning");
        ((string)refused["State"]!["Reason"]!).ShouldNotBeEmpty();
        refused["Scopes"]!.AsArray().ShouldContain(scope => (string?)scope!["request_id"] == "trace-42");
    }

    [Theory]
    [InlineData("QUOIN_WALLET_CHAINS", "base")]
    [InlineData("QUOIN_PUBLIC_URL", "quoin.example.com")]
    [InlineData("QUOIN_REQUESTS_PER_MINUTE", "0")]
    [InlineData("QUOIN_PAYMENTS_PAST_DUE_GRACE_HOURS", "soon")]
    public async Task Says_in_one_line_which_setting_cannot_be_and_does_not_start(string name, string value)
    {
        var (exitCode, output) = await QuoinProcess.Run(["serve", "--port", "0"], new() { [name] = value });

        exitCode.ShouldBe(1);
        output.Trim().ShouldContain(name);
        output.Trim().ShouldContain($"'{value}'");
        output.Trim().ShouldNotContain('\n');
    }

    private Task<QuoinProcess> Serve(params (string Name, string Value)[] settings)
    {
        var environment = settings.ToDictionary(one => one.Name, one => one.Value);
        environment["QUOIN_MASTER_KEY"] = TestHost.MasterKey;
        return QuoinProcess.ServeConfigured(database.ConnectionString, environment);
    }
}
