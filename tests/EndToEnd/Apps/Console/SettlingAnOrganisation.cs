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

    [Fact]
    public async Task Opens_renames_closes_and_reopens_a_billing_account_without_a_script()
    {
        var (org, customer) = await browser.NewCustomer();
        using var client = customer;
        await using var window = await browser.Open(isScripted: false);
        var page = window.Page;
        await page.GotoAsync($"{Urls[0]}/console/billing-accounts?org={org}");

        await page.Locator("summary", new() { HasText = "Open a billing account" }).ClickAsync();
        var form = page.Locator("details.ask");
        await form.GetByLabel("Name").FillAsync("Client");
        await form.Locator("[name=currency]").FillAsync("EUR");
        await form.GetByRole(AriaRole.Button, new() { Name = "Open" }).ClickAsync();
        var row = page.Locator("tr", new() { HasText = "Client" });
        await Expect(row).ToContainTextAsync("a customer of yours");
        await row.Locator("summary").ClickAsync();
        await row.GetByLabel("Name").FillAsync("Client B");
        await row.GetByRole(AriaRole.Button, new() { Name = "Rename" }).ClickAsync();
        row = page.Locator("tr", new() { HasText = "Client B" });
        await row.Locator("summary").ClickAsync();
        await row.GetByRole(AriaRole.Button, new() { Name = "Close" }).ClickAsync();
        await Expect(row).ToContainTextAsync("closed");
        await row.Locator("summary").ClickAsync();
        await row.GetByRole(AriaRole.Button, new() { Name = "Open again" }).ClickAsync();

        await Expect(row).ToContainTextAsync("open");
        await Expect(page.Locator("tr", new() { HasText = "default" }).GetByText("Close", new() { Exact = true })).ToHaveCountAsync(0);
        window.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task Adds_changes_and_removes_an_operator_without_a_script()
    {
        await using var window = await browser.Open(isScripted: false);
        var page = window.Page;
        await page.GotoAsync($"{Urls[0]}/console/operators");

        await page.Locator("summary", new() { HasText = "Add an operator" }).ClickAsync();
        var form = page.Locator("details.ask");
        await form.GetByLabel("E-mail").FillAsync("grace@operator.example");
        await form.GetByLabel("support").CheckAsync();
        await form.GetByRole(AriaRole.Button, new() { Name = "Add" }).ClickAsync();
        var row = page.Locator("tr", new() { HasText = "grace@operator.example" });
        await Expect(row.Locator("td").First).ToHaveTextAsync("support");
        await row.Locator("summary").ClickAsync();
        await row.GetByLabel("finance").CheckAsync();
        await row.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(row.Locator("td").First).ToHaveTextAsync("finance, support");
        await row.Locator("summary").ClickAsync();
        await row.GetByRole(AriaRole.Button, new() { Name = "Remove" }).ClickAsync();

        await Expect(page.GetByText("grace@operator.example")).ToHaveCountAsync(0);
        await Expect(page.Locator("tr", new() { HasText = "you" }).Locator("summary")).ToHaveCountAsync(0);
        window.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task Names_every_field_and_button_for_people_who_do_not_see_them_and_reaches_all_by_keyboard()
    {
        var (org, customer) = await browser.NewCustomer();
        using var client = customer;
        await using var window = await browser.Open();
        var page = window.Page;
        string[] places =
        [
            "settings", "members", "projects", "billing-accounts", "domains", "keys", "service-accounts", "audit",
            "operators", "operator-keys", "flags", "organisations",
        ];

        foreach (var place in places)
        {
            await page.GotoAsync($"{Urls[0]}/console/{place}?org={org}");
            (await page.EvaluateAsync<string[]>(Unnamed)).ShouldBeEmpty(place);
        }
    }

    // What a screen reader would have no words for, and what the keyboard would pass by.
    private const string Unnamed = """
        () => {
          document.querySelectorAll('details').forEach(one => one.open = true);
          const wrong = [];
          const say = (what, one) => wrong.push(what + ': ' + one.outerHTML.slice(0, 120));
          for (const one of document.querySelectorAll('input:not([type=hidden]), select, textarea'))
            if (![...(one.labels || [])].some(label => label.textContent.trim()) && !one.getAttribute('aria-label')) say('no label', one);
          for (const one of document.querySelectorAll('button, a[href], summary'))
            if (!(one.getAttribute('aria-label') || one.textContent.trim())) say('no name', one);
          for (const one of document.querySelectorAll('[tabindex]'))
            if (one.tabIndex > 0) say('out of order', one);
          for (const one of document.querySelectorAll('main table'))
            if (!one.caption) say('no caption', one);
          for (const one of document.querySelectorAll('[aria-labelledby]'))
            if (!document.getElementById(one.getAttribute('aria-labelledby'))) say('named by nothing', one);
          const ids = [...document.querySelectorAll('[id]')].map(one => one.id);
          ids.filter((id, at) => ids.indexOf(id) !== at).forEach(id => wrong.push('twice: ' + id));
          if (document.querySelectorAll('h1').length !== 1) wrong.push('not one h1');
          if (!document.title || !document.documentElement.lang) wrong.push('no title or language');
          return wrong;
        }
        """;
}
