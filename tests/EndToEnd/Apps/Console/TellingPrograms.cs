using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Quoin.Tests.EndToEnd.Apps.ConsolePages;

public sealed class TellingPrograms(SignedInBrowser browser) : IClassFixture<SignedInBrowser>
{
    private IReadOnlyList<string> Urls => browser.Urls;

    [Fact]
    public async Task Adds_an_endpoint_shows_its_secret_once_and_sends_it_a_test_without_a_script()
    {
        var (org, customer) = await browser.NewCustomer();
        using var client = customer;
        await using var window = await browser.Open(isScripted: false);
        var page = window.Page;
        await page.GotoAsync($"{Urls[0]}/console/webhooks?org={org}");

        await page.GetByLabel("Address").FillAsync("http://receiver.invalid/hooks");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add" }).ClickAsync();
        await Expect(page.Locator(".secret pre")).ToHaveTextAsync(new Regex("^whsec_"));
        await page.Locator(".crumbs a").ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "http://receiver.invalid/hooks" }).ClickAsync();
        await Expect(page.Locator(".secret")).ToHaveCountAsync(0);
        await page.Locator("select[name=topic]").SelectOptionAsync("limit.reached");
        await page.GetByRole(AriaRole.Button, new() { Name = "Send", Exact = true }).ClickAsync();

        await Expect(page.Locator("h1")).ToContainTextAsync("limit.reached");
        await Expect(page.Locator(".code-block")).ToContainTextAsync("\"test\": true");
    }

    [Theory]
    [InlineData(390, ColorScheme.Dark)]
    [InlineData(1280, ColorScheme.Light)]
    public async Task Fits_every_page_on_every_screen(int width, ColorScheme theme)
    {
        var (org, customer) = await browser.NewCustomer();
        using var client = customer;
        await using var window = await browser.Open(width, theme);

        foreach (var place in new[] { "webhooks", "webhook-deliveries", "notification-settings" })
        {
            await window.Page.GotoAsync($"{Urls[1]}/console/{place}?org={org}");
            (await window.Page.EvaluateAsync<int>("document.documentElement.scrollWidth - innerWidth")).ShouldBeLessThanOrEqualTo(0);
        }

        window.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task Keeps_who_gets_mails_and_says_that_there_is_no_mail_server()
    {
        var (org, customer) = await browser.NewCustomer();
        using var client = customer;
        await using var window = await browser.Open();
        var page = window.Page;
        await page.GotoAsync($"{Urls[0]}/console/notification-settings?org={org}");
        await Expect(page.Locator(".remark")).ToContainTextAsync("no mail server");

        await page.Locator("input[name=address-0]").FillAsync("finance@acme.example");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();

        await Expect(page.Locator("input[name=address-0]")).ToHaveValueAsync("finance@acme.example");
        await Expect(page.Locator("input[name=address-1]")).ToHaveValueAsync("");
    }
}
