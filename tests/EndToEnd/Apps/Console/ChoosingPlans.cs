using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Quoin.Tests.EndToEnd.Apps.ConsolePages;

public sealed class ChoosingPlans(SignedInBrowser browser) : IClassFixture<SignedInBrowser>
{
    private IReadOnlyList<string> Urls => browser.Urls;

    [Fact]
    public async Task Shows_what_plans_give_in_words()
    {
        var (org, _) = await browser.NewCustomer();
        await using var window = await browser.Open();
        var page = window.Page;
        await page.GotoAsync($"{Urls[0]}/console/plans?org={org}");

        var starter = page.Locator("section.plan", new() { Has = page.GetByRole(AriaRole.Link, new() { Name = "Starter" }) });
        await Expect(starter.Locator(".fee")).ToContainTextAsync("$49.00");
        await starter.GetByRole(AriaRole.Link).ClickAsync();

        await Expect(page.Locator(".version").First).ToContainTextAsync("Version 1");
        await Expect(page.Locator(".version .facts").First).ToContainTextAsync("Published");
        window.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task Gives_an_organisation_a_plan_and_schedules_another_without_a_script()
    {
        var (org, _) = await browser.NewCustomer();
        await using var window = await browser.Open(isScripted: false);
        var page = window.Page;
        await page.GotoAsync($"{Urls[0]}/console/plans?org={org}");

        await page.Locator("summary", new() { HasText = "Give it a plan" }).ClickAsync();
        await page.Locator("[name=plan]").SelectOptionAsync(new SelectOptionValue { Label = await Choice(page, "Growth") });
        await page.GetByRole(AriaRole.Button, new() { Name = "Assign" }).ClickAsync();
        await Expect(page.Locator(".plan-name")).ToContainTextAsync("Growth");

        await page.Locator("summary", new() { HasText = "Change it" }).ClickAsync();
        await page.Locator("[name=plan]").SelectOptionAsync(new SelectOptionValue { Label = await Choice(page, "Starter") });
        await page.GetByRole(AriaRole.Button, new() { Name = "Change", Exact = true }).ClickAsync();

        await Expect(page.Locator(".plan-name")).ToContainTextAsync("Growth");
        await Expect(page.Locator(".has-plan .facts").First).ToContainTextAsync("Plan: Starter");
        await page.GetByRole(AriaRole.Button, new() { Name = "Withdraw it" }).ClickAsync();
        await Expect(page.Locator(".scheduled")).ToHaveCountAsync(0);
    }

    private static async Task<string> Choice(IPage page, string name)
    {
        var labels = await page.Locator("select[name=plan] option").AllInnerTextsAsync();
        return labels.First(label => label.StartsWith(name, StringComparison.Ordinal)).Trim();
    }
}
