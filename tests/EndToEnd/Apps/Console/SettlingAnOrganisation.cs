using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Quoin.Tests.EndToEnd.Apps.ConsolePages;

public sealed class SettlingAnOrganisation(SignedInBrowser browser) : IClassFixture<SignedInBrowser>
{
    private IReadOnlyList<string> Urls => browser.Urls;

    [Fact]
    public async Task Invites_and_revokes_without_a_script()
    {
        var (org, customer) = await browser.NewCustomer();
        using var client = customer;
        await using var window = await browser.Open(isScripted: false);
        var page = window.Page;
        await page.GotoAsync($"{Urls[0]}/console/members?org={org}");

        await page.GetByLabel("E-mail").FillAsync("grace@example.com");
        await page.GetByLabel("Role").SelectOptionAsync("finance");
        await page.GetByRole(AriaRole.Button, new() { Name = "Invite" }).ClickAsync();
        var invited = page.Locator("table.rows", new() { HasText = "grace@example.com" });
        await Expect(invited).ToContainTextAsync("finance");
        await invited.GetByRole(AriaRole.Button, new() { Name = "Revoke" }).ClickAsync();

        await Expect(page.GetByText("grace@example.com")).ToHaveCountAsync(0);
        window.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task Renames_deletes_and_restores_without_a_script()
    {
        var (org, customer) = await browser.NewCustomer();
        using var client = customer;
        await using var window = await browser.Open(isScripted: false);
        var page = window.Page;
        await page.GotoAsync($"{Urls[0]}/console/settings?org={org}");

        await page.Locator(".decide").GetByLabel("Name").FillAsync("Initech");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(page.Locator(".facts")).ToContainTextAsync("Initech");
        await page.Locator("summary", new() { HasText = "Delete this organisation" }).ClickAsync();
        await page.GetByLabel("Its name, to be sure").FillAsync("Initech");
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Expect(page.GetByText("is being deleted")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Restore it" }).ClickAsync();

        await Expect(page.GetByText("is being deleted")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Makes_projects_and_shows_what_proves_a_domain()
    {
        var (org, customer) = await browser.NewCustomer();
        using var client = customer;
        await using var window = await browser.Open(isScripted: false);
        var page = window.Page;

        await page.GotoAsync($"{Urls[0]}/console/projects?org={org}");
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("Search");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create" }).ClickAsync();
        await Expect(page.Locator("table.rows").First).ToContainTextAsync("search");

        await page.GotoAsync($"{Urls[0]}/console/domains?org={org}");
        await page.GetByRole(AriaRole.Textbox, new() { Name = "Domain" }).FillAsync("acme.example");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add" }).ClickAsync();
        await Expect(page.GetByText("_quoin.acme.example").First).ToBeVisibleAsync();
    }
}
