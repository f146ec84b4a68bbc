using System.Net;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;
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

    [Fact]
    public async Task Renames_closes_and_reopens_a_billing_account_and_says_so_in_the_audit_log()
    {
        var use = new Use();
        await using var host = await AccountsHost.Start(database, use: use);
        var (cookie, org) = await Admin(host, "closing@example.com");
        var id = await OpenId(host, cookie, new { kind = "external", name = "Client", currency = "EUR" });
        var child = await OpenId(
            host, cookie, new { kind = "external", name = "Child", currency = "EUR", parent_billing_account_id = id });

        var renamed = await (await host.AsPerson(
            cookie, HttpMethod.Patch, $"/v1/billing-accounts/{id}", new { name = "Client B" })).Json();
        var paying = await (await Turn(id, "close")).Problem(409, "billing_account_in_use");
        await (await Turn(child, "close")).Json();
        use.What = "owes 1.50 EUR";
        var owing = await (await Turn(id, "close")).Problem(409, "billing_account_in_use");
        use.What = null;
        await (await Turn(id, "close")).Json();
        await (await Turn(child, "reopen")).Problem(404, "not_found");
        var open = await (await Turn(id, "reopen")).Json();

        renamed.GetProperty("name").GetString().ShouldBe("Client B");
        paying.GetProperty("detail").GetString().ShouldBe("It pays for another open one.");
        owing.GetProperty("detail").GetString().ShouldBe("It owes 1.50 EUR.");
        open.GetProperty("status").GetString().ShouldBe("active");
        await using var audit = database.Owner.Sql(
            "select string_agg(action, ' ' order by sequence) from accounts.audit_log where org_id = $1 and subject = $2",
            org.Value,
            id);
        (await audit.ExecuteScalarAsync()).ShouldBe(
            "billing_account.opened billing_account.renamed billing_account.closed billing_account.reopened");

        Task<HttpResponseMessage> Turn(string account, string act) =>
            host.AsPerson(cookie, HttpMethod.Post, $"/v1/billing-accounts/{account}/{act}");
    }

    [Fact]
    public async Task Keeps_the_default_account_open_and_one_account_for_a_project()
    {
        await using var host = await AccountsHost.Start(database);
        var (cookie, org) = await Admin(host, "default@example.com");
        var first = (await host.Organisations.Find(org, default))!.DefaultBillingAccount.Id;
        var project = (await (await host.AsPerson(cookie, HttpMethod.Post, "/v1/projects", new { name = "One" })).Json(201))
            .GetProperty("id").GetString();
        var wanted = new { kind = "project", name = "One", currency = "USD", project_id = project };
        var one = await OpenId(host, cookie, wanted);

        await (await host.AsPerson(cookie, HttpMethod.Post, $"/v1/billing-accounts/{first}/close"))
            .Problem(409, "default_billing_account");
        await (await Open(host, cookie, wanted)).Problem(409, "project_has_billing_account");
        await (await host.AsPerson(cookie, HttpMethod.Post, $"/v1/billing-accounts/{one}/close")).Json();
        await OpenId(host, cookie, wanted);
        await (await host.AsPerson(cookie, HttpMethod.Post, $"/v1/billing-accounts/{one}/reopen"))
            .Problem(409, "project_has_billing_account");
    }

    [Fact]
    public async Task Lets_nobody_be_paid_for_in_another_currency()
    {
        await using var host = await AccountsHost.Start(database);
        var (cookie, org) = await Admin(host, "currencies@example.com");
        var dollars = (await host.Organisations.Find(org, default))!.DefaultBillingAccount.Id;

        var refused = await Open(
            host, cookie, new { kind = "external", name = "Client", currency = "EUR", parent_billing_account_id = dollars });

        await refused.Problem(404, "not_found");
    }

    /// <summary>Somebody who says what runs on a billing account.</summary>
    private sealed class Use : IBillingAccountUse
    {
        public string? What { get; set; }

        public ValueTask<string?> Of(OrgId org, BillingAccountId account, CancellationToken cancellationToken) =>
            ValueTask.FromResult(What);
    }

    private static async Task<string> OpenId(AccountsHost host, string cookie, object body) =>
        (await (await Open(host, cookie, body)).Json(201)).GetProperty("id").GetString()!;

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
