using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Quoin.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Quoin.Tests.EndToEnd.Apps.ConsolePages;

public sealed class LookingAtTheConsole(SignedInBrowser browser) : IClassFixture<SignedInBrowser>
{
    private static readonly LocatorAssertionsToContainTextOptions Soon = new() { Timeout = 20_000 };

    private IReadOnlyList<string> Urls => browser.Urls;

    [Fact]
    public async Task Shows_what_was_spent_on_which_model()
    {
        var (org, customer) = await browser.NewCustomer();
        await SignedInBrowser.Use(customer, UsageEvents.Completion("a", input: 2_000_000, output: 100_000));
        await using var window = await browser.Open();

        await window.Page.GotoAsync($"{Urls[0]}/console?org={org}");

        await Expect(window.Page.Locator(".figure", new() { HasText = "To be invoiced" })).ToContainTextAsync("$6.00");
        var model = window.Page.GetByRole(AriaRole.Row, new() { NameRegex = new Regex("^gpt-4o ") });
        await Expect(model).ToContainTextAsync("2,000,000");
        await Expect(model).ToContainTextAsync("$6.00");
        await Expect(window.Page.Locator("[data-plot] svg").First).ToBeVisibleAsync();
        window.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task Follows_usage_without_a_reload()
    {
        var (org, customer) = await browser.NewCustomer();
        await SignedInBrowser.Use(customer, UsageEvents.Completion("a", input: 1_000_000, output: 0));
        await using var window = await browser.Open();
        await window.Page.GotoAsync($"{Urls[1]}/console?org={org}");
        await window.Page.EvaluateAsync("window.stillHere = true");

        await SignedInBrowser.Use(customer, UsageEvents.Completion("b", input: 2_000_000, output: 0, model: "gpt-4o-mini"));

        await Expect(window.Page.Locator(".figure", new() { HasText = "To be invoiced" })).ToContainTextAsync("$2.80", Soon);
        await Expect(window.Page.Locator(".latest .list").First.Locator("li").First).ToContainTextAsync("gpt-4o-mini", Soon);
        await Expect(window.Page.Locator(".models")).ToContainTextAsync("gpt-4o-mini", Soon);
        (await window.Page.EvaluateAsync<bool>("window.stillHere")).ShouldBeTrue();
        window.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task Leads_from_an_amount_to_the_raw_event_and_says_how_it_came_about()
    {
        var (org, customer) = await browser.NewCustomer();
        await SignedInBrowser.Use(customer, UsageEvents.Completion("call-1", input: 1_234_567, output: 0));
        await using var window = await browser.Open();
        var page = window.Page;
        await page.GotoAsync($"{Urls[0]}/console?org={org}");

        await page.Locator(".figure", new() { HasText = "To be invoiced" }).ClickAsync();
        await page.Locator(".row-link").First.ClickAsync();
        await Expect(page.Locator("tfoot")).ToContainTextAsync("$0.000000");
        await page.Locator(".row-link", new() { HasText = "gpt-4o" }).Last.ClickAsync();
        await Expect(page.Locator(".arithmetic")).ToContainTextAsync("$3.0864175");
        await Expect(page.Locator(".arithmetic")).ToContainTextAsync("1,234,567 × $2.50 / 1,000,000");
        await Expect(page.Locator(".arithmetic")).ToContainTextAsync("rounded once");
        await Expect(page.Locator(".result")).ToContainTextAsync("$3.086418");
        await page.Locator(".row-link").First.ClickAsync();

        await Expect(page.Locator("pre")).ToContainTextAsync("\"id\": \"call-1\"");
        await Expect(page.Locator("pre")).ToContainTextAsync("\"input_tokens\": 1234567");
        await Expect(page.Locator(".crumbs")).ToContainTextAsync(new Regex("Ledger\\s*Transfer\\s*Rated line\\s*Event"));
        window.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task Says_the_same_on_every_replica()
    {
        var (org, customer) = await browser.NewCustomer();
        await SignedInBrowser.Use(customer, UsageEvents.Completion("a"), UsageEvents.Completion("b", model: "gpt-4o-mini"));
        await using var window = await browser.Open();
        var address = $"/console?org={org}&range=30d&window=day";

        await window.Page.GotoAsync(Urls[0] + address);
        var first = await window.Page.Locator(".balance, .models, .latest").AllInnerTextsAsync();
        await window.Page.GotoAsync(Urls[1] + address);
        var second = await window.Page.Locator(".balance, .models, .latest").AllInnerTextsAsync();

        second.ShouldBe(first);
        await Expect(window.Page.Locator(".segments [aria-current]")).ToHaveTextAsync(["30d", "Day"]);
    }

    [Theory]
    [InlineData(390, ColorScheme.Light)]
    [InlineData(390, ColorScheme.Dark)]
    [InlineData(1440, ColorScheme.Light)]
    [InlineData(1440, ColorScheme.Dark)]
    public async Task Fits_every_page_into_the_window(int width, ColorScheme theme)
    {
        var (org, customer) = await browser.NewCustomer();
        await SignedInBrowser.Use(
            customer,
            UsageEvents.Completion("a-long-id-that-nobody-would-write-by-hand-but-programs-do-0001", input: 987_654_321_012),
            UsageEvents.Completion("b", model: "a-model-without-a-price-and-with-a-name-as-long-as-vendors-like-them"));
        var line = (await customer.GetJson("/v1/rated-lines"))["data"]![0]!;
        var stored = (await customer.GetJson("/v1/events"))["data"]![0]!;
        var entry = (await customer.GetJson("/v1/ledger/entries"))["data"]![0]!;
        await using var window = await browser.Open(width, theme);

        foreach (var path in new[]
        {
            "/console", "/console/events", "/console/rated-lines", $"/console/events/{stored["event"]}",
            $"/console/rated-lines/{line["id"]}", $"/console/transfers/{line["transfer"]}", "/console/ledger",
            $"/console/accounts/{entry["account"]}", "/console/transfers", "/console/grants", "/console/holds",
            "/console/corrections", "/console/usage", "/console/plan", "/console/quarantine", "/console/stages",
            "/console/meters", "/console/meters/new", "/console/meters/llm.input_tokens", "/console/prices", "/console/plans",
            "/console/plans/starter",
        })
        {
            var response = await window.Page.GotoAsync($"{Urls[0]}{path}?org={org}");
            response!.Status.ShouldBe(200, path);
            var widths = await window.Page.EvaluateAsync<int[]>(
                "[document.documentElement.scrollWidth, document.documentElement.clientWidth]");
            widths[0].ShouldBeLessThanOrEqualTo(widths[1], path);
        }

        window.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task Is_used_by_keyboard()
    {
        var (org, _) = await browser.NewCustomer();
        await using var window = await browser.Open();
        var page = window.Page;
        await page.GotoAsync($"{Urls[0]}/console?org={org}");

        await page.Keyboard.PressAsync("Tab");
        await Expect(page.Locator(".skip")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Searchbox)).ToBeFocusedAsync();
        await Expect(page.Locator(".org-list a").First).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("ArrowDown");
        await Expect(page.Locator(".org-list a").First).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.Locator(".switcher summary")).ToBeFocusedAsync();
    }

    [Fact]
    public async Task Keeps_a_chosen_theme_on_the_next_page()
    {
        var (org, _) = await browser.NewCustomer();
        await using var window = await browser.Open();
        await window.Page.GotoAsync($"{Urls[0]}/console?org={org}");

        await window.Page.Locator("[data-theme-toggle]").ClickAsync();
        await window.Page.GotoAsync($"{Urls[0]}/console/events?org={org}");

        (await window.Page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor")).ShouldBe("rgb(18, 18, 17)");
    }

    [Fact]
    public async Task Sends_strangers_to_sign_in()
    {
        await using var window = await browser.Open(isSignedIn: false);

        await window.Page.GotoAsync($"{Urls[0]}/console/events");

        window.Page.Url.ShouldBe($"{Urls[0]}/sign-in?return_to=%2Fconsole%2Fevents");
    }

    [Fact]
    public async Task Has_an_icon_where_browsers_look_for_one()
    {
        using var client = new HttpClient();

        using var answer = await client.GetAsync($"{Urls[0]}/favicon.ico");

        answer.IsSuccessStatusCode.ShouldBeTrue();
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("image/svg+xml");
    }

    [Fact]
    public async Task Knows_nothing_of_another_organisations_ids()
    {
        var (_, customer) = await browser.NewCustomer();
        await SignedInBrowser.Use(customer, UsageEvents.Completion("a"));
        var line = (await customer.GetJson("/v1/rated-lines"))["data"]![0]!;
        var (other, _) = await browser.NewCustomer();
        await using var window = await browser.Open();

        var response = await window.Page.GotoAsync($"{Urls[0]}/console/rated-lines/{line["id"]}?org={other}");

        response!.Status.ShouldBe(404);
        await Expect(window.Page.Locator("h1")).ToHaveTextAsync("There is no such rated line");
    }

    [Fact]
    public async Task Says_what_to_do_where_nothing_is_yet()
    {
        var (org, _) = await browser.NewCustomer();
        await using var window = await browser.Open();

        await window.Page.GotoAsync($"{Urls[0]}/console?org={org}");

        await Expect(window.Page.Locator(".empty")).ToContainTextAsync($"curl {Urls[0]}/v1/events");
    }
}
