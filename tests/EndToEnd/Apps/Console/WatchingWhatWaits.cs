using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Quoin.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Quoin.Tests.EndToEnd.Apps.ConsolePages;

public sealed class WatchingWhatWaits(SignedInBrowser browser) : IClassFixture<SignedInBrowser>
{
    private static readonly LocatorAssertionsToContainTextOptions Soon = new() { Timeout = 20_000 };

    private IReadOnlyList<string> Urls => browser.Urls;

    [Fact]
    public async Task Shows_which_replicas_work_on_a_stage()
    {
        var (org, _) = await browser.NewCustomer();
        await using var window = await browser.Open();

        await window.Page.GotoAsync($"{Urls[0]}/console/stages?org={org}");

        var rating = window.Page.Locator("tr[data-key='rating']");
        await Expect(rating).ToContainTextAsync(new Regex(@"\d+ of 16"));
        await Expect(window.Page.Locator(".stage-figures")).ToContainTextAsync("Usage to rate");
        window.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task Follows_what_waits_without_a_reload()
    {
        var (org, customer) = await browser.NewCustomer();
        await using var window = await browser.Open();
        var page = window.Page;
        await page.GotoAsync($"{Urls[1]}/console/stages?org={org}");
        await page.EvaluateAsync("window.stillHere = true");
        await Expect(page.Locator("[data-live-state]")).ToContainTextAsync("Live", Soon);
        var figure = page.Locator(".stage-figures > div", new() { HasText = "Set aside" }).Locator("dd.number");
        var before = int.Parse(await figure.InnerTextAsync(), System.Globalization.CultureInfo.InvariantCulture);

        (await customer.SendEvent(UsageEvents.Completion("a", model: "without-a-price"))).EnsureSuccessStatusCode();

        await Expect(figure).Not.ToHaveTextAsync($"{before}", new() { Timeout = 20_000 });
        (await page.EvaluateAsync<bool>("window.stillHere")).ShouldBeTrue();
        window.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task Shows_jobs_that_failed_and_drops_one_on_demand()
    {
        var (org, _) = await browser.NewCustomer();
        await using (var fail = browser.Replicas.Database.Owner.CreateCommand("""
            insert into platform.jobs (name, payload, state, due_at, attempts, last_error, enqueued_at)
            values ('test.fail', '{}', 'dead', '2026-01-01', 12, 'no answer', '2026-01-01')
            """))
        {
            await fail.ExecuteNonQueryAsync();
        }

        await using var window = await browser.Open(isScripted: false);
        var page = window.Page;
        await page.GotoAsync($"{Urls[0]}/console/stages?org={org}");
        await page.GetByRole(AriaRole.Link, new() { Name = "see which" }).ClickAsync();
        var failed = page.Locator("tr", new() { HasText = "test.fail" });
        await Expect(failed).ToContainTextAsync("no answer");
        await failed.GetByText("Decide").ClickAsync();
        await failed.GetByLabel("Why").FillAsync("It was a test");
        await failed.GetByRole(AriaRole.Button, new() { Name = "Drop" }).ClickAsync();

        await Expect(page.Locator("[role=status]")).ToContainTextAsync("It is dropped");
        await Expect(failed).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Says_why_usage_cannot_be_rated_and_rates_it_again_on_demand()
    {
        var (org, customer) = await browser.NewCustomer();
        (await customer.SendEvent(UsageEvents.Completion("a", model: "not-priced", input: 1234, output: 0))).EnsureSuccessStatusCode();
        await WaitUntilSetAside(customer);
        await using var window = await browser.Open(isScripted: false);
        var page = window.Page;

        await page.GotoAsync($"{Urls[0]}/console/quarantine?org={org}");
        await Expect(page.Locator("section h2").First).ToHaveTextAsync("No price matches");
        await Expect(page.Locator("tbody tr").First).ToContainTextAsync("model = not-priced");
        await page.GetByLabel("Why").FillAsync("The price is there now");
        await page.GetByRole(AriaRole.Button, new() { Name = "Rate it again" }).ClickAsync();

        await Expect(page.Locator("[role=status]")).ToContainTextAsync("of usage went back to be rated");
        page.Url.ShouldContain("retried=");
    }

    [Fact]
    public async Task Says_that_nothing_waits_where_all_is_rated()
    {
        var (org, customer) = await browser.NewCustomer();
        await SignedInBrowser.Use(customer, UsageEvents.Completion("a"));
        await using var window = await browser.Open();

        await window.Page.GotoAsync($"{Urls[0]}/console/quarantine?org={org}");

        await Expect(window.Page.Locator(".empty-title")).ToHaveTextAsync("Nothing waits");
        await Expect(window.Page.Locator("button", new() { HasText = "Rate it again" })).ToHaveCountAsync(0);
    }

    private static async Task WaitUntilSetAside(HttpClient customer)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while ((await customer.GetJson("/v1/unpriced-usage"))["data"]!.AsArray().Count == 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), patience.Token);
        }
    }
}
