using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Quoin.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Quoin.Tests.EndToEnd.Apps.ConsolePages;

public sealed class ExploringUsage(SignedInBrowser browser) : IClassFixture<SignedInBrowser>
{
    private IReadOnlyList<string> Urls => browser.Urls;

    [Fact]
    public async Task Shows_quantity_beside_money_and_leads_to_the_lines_behind()
    {
        var (org, customer) = await browser.NewCustomer();
        await SignedInBrowser.Use(
            customer,
            UsageEvents.Completion("a", input: 2_000_000, output: 0),
            UsageEvents.Completion("b", input: 1_000_000, output: 0, model: "gpt-4o-mini"));
        await using var window = await browser.Open();
        var page = window.Page;
        await page.GotoAsync($"{Urls[0]}/console/usage?org={org}");

        await page.Locator("summary", new() { HasText = "All meters" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { NameRegex = new Regex("^llm.input_tokens") }).ClickAsync();

        await Expect(page.Locator(".chart .total")).ToHaveTextAsync([new Regex("3,000,000 tokens"), new Regex(@"\$5\.150000")]);
        var row = page.Locator("tr[data-key='gpt-4o']");
        await Expect(row).ToContainTextAsync("2,000,000 tokens");
        await Expect(row).ToContainTextAsync("$5.000000");
        await row.GetByRole(AriaRole.Link, new() { Name = "Lines of gpt-4o", Exact = true }).Last.ClickAsync();
        await Expect(page.Locator(".narrowed")).ToContainTextAsync("model = gpt-4o");
        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(1);
        window.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task Narrows_to_a_value_without_a_script()
    {
        var (org, customer) = await browser.NewCustomer();
        await SignedInBrowser.Use(
            customer,
            UsageEvents.Completion("a", input: 2_000_000, output: 0),
            UsageEvents.Completion("b", input: 1_000_000, output: 0, model: "gpt-4o-mini"));
        await using var window = await browser.Open(isScripted: false);
        var page = window.Page;
        await page.GotoAsync($"{Urls[0]}/console/usage?org={org}&meter=llm.input_tokens");

        await page.Locator("summary", new() { HasText = "Filter" }).ClickAsync();
        await page.Locator("select[name=dimension]").SelectOptionAsync("model");
        await page.Locator("input[name=value]").FillAsync("gpt-4o-mini");
        await page.GetByRole(AriaRole.Button, new() { Name = "Filter" }).ClickAsync();

        page.Url.ShouldContain("where=model%3Agpt-4o-mini");
        await Expect(page.Locator(".chart .total").First).ToContainTextAsync("1,000,000 tokens");
        await page.GotoAsync(page.Url.Replace(Urls[0], Urls[1], StringComparison.Ordinal));
        await Expect(page.Locator(".chart .total").First).ToContainTextAsync("1,000,000 tokens");
        await page.Locator("a.filter", new() { HasText = "model = gpt-4o-mini" }).ClickAsync();
        await Expect(page.Locator(".chart .total").First).ToContainTextAsync("3,000,000 tokens");
    }

    [Fact]
    public async Task Compares_with_the_time_before()
    {
        var (org, customer) = await browser.NewCustomer();
        var before = TimeProvider.System.GetUtcNow().AddDays(-8);
        await SignedInBrowser.Use(
            customer,
            UsageEvents.Completion("a", input: 3_000_000, output: 0),
            UsageEvents.Completion("b", input: 2_000_000, output: 0, time: before.ToString("O")));
        await using var window = await browser.Open();
        var page = window.Page;
        await page.GotoAsync($"{Urls[1]}/console/usage?org={org}&meter=llm.input_tokens&range=7d&zone=UTC");

        await page.GetByRole(AriaRole.Link, new() { Name = "Compare with before" }).ClickAsync();

        await Expect(page.Locator(".chart .change")).ToHaveTextAsync(["2,000,000 before, +50 %", "$5.000000 before, +50 %"]);
        await Expect(page.Locator(".chart path.before")).ToHaveCountAsync(2);
        await Expect(page.Locator("tr[data-key='gpt-4o']")).ToContainTextAsync("+50 %");
        window.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task Gives_the_same_numbers_as_a_file()
    {
        var (org, customer) = await browser.NewCustomer();
        await SignedInBrowser.Use(customer, UsageEvents.Completion("a", input: 2_000_000, output: 0));
        await using var window = await browser.Open();
        var page = window.Page;
        await page.GotoAsync($"{Urls[0]}/console/usage?org={org}&meter=llm.input_tokens&step=day&zone=UTC");

        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Link, new() { Name = "CSV" }).ClickAsync());

        var text = await File.ReadAllLinesAsync((await download.PathAsync())!);
        text[0].ShouldBe("from,to,meter,\"model\",quantity,unit,events,currency,amount,amount_micros");
        text[1].ShouldMatch(@"^\d{4}-\d\d-\d\dT00:00:00Z,.*,""llm.input_tokens"",""gpt-4o"",2000000(\.0+)?,""token"",1,USD,");
    }

    [Fact]
    public async Task Says_how_to_send_usage_where_there_is_none()
    {
        var (org, _) = await browser.NewCustomer();
        await using var window = await browser.Open();

        await window.Page.GotoAsync($"{Urls[0]}/console/usage?org={org}&meter=llm.output_tokens");

        await Expect(window.Page.Locator(".empty pre")).ToContainTextAsync($"curl {Urls[0]}/v1/events");
        await Expect(window.Page.Locator(".empty pre")).ToContainTextAsync("\"output_tokens\"");
    }

    [Fact]
    public async Task Says_which_page_a_meter_that_is_not_there_has()
    {
        var (org, _) = await browser.NewCustomer();
        await using var window = await browser.Open();

        var response = await window.Page.GotoAsync($"{Urls[0]}/console/usage?org={org}&meter=nothing");

        response!.Status.ShouldBe(404);
        await Expect(window.Page.Locator("h1")).ToHaveTextAsync("There is no such meter");
    }
}
