using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Quoin.Kernel;
using Quoin.Platform;
using static Microsoft.Playwright.Assertions;

namespace Quoin.Tests.EndToEnd.Apps.ConsolePages;

public sealed class KeepingKeys(SignedInBrowser browser) : IClassFixture<SignedInBrowser>
{
    private IReadOnlyList<string> Urls => browser.Urls;

    [Fact]
    public async Task Creates_a_key_that_works_rotates_it_and_revokes_it_without_a_script()
    {
        var (org, customer) = await browser.NewCustomer();
        using var client = customer;
        await using var window = await browser.Open(isScripted: false);
        var page = window.Page;
        await page.GotoAsync($"{Urls[0]}/console/keys?org={org}");

        await page.Locator("summary", new() { HasText = "Create a key" }).ClickAsync();
        await page.GetByLabel("Label").FillAsync("Gateway");
        await page.GetByLabel("full").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Create" }).ClickAsync();
        await Expect(page.Locator(".secret pre").First).ToHaveTextAsync(new Regex("^qn_test_"));
        await Expect(page.Locator(".secret")).ToContainTextAsync("curl");
        var first = await page.Locator(".secret pre").First.InnerTextAsync();
        (await Works(first)).ShouldBeTrue();

        await page.GetByRole(AriaRole.Button, new() { Name = "Rotate" }).ClickAsync();
        await Expect(page.Locator(".secret pre").First).ToHaveTextAsync(new Regex("^qn_test_"));
        var second = await page.Locator(".secret pre").First.InnerTextAsync();
        second.ShouldNotBe(first);
        (await Works(first)).ShouldBeTrue();
        (await Works(second)).ShouldBeTrue();

        await page.GetByRole(AriaRole.Button, new() { Name = "Revoke" }).ClickAsync();
        await Expect(page.Locator("h1")).ToContainTextAsync("Revoked");
        await Expect(page.Locator(".secret")).ToHaveCountAsync(0);
        await Refused(second);
        await page.Locator(".crumbs a").ClickAsync();
        await Expect(page.Locator("table.rows")).ToContainTextAsync("Being replaced");
    }

    [Fact]
    public async Task Disables_a_machine_with_its_keys()
    {
        var (org, customer) = await browser.NewCustomer();
        using var client = customer;
        await using var window = await browser.Open(isScripted: false);
        var page = window.Page;
        await page.GotoAsync($"{Urls[1]}/console/service-accounts?org={org}");
        await page.GetByLabel("Name").FillAsync("Nightly job");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create" }).ClickAsync();
        await page.GotoAsync($"{Urls[1]}/console/keys?org={org}");
        await page.Locator("summary", new() { HasText = "Create a key" }).ClickAsync();
        await page.GetByLabel("Label").FillAsync("Nightly");
        await page.Locator("select[name=machine]").SelectOptionAsync("Nightly job");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create" }).ClickAsync();
        var key = await page.Locator(".secret pre").First.InnerTextAsync();
        (await Works(key)).ShouldBeTrue();

        await page.GotoAsync($"{Urls[1]}/console/service-accounts?org={org}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Disable" }).ClickAsync();

