using System.Net;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.EndToEnd.Apps.ConsolePages;

public sealed class JoiningColleagues(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private TestHost host = null!;
    private HttpClient client = null!;

    public async Task InitializeAsync()
    {
        host = await TestHost.Start(database, roles: "api");
        client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false })
        {
            BaseAddress = host.Address,
        };
    }

    public async Task DisposeAsync()
    {
        client.Dispose();
        await host.DisposeAsync();
    }

    [Fact]
    public async Task Is_suggested_asked_for_and_decided_on_the_pages()
    {
        var acme = await host.CreateOrganisation();
        await Write(
            """
            insert into accounts.domains (org_id, domain, proof, joining, created_by, created_at, verified_at)
            values ($1, 'acme.example', 'proof', 'ask', 'test', '2026-01-01', '2026-01-01')
            """,
            acme.Id.Value);
        var owner = await SignIn("owner@elsewhere.example", acme.Id, MemberRole.Owner);
        var asker = await SignIn("asker@acme.example", null, null);

        var suggested = await Page(asker, "/console/organisations");
        var account = await Page(asker, "/account");
        await Submit(asker, "/console/organisations", ("act", "join"), ("organisation", acme.Id.ToString()));
        var waiting = await Page(asker, "/console/organisations");
        var members = await Page(owner, $"/console/members?org={acme.Id}");
        var person = members.Split("id=\"asked\"")[1].Split("name=\"person\" value=\"")[1].Split('"')[0];
        await Submit(
            owner, $"/console/members?org={acme.Id}", ("act", "let-in"), ("person", person), ("role", MemberRole.Developer));
        var inside = await Page(asker, "/console/organisations");

        suggested.ShouldContain("aria-label=\"Ask to join Acme\"");
        account.ShouldContain("aria-label=\"Ask to join Acme\"");
        waiting.ShouldContain("you asked");
        members.ShouldContain("asker@acme.example");
        inside.ShouldContain("developer");
        inside.ShouldNotContain("Your colleagues are here");
    }

    [Fact]
    public async Task Makes_a_test_organisation_beside_a_live_one_and_marks_it_in_the_switcher()
    {
        var made = await host.Get<Organisations>().Create(
            new NewOrganisation("Globex", OrganisationMode.Live), "test", default);
        var globex = ((CreateOrganisationOutcome.Created)made).Organisation;
        var owner = await SignIn("owner@globex.example", globex.Id, MemberRole.Owner);

        var settings = await Page(owner, $"/console/settings?org={globex.Id}");
        var form = await Page(owner, $"/console/organisations?org={globex.Id}&new=test");
        var created = await Submit(
            owner, "/console/organisations", ("act", "create"), ("name", "Globex (test)"), ("mode", "test"), ("currency", "EUR"));
        var overview = await Page(owner, created.Headers.Location!.ToString());

        settings.ShouldContain("new=test");
        form.ShouldContain("value=\"Globex (test)\"");
        overview.ShouldContain("Globex (test)</span><span class=\"tag test\"");
        overview.ShouldContain("Globex</span>");
    }

    private async Task<string> SignIn(string email, OrgId? org, string? role)
    {
        await host.Get<Operators>().Create(email, [OperatorRole.Support], "test", default);
        var link = ((CreateSignInLinkOutcome.Created)await host.Get<Operators>().CreateSignInLink(email, "test", default)).Path;
        using var form = new FormUrlEncodedContent([new("token", Uri.UnescapeDataString(link.Split('=')[^1]))]);
        var entered = await client.PostAsync("/sign-in", form);
        await Write("update accounts.users set email_verified_at = created_at where email_folded = $1", email);
        await Write(
            "delete from accounts.operators where user_id = (select user_id from accounts.users where email_folded = $1)", email);
        if (org is { } belongs)
        {
            await Write(
                """
                insert into accounts.members (org_id, user_id, role, added_by, joined_at)
                select $1, user_id, $3, 'test', '2026-01-01'
                from accounts.users
                where email_folded = $2
                """,
                belongs.Value,
                email,
                role);
        }

        return entered.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
    }

    private async Task<string> Page(string cookie, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("Cookie", cookie);
        using var answer = await client.SendAsync(request);
        var html = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, $"{path}: {html}");
        return html;
    }

    private async Task<HttpResponseMessage> Submit(string cookie, string path, params (string Name, string Value)[] fields)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))),
        };
        request.Headers.Add("Cookie", cookie);
        request.Headers.Add("Origin", host.Address.ToString().TrimEnd('/'));
        var answer = await client.SendAsync(request);
        answer.StatusCode.ShouldBe(HttpStatusCode.SeeOther, await answer.Content.ReadAsStringAsync());
        return answer;
    }

    private async Task Write(string sql, params object?[] values)
    {
        await using var command = database.Owner.Sql(sql, values);
        await command.ExecuteNonQueryAsync();
    }
}
