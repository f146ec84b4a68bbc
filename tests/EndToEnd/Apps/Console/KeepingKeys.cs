using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
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

    [Theory]
    [InlineData(390, ColorScheme.Dark)]
    [InlineData(1280, ColorScheme.Light)]
    public async Task Fits_every_page_on_every_screen(int width, ColorScheme theme)
    {
        var (org, customer) = await browser.NewCustomer();
        using var client = customer;
        await using var window = await browser.Open(width, theme);

        foreach (var place in new[] { "keys", "service-accounts", "operator-keys", "audit", "platform-audit" })
        {
            await window.Page.GotoAsync($"{Urls[1]}/console/{place}?org={org}");
            (await window.Page.EvaluateAsync<int>("document.documentElement.scrollWidth - innerWidth")).ShouldBeLessThanOrEqualTo(0);
        }

        window.Complaints.ShouldBeEmpty();
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
