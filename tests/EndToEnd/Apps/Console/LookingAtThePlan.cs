using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Quoin.Kernel;
using Quoin.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Quoin.Tests.EndToEnd.Apps.ConsolePages;

/// <summary>The page of the plan: what it allows, how much is used, in bars, words and for ears.</summary>
public sealed class LookingAtThePlan(SignedInBrowser browser) : IClassFixture<SignedInBrowser>
{
    private IReadOnlyList<string> Urls => browser.Urls;

    [Fact]
    public async Task Shows_plan_trial_and_limits_of_a_new_organisation()
    {
        var (org, customer) = await browser.NewCustomer();
        (await customer.SendEvent(UsageEvents.Completion("a", input: 1_000, output: 500))).EnsureSuccessStatusCode();
        await using var window = await browser.Open();
        var page = window.Page;

        await page.GotoAsync($"{Urls[0]}/console/plan?org={org}");

        await Expect(page.Locator("h1")).ToHaveTextAsync("Plan and usage");
        await Expect(page.Locator(".plan-facts")).ToContainTextAsync(new Regex(@"Internal development[\s\S]*Free[\s\S]*Trial"));
        await Expect(page.Locator(".plan-facts div", new() { HasText = "Billing period" }).Locator("time")).ToHaveCountAsync(2);
        var period = await page.Locator(".plan-facts time").EvaluateAllAsync<string[]>("all => all.map(one => one.dateTime)");
        Instant(period[0]).AddMonths(1).ShouldBe(Instant(period[1]));
        TimeProvider.System.GetUtcNow().ShouldBeInRange(Instant(period[0]), Instant(period[1]));
        await Expect(page.Locator(".notice")).ToContainTextAsync("The trial ends in 30 days");
        await Expect(Limit(page, "LLM tokens").Locator(".limit-note"))
            .ToHaveTextAsync(new Regex(@"Counts from .+ to .+\.\s+Only watched: beyond it, usage goes on\."));
        await Expect(Limit(page, "LLM tokens").Locator(".limit-amount")).ToHaveTextAsync(new Regex(@"1,500\s*of 1,000,000\s*0 %"));
        await Expect(page.GetByRole(AriaRole.Meter, new() { Name = "LLM tokens" }))
            .ToHaveAttributeAsync("aria-valuetext", "1,500 of 1,000,000, within the limit");
        await Expect(page.Locator(".menu a", new() { HasText = "Plan" })).ToHaveAttributeAsync("aria-current", "page");
        window.Complaints.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("79.99", "green", "79 %", "Within the limit")]
    [InlineData("80", "yellow", "80 %", "Nearly used up")]
    [InlineData("99.999", "yellow", "99 %", "Nearly used up")]
    [InlineData("100", "red", "100 %", "Used up")]
    [InlineData("150", "red", "150 %", "Over the limit")]
    public async Task Colours_a_limit_by_how_near_it_is(string used, string level, string percent, string words)
    {
        var (org, customer) = await browser.NewCustomer();
        using var machine = await Operator(org);
        await Put(machine, new { code = "agent.runs", limit = 100, enforcement = "soft" });
        await Record(customer, used);
        await using var window = await browser.Open(isScripted: false);

        await window.Page.GotoAsync($"{Urls[1]}/console/plan?org={org}");

        var limit = Limit(window.Page, "Agent runs");
        await Expect(limit).ToHaveAttributeAsync("data-level", level);
        await Expect(limit.Locator(".limit-percent")).ToHaveTextAsync(percent);
        await Expect(limit.Locator(".limit-level")).ToHaveTextAsync(words);
        await Expect(limit).ToContainTextAsync("Set for this organisation");
        await Expect(limit.Locator(".limit-note")).ToContainTextAsync("A soft limit: beyond it, usage goes on.");
        await window.Page.GotoAsync($"{Urls[0]}/console?org={org}");
        await Expect(window.Page.Locator(".limit-notice")).ToHaveTextAsync(
            level == "green" ? [] : [new Regex($@"Agent runs: {percent} used\. {words}\.")]);
    }

    [Fact]
    public async Task Shows_no_percentage_where_nothing_is_included_and_says_so()
    {
        var (org, _) = await browser.NewCustomer();
        using var machine = await Operator(org);
        await Put(machine, new { code = "seats", limit = 0 });
        await using var window = await browser.Open();

        await window.Page.GotoAsync($"{Urls[0]}/console/plan?org={org}");

        await Expect(Limit(window.Page, "Seats").Locator(".limit-level")).ToHaveTextAsync("Not included");
        await Expect(Limit(window.Page, "Seats").Locator(".limit-percent")).ToHaveCountAsync(0);
    }

    [Theory]
    [InlineData(390, ColorScheme.Light)]
    [InlineData(390, ColorScheme.Dark)]
    [InlineData(1440, ColorScheme.Dark)]
    public async Task Fits_phone_and_desktop_in_light_and_dark(int width, ColorScheme theme)
    {
        var (org, customer) = await browser.NewCustomer();
        await Record(customer, "7");
        await using var window = await browser.Open(width, theme);

        await window.Page.GotoAsync($"{Urls[0]}/console/plan?org={org}");

        var widths = await window.Page.EvaluateAsync<int[]>(
            "[document.documentElement.scrollWidth, document.documentElement.clientWidth]");
        widths[0].ShouldBeLessThanOrEqualTo(widths[1]);
        if (Environment.GetEnvironmentVariable("QUOIN_SCREENSHOTS") is { Length: > 0 } folder)
        {
            await window.Page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"plan-{width}-{theme}.png"), FullPage = true });
        }
    }

    [Fact]
    public async Task Is_no_page_of_an_organisation_that_is_not_there()
    {
        await using var window = await browser.Open();

        var answer = await window.Page.GotoAsync($"{Urls[0]}/console/plan?org={new OrgId(Guid.Empty)}");

        answer!.Status.ShouldBe(404);
    }

    private static ILocator Limit(IPage page, string name) =>
        page.Locator(".limit", new() { Has = page.GetByRole(AriaRole.Heading, new() { Name = name }) });

    private static DateTimeOffset Instant(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

    private static async Task Record(HttpClient customer, string amount)
    {
        using var answer = await customer.PostAsJsonAsync("/v1/limits/record", new { code = "agent.runs", key = amount, amount });
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
    }

    private static async Task Put(HttpClient machine, object changed)
    {
        using var answer = await machine.PutAsJsonAsync("/v1/billing/overrides", new { overrides = new[] { changed }, reason = "test" });
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
    }

    private async Task<HttpClient> Operator(OrgId org)
    {
        var client = new HttpClient { BaseAddress = new Uri(Urls[0]) };
        client.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Bearer", await browser.Replicas.NewOperatorKey());
        client.DefaultRequestHeaders.Add("Quoin-Org", org.ToString());
        return client;
    }
}
