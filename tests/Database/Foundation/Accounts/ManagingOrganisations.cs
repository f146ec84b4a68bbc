using System.Text;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Accounts;

public sealed class ManagingOrganisations(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Fact]
    public async Task Lets_an_operator_create_one_and_its_key_read_it()
    {
        await using var host = await AccountsHost.Start(database);
        var root = await host.Keys.CreateOperatorKey();

        var asked = new { name = "Acme", mode = "test", slug = "acme", reason = "signed" };
        var created = await (await host.Post("/v1/organisations", asked, root.Secret)).Json(201);
        var org = Id.Parse<OrgId>(created.GetProperty("id").GetString());
        var key = await host.Keys.CreateKey(org);
        var seen = await (await host.Get("/v1/organisation", key.Secret)).Json();
        var accounts = await (await host.Get("/v1/billing-accounts", key.Secret)).Json();

        seen.ToString().ShouldBe(created.ToString());
        seen.GetProperty("mode").GetString().ShouldBe("test");
        seen.GetProperty("default_billing_account").GetProperty("currency").GetString().ShouldBe("USD");
        seen.GetProperty("default_billing_account").GetProperty("settlement").GetString().ShouldBe("prepaid");
        accounts.GetProperty("data")[0].GetProperty("is_default").GetBoolean().ShouldBeTrue();
    }

    [Fact]
    public async Task Creates_one_for_one_idempotency_key()
    {
        await using var host = await AccountsHost.Start(database);
        var root = await host.Keys.CreateOperatorKey();

        var answers = new List<string>();
        for (var attempt = 0; attempt < 2; attempt++)
        {
            var answer = await host.Post(
                "/v1/organisations", new { name = "Once", mode = "test" }, root.Secret, idempotencyKey: "once");
            answers.Add((await answer.Json(201)).GetProperty("id").GetString()!);
        }

        answers[1].ShouldBe(answers[0]);
    }

    [Fact]
    public async Task Refuses_a_slug_that_is_taken()
    {
        await using var host = await AccountsHost.Start(database);
        var root = await host.Keys.CreateOperatorKey();
        var request = new { name = "Twice", mode = "test", slug = "twice" };
        await (await host.Post("/v1/organisations", request, root.Secret)).Json(201);

        await (await host.Post("/v1/organisations", request, root.Secret)).Problem(409, "slug_taken");
    }

    [Theory]
    [InlineData("""{"name":"","mode":"test"}""", 422, "invalid_member")]
    [InlineData("""{"name":"Acme","mode":"play"}""", 400, "malformed_json")]
    [InlineData("""{"name":"Acme"}""", 400, "malformed_json")]
    [InlineData("""{"name":"Acme","mode":"test","currency":"dollars"}""", 400, "malformed_json")]
    [InlineData("""{"name":"Acme","mode":"test","admin":true}""", 400, "malformed_json")]
    [InlineData("""{"name":"\ud800","mode":"test"}""", 400, "malformed_json")]
    [InlineData("[]", 400, "malformed_json")]
    [InlineData("", 400, "malformed_json")]
    public async Task Refuses_what_no_organisation_can_be(string body, int status, string code)
    {
        await using var host = await AccountsHost.Start(database);
        var root = await host.Keys.CreateOperatorKey();

        var response = await host.Send(
            HttpMethod.Post,
            "/v1/organisations",
            root.Secret,
            body: new StringContent(body, Encoding.UTF8, "application/json"));

        await response.Problem(status, code);
    }

    [Fact]
    public async Task Refuses_a_body_no_request_needs()
    {
        await using var host = await AccountsHost.Start(database);
        var root = await host.Keys.CreateOperatorKey();

        var response = await host.Post(
            "/v1/organisations", new { name = new string('x', Limits.BodyBytesMax), mode = "test" }, root.Secret);

        await response.Problem(413, "body_too_large");
    }

    [Fact]
    public async Task Opens_billing_accounts_that_only_their_organisation_sees()
    {
        await using var host = await AccountsHost.Start(database);
        var root = await host.Keys.CreateOperatorKey();
        var mine = (await host.Organisations.CreateTest("Mine")).Id;
        var theirs = await host.Keys.CreateKey((await host.Organisations.CreateTest("Theirs")).Id);

        var opened = await (await host.Post(
            "/v1/billing-accounts",
            new { kind = "external", name = "Customer 7", currency = "EUR", settlement = "postpaid" },
            root.Secret,
            mine)).Json(201);
        var mineSeen = await (await host.Get("/v1/billing-accounts", root.Secret, mine)).Json();
        var theirsSeen = await (await host.Get("/v1/billing-accounts", theirs.Secret)).Json();

        var id = opened.GetProperty("id").GetString()!;
        mineSeen.GetProperty("data").EnumerateArray().Last().GetProperty("id").GetString().ShouldBe(id);
        theirsSeen.ToString().ShouldNotContain(id);
        var another = new { kind = "user", name = "x", currency = "USD" };
        await (await host.Post("/v1/billing-accounts", another, root.Secret)).Problem(400, "organisation_required");
        await (await host.Post("/v1/billing-accounts", another, theirs.Secret)).Problem(403, "permission_denied");
    }

    [Fact]
    public async Task Pages_through_organisations_newest_first()
    {
        await using var host = await AccountsHost.Start(database);
        var root = await host.Keys.CreateOperatorKey();
        var created = new List<string>();
        host.Clock.Advance(TimeSpan.FromHours(1));
        for (var number = 0; number < 3; number++)
        {
            created.Insert(0, (await host.Organisations.CreateTest($"Page {number}")).Id.ToString());
        }

        var first = await (await host.Get("/v1/organisations?limit=2", root.Secret)).Json();
        var next = first.GetProperty("next_cursor").GetString();
        var second = await (await host.Get($"/v1/organisations?limit=2&cursor={next}", root.Secret)).Json();

        first.GetProperty("data").EnumerateArray().Concat(second.GetProperty("data").EnumerateArray())
            .Take(3).Select(organisation => organisation.GetProperty("id").GetString()).ShouldBe(created);
        await (await host.Get("/v1/organisations?cursor=x", root.Secret)).Problem(400, "invalid_cursor");
    }
}
