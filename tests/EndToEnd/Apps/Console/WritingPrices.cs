using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Quoin.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Quoin.Tests.EndToEnd.Apps.ConsolePages;

public sealed class WritingPrices(SignedInBrowser browser) : IClassFixture<SignedInBrowser>
{
    private IReadOnlyList<string> Urls => browser.Urls;

    [Fact]
    public async Task Previews_tiers_step_by_step_and_publishes_them()
    {
        var (org, _) = await browser.NewCustomer();
        await using var window = await browser.Open();
        var page = window.Page;
        await NewBook(page, org.ToString(), "Tiers");

        await page.GetByRole(AriaRole.Link, new() { Name = "New price" }).ClickAsync();
        await page.Locator("[name=meter]").SelectOptionAsync("llm.input_tokens");
        await page.Locator("[name=model_0]").SelectOptionAsync("graduated");
        await page.Locator("[name=per_0]").FillAsync("1");
        await page.Locator("[name=tiers_0]").FillAsync("1000 0.10\n* 0.05 10");
        await page.Locator("[name=quantities]").FillAsync("1000 1500");
        await page.GetByRole(AriaRole.Button, new() { Name = "Preview" }).ClickAsync();

        var amounts = page.Locator("table tbody tr");
        await Expect(amounts.Nth(0)).ToContainTextAsync(new Regex(@"1,000\s*\$100\.000000"));
        await Expect(amounts.Nth(1)).ToContainTextAsync(new Regex(@"1,500\s*\$135\.000000"));
        await Expect(page.Locator(".steps").First).ToContainTextAsync(new Regex(@"Tier 1\s*\$100\.00\s*1,000 × \$0\.10"));
        await Expect(page.Locator(".chart.curve path.line")).ToHaveCountAsync(1);
        await page.GotoAsync(page.Url.Replace(Urls[0], Urls[1], StringComparison.Ordinal));
        await Expect(page.Locator("table tbody tr").Nth(1)).ToContainTextAsync("$135.000000");
        await page.GetByRole(AriaRole.Button, new() { Name = "Publish" }).ClickAsync();
        await Expect(page.Locator(".version")).ToContainTextAsync("up to 1,000: $0.10; beyond: $0.05 + $10.00, each for its part");
        await Expect(page.Locator(".version")).ToContainTextAsync("in force");
        window.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task Shows_what_a_new_version_changes()
    {
        var (org, _) = await browser.NewCustomer();
        await using var window = await browser.Open(isScripted: false);
        var page = window.Page;
        await NewBook(page, org.ToString(), "Changes");
        await page.GetByRole(AriaRole.Link, new() { Name = "New price" }).ClickAsync();
        await page.Locator("[name=meter]").SelectOptionAsync("llm.output_tokens");
        await page.Locator("[name=price_0]").FillAsync("10");
        await page.Locator("[name=per_0]").FillAsync("1000000");
        await page.GetByRole(AriaRole.Button, new() { Name = "Preview" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Publish" }).ClickAsync();

        await page.GetByRole(AriaRole.Link, new() { Name = "New version" }).ClickAsync();
        await page.Locator("[name=price_0]").FillAsync("8");
        await page.Locator("[name=basis]").SelectOptionAsync("markup");
        await page.Locator("[name=rate]").FillAsync("25");
        await page.GetByRole(AriaRole.Button, new() { Name = "Preview" }).ClickAsync();

        await Expect(page.Locator("del")).ToContainTextAsync("$10.00 per 1,000,000");
        await Expect(page.Locator("ins").First).ToContainTextAsync("$8.00 per 1,000,000");
        await Expect(page.Locator("ins").Nth(1)).ToContainTextAsync("cost + 25 %");
        await Expect(page.Locator(".chart.curve path.before")).ToHaveCountAsync(1);
        await page.GetByRole(AriaRole.Button, new() { Name = "Publish" }).ClickAsync();
        await Expect(page.Locator(".version")).ToHaveCountAsync(2);
        await Expect(page.Locator(".version").First).ToContainTextAsync("to come");
    }

    [Theory]
    [InlineData("flat", "49", "", "", "7", "$49.000000")]
    [InlineData("per_unit", "2.50", "1000000", "", "2000000", "$5.000000")]
    [InlineData("package", "5", "1000", "", "1001", "$10.000000")]
    [InlineData("volume", "", "1", "1000 0.10\n* 0.05", "2000", "$100.000000")]
    [InlineData("percentage", "2.5", "", "", "200", "$5.000000")]
    public async Task Previews_every_model(string model, string price, string per, string tiers, string quantity, string amount)
    {
        var (org, _) = await browser.NewCustomer();
        await using var window = await browser.Open();
        var page = window.Page;
        await NewBook(page, org.ToString(), $"Models {model}");

        await page.GotoAsync(
            $"{page.Url.Split('?')[0]}/edit?org={org}&meter=llm.input_tokens&model_0={model}&price_0={price}&per_0={per}"
            + $"&tiers_0={Uri.EscapeDataString(tiers)}&quantities={quantity}&act=preview");

        await Expect(page.Locator("table tbody tr").First).ToContainTextAsync(amount);
        await Expect(page.Locator(".steps .result")).ToContainTextAsync(amount);
    }

    [Fact]
    public async Task Says_beside_the_field_what_is_wrong_with_it()
    {
        var (org, _) = await browser.NewCustomer();
        await using var window = await browser.Open();
        var page = window.Page;
        await NewBook(page, org.ToString(), "Wrong");
        await page.GetByRole(AriaRole.Link, new() { Name = "New price" }).ClickAsync();

        await page.Locator("[name=model_0]").SelectOptionAsync("graduated");
        await page.Locator("[name=tiers_0]").FillAsync("up to the sky");
        await page.Locator("[name=match]").FillAsync("gpt-4o");
        await page.GetByRole(AriaRole.Button, new() { Name = "Preview" }).ClickAsync();

        await Expect(page.Locator("[name=tiers_0]")).ToHaveAttributeAsync("aria-invalid", "true");
        await Expect(page.Locator("[name=tiers_0]")).ToHaveValueAsync("up to the sky");
        await Expect(page.Locator("label:has([name=match]) .wrong")).ToContainTextAsync("Write it like: model = gpt-4o");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Publish" })).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Leads_from_usage_without_a_price_to_its_price()
    {
        var (org, customer) = await browser.NewCustomer();
        (await customer.SendEvent(UsageEvents.Completion("a", model: "brand-new", input: 1_000_000, output: 0))).EnsureSuccessStatusCode();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while ((await customer.GetJson("/v1/unpriced-usage"))["data"]!.AsArray().Count == 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), patience.Token);
        }

        await using var window = await browser.Open();
        var page = window.Page;
        await page.GotoAsync($"{Urls[0]}/console/quarantine?org={org}");

        await page.Locator("tbody tr", new() { HasText = "llm.input_tokens" }).GetByText("Price it").Last.ClickAsync();

        await Expect(page.Locator("[name=meter]")).ToHaveValueAsync("llm.input_tokens");
        await Expect(page.Locator("[name=match]")).ToHaveValueAsync("model = brand-new");
    }

    private async Task NewBook(IPage page, string org, string name)
    {
        await page.GotoAsync($"{Urls[0]}/console/prices?org={org}");
        await page.Locator("summary", new() { HasText = "New book" }).ClickAsync();
        await page.Locator("[name=name]").FillAsync(name);
        await page.GetByRole(AriaRole.Button, new() { Name = "Make the book" }).ClickAsync();
        await Expect(page.Locator("h1")).ToContainTextAsync(name);
    }
}
