using System.Net;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Playwright;
using Quoin.Accounts;
using Quoin.Inference;
using Quoin.Kernel;
using Quoin.Platform;
using Quoin.Pricing;
using Quoin.Tests.EndToEnd.Foundation.Accounts;
using Quoin.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Quoin.Tests.EndToEnd.Apps.ConsolePages;

/// <summary>What a customer does with models from the first key to the bill, and what the operator sees of it.</summary>
public sealed class UsingTheGateway(TestDatabase database, PlainBrowser browser)
    : IClassFixture<TestDatabase>, IClassFixture<PlainBrowser>, IAsyncLifetime
{
    private TestHost host = null!;

    public async Task InitializeAsync() => host = await TestHost.Start(database, configure: services =>
        services.Replace(ServiceDescriptor.Singleton(new InferenceOptions { Demo = true })));

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task A_customer_makes_a_key_calls_with_it_and_sees_what_each_call_took_and_cost()
    {
        var acme = await GivenCustomer(customerPrice: 2m, providerPrice: 1m);
        await using var window = await browser.Open();
        var page = window.Page;
        await SignInAsOwner(page, acme, "owner@gateway.example");
        await page.GotoAsync($"{host.Address}console/gateway/requests?org={acme.Id}");
        await Expect(page.GetByText("No model was called yet")).ToBeVisibleAsync();
        await Shoot(page, "requests-none");

        var key = await MakeKey(page, acme);
        await CallAndWatch(page, acme, key);
        await TryOut(page, acme);
        await LookBack(page, acme);
        await EndTheKey(page, acme, key);

        window.Complaints.Where(complaint => !complaint.Contains("402", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    private async Task<string> MakeKey(IPage page, TestOrganisation acme)
    {
        await page.GotoAsync($"{host.Address}console/gateway/keys?org={acme.Id}");
        await page.Locator("summary", new() { HasText = "Create a key" }).ClickAsync();
        await page.GetByLabel("Label").FillAsync("Support bot");
        await page.GetByLabel("Budget USD").FillAsync("5");
        await page.GetByLabel("demo-echo").CheckAsync();
        await page.GetByLabel("Calls a minute").FillAsync("60");
        await Shoot(page, "gateway-key-form");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create" }).ClickAsync();
        var secret = await page.Locator(".secret pre").InnerTextAsync();
        secret.ShouldStartWith("qn_test_");
        await page.GetByText("Python", new() { Exact = true }).ClickAsync();
        await Expect(page.Locator("[data-snippet=python]")).ToContainTextAsync(secret);
        await Expect(page.Locator("[data-snippet=curl]")).ToBeHiddenAsync();
        await Shoot(page, "gateway-key-made");
        return secret;
    }

    private async Task CallAndWatch(IPage page, TestOrganisation acme, string key)
    {
        await page.GotoAsync($"{host.Address}console/gateway/requests?org={acme.Id}");
        using var program = host.Client(key);
        using var answer = await program.PostAsJsonAsync("/v1/chat/completions", Hello("demo-echo"));
        answer.EnsureSuccessStatusCode();

        var row = page.Locator("tbody tr").First;
        await Expect(row).ToContainTextAsync("Support bot");
        await Expect(row).ToContainTextAsync("$0.00");
        await Shoot(page, "requests");
        await row.GetByRole(AriaRole.Link).ClickAsync();
        await PayingCustomer.Until(page, page.Locator(".waterfall"), "Rated and posted");
        await Expect(page.Locator(".waterfall")).ToContainTextAsync(
            new Regex("Admission[\\s\\S]*Provider[\\s\\S]*Answer[\\s\\S]*Settlement"));
        await Expect(page.Locator("#content")).ToContainTextAsync("llm.output_tokens");
        await Expect(page.Locator("#content")).Not.ToContainTextAsync("Provider asks");
        await Shoot(page, "request");
    }

    private async Task TryOut(IPage page, TestOrganisation acme)
    {
        await page.GotoAsync($"{host.Address}console/gateway/playground?org={acme.Id}");
        await page.GetByLabel("Model").SelectOptionAsync("demo-echo");
        await page.GetByLabel("Say something").FillAsync("Bells ring over the river");
        await page.GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();
        await Expect(page.Locator("[data-state]")).ToHaveTextAsync("Done.");
        await Expect(page.Locator("[data-answer]")).ToContainTextAsync("Bells ring over the river");
        await Expect(page.Locator("[data-cost]")).ToContainTextAsync(new Regex(@"^0\.0000\d+ USD"));
        await Expect(page.Locator("[data-link]")).ToContainTextAsync("req_");
        await Shoot(page, "playground");

        await page.GetByLabel("Model").SelectOptionAsync("demo-hang");
        await page.GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Stop" }).ClickAsync();
        await Expect(page.Locator("[data-state]")).ToContainTextAsync("Stopped");
    }

    private async Task LookBack(IPage page, TestOrganisation acme)
    {
        await page.GotoAsync($"{host.Address}console/gateway/spend?org={acme.Id}&range=24h&by=key");
        await Expect(page.Locator("table.models")).ToContainTextAsync("Support bot");
        await Shoot(page, "spend");
        var download = await page.RunAndWaitForDownloadAsync(() =>
            page.GetByRole(AriaRole.Link, new() { Name = "CSV" }).ClickAsync());
        (await File.ReadAllTextAsync(await download.PathAsync())).ShouldContain(",\"demo-echo\",");

        await page.GotoAsync($"{host.Address}console/gateway/budgets?org={acme.Id}");
        await page.Locator("summary", new() { HasText = "Create a budget" }).ClickAsync();
        await page.GetByLabel("Amount USD").FillAsync("0.000001");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status).First).ToContainTextAsync("holds from now on");
        await Shoot(page, "budgets");
        await page.GotoAsync($"{host.Address}console/gateway/playground?org={acme.Id}&model=demo-echo");
        await page.GetByLabel("Say something").FillAsync("Too dear");
        await page.GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Budget");
    }

    private async Task EndTheKey(IPage page, TestOrganisation acme, string key)
    {
        await page.GotoAsync($"{host.Address}console/gateway/keys?org={acme.Id}");
        await Expect(page.Locator(".budget:visible").First).ToContainTextAsync("of $5.00 a month");
        await Shoot(page, "gateway-keys");
        await page.GetByRole(AriaRole.Link, new() { Name = "Support bot" }).ClickAsync();
        await page.Locator("summary", new() { HasText = "Revoke" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Revoke" }).ClickAsync();
        await Expect(page.Locator("h1")).ToContainTextAsync("Revoked");
        using var program = host.Client(key);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while ((await program.PostAsJsonAsync("/v1/chat/completions", Hello("demo-echo"), patience.Token)).StatusCode
            != HttpStatusCode.Unauthorized)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), patience.Token);
        }
    }

    private async Task<TestOrganisation> GivenCustomer(decimal customerPrice, decimal providerPrice)
    {
        var acme = await host.CreateOrganisation();
        await host.PublishPrices(
            Price("llm.input_tokens", customerPrice, providerPrice),
            Price("llm.output_tokens", customerPrice, providerPrice));
        using var desk = await host.OperatorClient();
        using var free = await desk.PutAsJsonAsync("/v1/inference/unpriced-models", new { policy = "zero", reason = "test" });
        free.EnsureSuccessStatusCode();
        return acme;
    }

    private static NewPrice Price(string meter, decimal customer, decimal provider) =>
        new(meter, Dimensions.Of("model", "demo-echo"), customer, 1_000_000m, null)
        {
            Cost = PriceTerms.PerUnit(provider, 1_000_000m),
        };

    private static object Hello(string model) => new { model, messages = new[] { new { role = "user", content = "Hello there" } } };

    // Somebody gets a link to sign in, as operators do, and is a person of the customer's before it is used.
    private async Task SignInAsOwner(IPage page, TestOrganisation acme, string email)
    {
        var operators = host.Get<Operators>();
        _ = await operators.Create(email, [OperatorRole.Support], "test", CancellationToken.None);
        var link = await operators.CreateSignInLink(email, "test", CancellationToken.None);
        await Write("update accounts.users set email_verified_at = created_at where email_folded = $1", email);
        await Write(
            """
            insert into accounts.members (org_id, user_id, role, added_by, joined_at)
            select $1, user_id, 'owner', 'test', '2026-01-01'
            from accounts.users
            where email_folded = $2
            """,
            acme.Id.Value,
            email);
        await Write(
            "delete from accounts.operators where user_id = (select user_id from accounts.users where email_folded = $1)", email);
        await page.GotoAsync(new Uri(host.Address, link.ShouldBeOfType<CreateSignInLinkOutcome.Created>().Path).ToString());
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await page.WaitForURLAsync("**/console**");
    }

    // Pictures for people, only where somebody asks for them; that nothing is wider than a phone is looked at always.
    private static async Task Shoot(IPage page, string name)
    {
        foreach (var (width, theme) in new[] { (390, ColorScheme.Dark), (1280, ColorScheme.Light) })
        {
            await page.SetViewportSizeAsync(width, 900);
            await page.EmulateMediaAsync(new() { ColorScheme = theme, ReducedMotion = ReducedMotion.Reduce });
            (await page.EvaluateAsync<int>("document.documentElement.scrollWidth - innerWidth")).ShouldBeLessThanOrEqualTo(0, name);
            if (Environment.GetEnvironmentVariable("QUOIN_SCREENSHOTS") is { Length: > 0 } folder)
            {
                await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}-{width}-{theme}.png"), FullPage = true });
            }
        }
    }

    private async Task Write(string sql, params object?[] values)
    {
        await using var command = database.Owner.Sql(sql, values);
        await command.ExecuteNonQueryAsync();
    }
}