        await Expect(page.Locator("table.rows")).ToContainTextAsync("Disabled");
        await Refused(key);
    }

    [Fact]
    public async Task Shows_who_did_what_and_that_nothing_was_changed()
    {
        var (org, customer) = await browser.NewCustomer();
        using var client = customer;
        await using var window = await browser.Open();
        var page = window.Page;
        await page.GotoAsync($"{Urls[0]}/console/audit?org={org}");

        await Expect(page.Locator("[data-verified]")).ToContainTextAsync("Verified up to entry 2");
        await Expect(page.Locator("table.rows")).ToContainTextAsync("key.created");
        await page.Locator("summary", new() { HasText = "Search" }).ClickAsync();
        await page.GetByLabel("Action").FillAsync("organisation");
        await page.GetByRole(AriaRole.Button, new() { Name = "Search" }).ClickAsync();
        await Expect(page.Locator("table.rows tbody tr")).ToHaveCountAsync(1);
        var download = await page.RunAndWaitForDownloadAsync(() =>
            page.GetByRole(AriaRole.Link, new() { Name = "CSV" }).ClickAsync());
        var file = await File.ReadAllTextAsync(await download.PathAsync());
        file.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(2);
        window.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task Acts_in_a_persons_stead_under_a_banner_until_it_is_stopped()
    {
        var (org, customer) = await browser.NewCustomer();
        using var client = customer;
        var person = new IdSource(TimeProvider.System).Next();
        await Write("insert into accounts.users (user_id, email, email_folded, created_at) values ($1, $2, $2, $3)",
            person, "ada@stead.example", DateTimeOffset.UnixEpoch);
        await Write(
            "insert into accounts.members (org_id, user_id, role, added_by, joined_at) values ($1, $2, 'owner', 'test', $3)",
            org.Value, person, DateTimeOffset.UnixEpoch);
        await using var window = await browser.Open(isScripted: false);
        var page = window.Page;
        await page.GotoAsync($"{Urls[0]}/console/users?search=ada@stead");
        await page.GetByRole(AriaRole.Link, new() { Name = "ada@stead.example" }).ClickAsync();

        await page.Locator("form:has(select[name=organisation]) input[name=reason]").FillAsync("ticket 7");
        await page.GetByRole(AriaRole.Button, new() { Name = "Begin" }).ClickAsync();

        await Expect(page.Locator(".banner.stead")).ToContainTextAsync("in the stead of");
        await Expect(page.Locator(".checklist")).ToContainTextAsync("first event");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Start the trial" })).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Button, new() { Name = "Stop" }).ClickAsync();
        await Expect(page.Locator(".banner.stead")).ToHaveCountAsync(0);
        await Expect(page.Locator("h1")).ToHaveTextAsync("Users");
    }

    [Fact]
    public async Task Leads_a_new_organisation_to_its_first_event()
    {
        var (org, customer) = await browser.NewCustomer();
        using var client = customer;
        await using var window = await browser.Open(isScripted: false);
        var page = window.Page;
        await page.GotoAsync($"{Urls[0]}/console?org={org}");

        await page.GetByRole(AriaRole.Button, new() { Name = "Create a sample key" }).ClickAsync();

        await Expect(page.Locator(".secret")).ToContainTextAsync("/v1/events");
        await Expect(page.Locator("dl.facts")).ToContainTextAsync("events.write");
    }

    [Fact]
    public async Task Sets_a_flag_and_announces_maintenance()
    {
        await using var window = await browser.Open(isScripted: false);
        var page = window.Page;
        await page.GotoAsync($"{Urls[0]}/console/flags");
        await page.Locator("input[name=text]").FillAsync("Back at noon");
        await page.GetByRole(AriaRole.Button, new() { Name = "Announce" }).ClickAsync();
        await Expect(page.Locator(".banner")).ToContainTextAsync("Back at noon");
        await page.GetByRole(AriaRole.Button, new() { Name = "Take it down" }).ClickAsync();
        await Expect(page.Locator(".banner")).ToHaveCountAsync(0);
    }

    [Theory]
    [InlineData(390, ColorScheme.Dark)]
    [InlineData(1280, ColorScheme.Light)]
    public async Task Fits_every_page_on_every_screen(int width, ColorScheme theme)
    {
        var (org, customer) = await browser.NewCustomer();
        using var client = customer;
        await using var window = await browser.Open(width, theme);

        foreach (var place in new[] { "keys", "service-accounts", "operator-keys", "audit", "platform-audit", "users", "flags" })
        {
            await window.Page.GotoAsync($"{Urls[1]}/console/{place}?org={org}");
            (await window.Page.EvaluateAsync<int>("document.documentElement.scrollWidth - innerWidth")).ShouldBeLessThanOrEqualTo(0);
        }

        window.Complaints.ShouldBeEmpty();
    }

    private async Task Write(string sql, params object?[] values)
    {
        await using var command = browser.Replicas.Database.Owner.Sql(sql, values);
        await command.ExecuteNonQueryAsync();
    }

    private async Task<bool> Works(string key)
    {
        using var client = new HttpClient { BaseAddress = new Uri(Urls[1]) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using var answer = await client.GetAsync("/v1/organisation");
        return answer.IsSuccessStatusCode;
    }

    // A second is what every replica is allowed; the machine of the test may be slower.
    private async Task Refused(string key)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (await Works(key))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), patience.Token);
        }
    }
}
