using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Quoin.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Quoin.Tests.EndToEnd.Apps.ConsolePages;

public sealed class BrowsingMeters(SignedInBrowser browser) : IClassFixture<SignedInBrowser>
{
    private IReadOnlyList<string> Urls => browser.Urls;

    [Fact]
    public async Task Shows_what_a_meter_reads_and_an_event_it_counts()
    {
        var (org, customer) = await browser.NewCustomer();
        await SignedInBrowser.Use(customer, UsageEvents.Completion("a", input: 1_500, output: 0));
        await using var window = await browser.Open();
        var page = window.Page;
        await page.GotoAsync($"{Urls[0]}/console/meters?org={org}");

        await page.GetByRole(AriaRole.Link, new() { Name = "llm.input_tokens", Exact = true }).ClickAsync();

        await Expect(page.Locator(".lead")).ToContainTextAsync("Adds up input_tokens of events of type llm.completion.");
        await Expect(page.Locator(".chart .total")).ToContainTextAsync("1,500 tokens");
        var example = await page.Locator("pre").First.InnerTextAsync();
        using var content = new StringContent(example, null, UsageEvents.Structured);
        (await customer.PostAsync("/v1/events", content)).EnsureSuccessStatusCode();
        window.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task Makes_a_meter_without_a_script()
    {
        var (org, _) = await browser.NewCustomer();
        await using var window = await browser.Open(isScripted: false);
        var page = window.Page;
        await page.GotoAsync($"{Urls[0]}/console/meters/new?org={org}");

        await page.Locator("[name=key]").FillAsync("browser.page_views");
        await page.Locator("[name=aggregation]").SelectOptionAsync("count");
        await page.Locator("[name=unit]").FillAsync("view");
        await page.Locator("[name=event_type]").FillAsync("browser.view");
        await page.GetByLabel("Dimension 1", new() { Exact = true }).FillAsync("site");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create the meter" }).ClickAsync();

        await Expect(page.Locator("h1")).ToContainTextAsync("browser.page_views");
        await Expect(page.Locator(".lead")).ToHaveTextAsync("Counts events of type browser.view.");
        await Expect(page.Locator("section tbody tr")).ToContainTextAsync(new Regex("the beginning.*site: site", RegexOptions.Singleline));
    }

    [Fact]
    public async Task Says_beside_the_field_what_is_wrong_with_it()
    {
        var (org, _) = await browser.NewCustomer();
        await using var window = await browser.Open();
        var page = window.Page;
        await page.GotoAsync($"{Urls[0]}/console/meters/new?org={org}");

        await page.Locator("[name=key]").FillAsync("Not A Key");
        await page.Locator("[name=unit]").FillAsync("view");
        await page.Locator("[name=event_type]").FillAsync("browser.other");
        await page.Locator("[name=multiply]").FillAsync("a lot");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create the meter" }).ClickAsync();
        await Expect(page.Locator("label:has([name=multiply]) .wrong")).ToHaveTextAsync("a lot is no number.");
        await Expect(page.Locator("[name=key]")).ToHaveValueAsync("Not A Key");
        await page.Locator("[name=multiply]").FillAsync(string.Empty);
        await page.GetByRole(AriaRole.Button, new() { Name = "Create the meter" }).ClickAsync();

        await Expect(page.Locator("[name=key]")).ToHaveAttributeAsync("aria-invalid", "true");
        await Expect(page.Locator("label:has([name=key]) .wrong")).ToContainTextAsync("key is words of a-z");
    }

    [Fact]
    public async Task Adds_a_version_that_begins_ahead()
    {
        var (org, _) = await browser.NewCustomer();
        await using var window = await browser.Open();
        var page = window.Page;
        await page.GotoAsync($"{Urls[1]}/console/meters/llm.output_tokens/versions/new?org={org}");
        await Expect(page.Locator("[name=value_path]")).ToHaveValueAsync("output_tokens");

        await page.Locator("[name=increment]").FillAsync("1");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add the version" }).ClickAsync();

        await Expect(page.Locator("section tbody tr").First).ToContainTextAsync("to come");
        await Expect(page.Locator("section tbody tr").First).ToContainTextAsync("rounded up to a multiple of 1");
        window.Complaints.ShouldBeEmpty();
    }
}
