using System.Net;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Accounts;

public sealed class DividingAnOrganisation(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Fact]
    public async Task Makes_renames_and_archives_projects()
    {
        await using var host = await AccountsHost.Start(database);
        var (cookie, _) = await Admin(host, "projects@example.com");

        var made = await (await host.AsPerson(cookie, HttpMethod.Post, "/v1/projects", new { name = "Support & Search" })).Json(201);
        var again = await host.AsPerson(cookie, HttpMethod.Post, "/v1/projects", new { name = "Other", slug = "support-search" });
        var id = made.GetProperty("id").GetString();
        var archived = await (await host.AsPerson(
            cookie, HttpMethod.Patch, $"/v1/projects/{id}", new { name = "Search", is_archived = true })).Json();

        made.GetProperty("slug").GetString().ShouldBe("support-search");
        await again.Problem(409, "slug_taken");
        archived.GetProperty("name").GetString().ShouldBe("Search");
        archived.GetProperty("archived_at").GetString().ShouldNotBeNull();
    }

    [Fact]
    public async Task Opens_billing_accounts_for_its_parts_and_lets_nobody_owe_money()
    {
        await using var host = await AccountsHost.Start(database);
        var (cookie, _) = await Admin(host, "parts@example.com");
        var project = (await (await host.AsPerson(cookie, HttpMethod.Post, "/v1/projects", new { name = "Chat" })).Json(201))
            .GetProperty("id").GetString();

        var opened = await (await Open(
            host, cookie, new { kind = "project", name = "Chat", currency = "USD", project_id = project })).Json(201);
        var unknown = await Open(
            host,
            cookie,
            new { kind = "project", name = "?", currency = "USD", project_id = new IdSource(TimeProvider.System).Next<ProjectId>() });
        var owing = await Open(host, cookie, new { kind = "external", name = "Client", currency = "USD", settlement = "postpaid" });
        var mixed = await Open(host, cookie, new { kind = "external", name = "Client", currency = "USD", project_id = project });

        opened.GetProperty("project_id").GetString().ShouldBe(project);
        await unknown.Problem(404, "not_found");
        await owing.Problem(422, "invalid_member");
        await mixed.Problem(422, "invalid_member");
    }

    [Fact]
    public async Task Takes_the_only_open_billing_account_and_asks_when_there_are_several()
    {
        await using var host = await AccountsHost.Start(database);
        var (cookie, org) = await Admin(host, "select@example.com");
        var first = (await host.Organisations.Find(org, default))!.DefaultBillingAccount.Id;

        var only = await (await host.AsPerson(cookie, "/v1/billing-account")).Json();
        var second = (await (await Open(host, cookie, new { kind = "external", name = "Client", currency = "EUR" })).Json(201))
            .GetProperty("id").GetString()!;
        var unsaid = await (await host.AsPerson(cookie, "/v1/billing-account")).Problem(409, "billing_entity_selection_required");
        var named = await (await Selected(host, cookie, second)).Json();

        only.GetProperty("id").GetString().ShouldBe(first.ToString());
        unsaid.GetProperty("billing_account_ids").EnumerateArray().Select(id => id.GetString())
            .ShouldBe([first.ToString(), second], ignoreOrder: true);
        named.GetProperty("currency").GetString().ShouldBe("EUR");
        await (await host.AsPerson(cookie, "/v1/billing-account")).Problem(409, "billing_entity_selection_required");
        var elsewhere = (await host.Organisations.CreateTest("Other")).DefaultBillingAccount.Id;
        await (await Selected(host, cookie, elsewhere.ToString())).Problem(404, "not_found");
        await (await Selected(host, cookie, "default")).Problem(404, "not_found");
        await database.Write(
            "update accounts.billing_accounts set status = 'closed' where billing_account_id = $1",
            Id.Parse<BillingAccountId>(second).Value);
        await (await Selected(host, cookie, second)).Problem(409, "billing_account_closed");
        (await host.AsPerson(cookie, "/v1/billing-account")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private static Task<HttpResponseMessage> Open(AccountsHost host, string cookie, object body) =>
        host.AsPerson(cookie, HttpMethod.Post, "/v1/billing-accounts", body);

    private static async Task<HttpResponseMessage> Selected(AccountsHost host, string cookie, string account)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/billing-account");
        request.Headers.Add("Cookie", cookie);
        request.Headers.Add(BillingAccountSelector.Header, account);
        return await host.Client.SendAsync(request);
    }

    private async Task<(string Cookie, OrgId Org)> Admin(AccountsHost host, string email)
    {
        var org = (await host.Organisations.CreateTest()).Id;
        var (_, cookie) = await host.Member(database, org, MemberRole.Admin, email);
        return (cookie, org);
    }
}
