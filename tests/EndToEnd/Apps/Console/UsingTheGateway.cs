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
        var acme = await GivenCustomer("demo-echo", customerPrice: 2m, providerPrice: 1m);
        await using var window = await browser.Open();
        var page = window.Page;
        await SignInAsOwner(page, acme, "owner@gateway.example");
        await page.GotoAsync($"{host.Address}console/gateway/requests?org={acme.Id}");
        await Expect(page.GetByText("No model was called yet")).ToBeVisibleAsync();
        await Pictures.Shoot(page, "requests-none");

        await KeepContent(page, acme);
        var key = await MakeKey(page, acme);
        await CallAndWatch(page, acme, key);
        await TryOut(page, acme);
        await LookBack(page, acme, key);
        await EndTheKey(page, acme, key);

        Unexpected(window).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_operator_offers_a_model_sees_that_it_loses_money_and_decides_about_a_call()
    {
        var acme = await GivenCustomer("demo-slow", customerPrice: 2m, providerPrice: 3m);
        await using var window = await browser.Open();
        var page = window.Page;
        await PayingCustomer.SignIn(host, page);

        await OfferModel(page, acme);
        await SetUnpriced(page, acme);
        await BringAKey(page, acme);
        using var program = host.Client(acme.Key);
        using var answer = await program.PostAsJsonAsync("/v1/chat/completions", Hello("fast"));
        answer.EnsureSuccessStatusCode();
        await SeeHealthAndMargins(page, acme);
        await Decide(page, answer.Headers.GetValues("x-request-id").Single());
        await page.GotoAsync($"{host.Address}console/gateway/playground?org={acme.Id}&model=demo-slow");
        await page.GetByLabel("Say something").FillAsync("One");
        await page.GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();
        await Expect(page.Locator("[data-state]")).ToHaveTextAsync("Done.");

        Unexpected(window).ShouldBeEmpty();
    }

    // A browser complains about every answer that refuses; those here are asked for.
    private static IEnumerable<string> Unexpected(Window window) => window.Complaints.Where(complaint =>
        !complaint.Contains("402", StringComparison.Ordinal) && !complaint.Contains("422", StringComparison.Ordinal));

    private async Task BringAKey(IPage page, TestOrganisation acme)
    {
        await page.GotoAsync($"{host.Address}console/gateway/credentials?org={acme.Id}");
        await page.Locator("[name=credential]").FillAsync("not a key");
        await page.GetByLabel("Why").FillAsync("Our own contract");
        await page.GetByRole(AriaRole.Button, new() { Name = "Bring it" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Credential must be");
        await page.Locator("[name=credential]").FillAsync("sk-acme-of-its-own");
        await page.GetByLabel("Why").FillAsync("Our own contract");
        await Pictures.Shoot(page, "own-credentials-form");
        await page.GetByRole(AriaRole.Button, new() { Name = "Bring it" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status).First).ToContainTextAsync("made with your key");
        (await page.ContentAsync()).ShouldNotContain("sk-acme");
        await page.Locator("summary", new() { HasText = "Replace or remove" }).ClickAsync();
        await Pictures.Shoot(page, "own-credentials");
        await page.GetByRole(AriaRole.Button, new() { Name = "Remove" }).ClickAsync();
        await Expect(page.GetByText("All calls are made with the operator's keys")).ToBeVisibleAsync();
        await SayWhoMayAnswer(page, acme);
    }

    private async Task SayWhoMayAnswer(IPage page, TestOrganisation acme)
    {
        await Expect(page.GetByText("there is nothing to choose between")).ToBeVisibleAsync();
        using var machine = await host.OperatorClient();
        var near = new { provider = "self", model = "demo-slow", region = "eu", input_tokens_max = 1_000, output_tokens_max = 100 };
        using var answer = await machine.PutAsJsonAsync(
            "/v1/inference/models", new { model = "near", deployments = new[] { near }, reason = "test" });
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());

        await page.GotoAsync($"{host.Address}console/gateway/credentials?org={acme.Id}");
        await Expect(page.GetByText("Every deployment of a model may.")).ToBeVisibleAsync();
        await page.Locator("summary", new() { HasText = "Say who may answer" }).ClickAsync();
        await page.GetByLabel("eu", new() { Exact = true }).CheckAsync();
        await page.Locator("details", new() { HasText = "Say who may answer" }).GetByLabel("Why").FillAsync("Data stays in the EU");
        await Pictures.Shoot(page, "who-may-answer-form");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status).First).ToContainTextAsync("holds from now on");
        await Expect(page.Locator(".facts")).ToContainTextAsync(new Regex("anything[\\s\\S]*eu[\\s\\S]*fast"));
        await Pictures.Shoot(page, "who-may-answer");
        await page.Locator("summary", new() { HasText = "Say who may answer" }).ClickAsync();
        await page.GetByLabel("eu", new() { Exact = true }).UncheckAsync();
        await page.Locator("details", new() { HasText = "Say who may answer" }).GetByLabel("Why").FillAsync("Anywhere again");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(page.GetByText("Every deployment of a model may.")).ToBeVisibleAsync();
    }

    private async Task SetUnpriced(IPage page, TestOrganisation acme)
    {
        await page.GotoAsync($"{host.Address}console/models/unpriced?org={acme.Id}");
        await Expect(page.Locator("tbody tr").First).ToContainTextAsync(new Regex("all models[\\s\\S]*are free[\\s\\S]*test"));
        await page.Locator("summary", new() { HasText = "Say what becomes" }).ClickAsync();
        await page.Locator("input[name=model]").FillAsync("nobody-knows");
        await page.GetByLabel("Whose calls").SelectOptionAsync(acme.Id.ToString());
        await page.GetByLabel("Why").FillAsync("Not before it has a price");
        await Pictures.Shoot(page, "unpriced-form");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status).First).ToContainTextAsync("holds from now on");
        await Expect(page.Locator("tr", new() { HasText = "nobody-knows" })).ToContainTextAsync(
            new Regex("are refused[\\s\\S]*Acme[\\s\\S]*Not before it has a price"));
        await Pictures.Shoot(page, "unpriced");
    }

    private async Task KeepContent(IPage page, TestOrganisation acme)
    {
        await page.GotoAsync($"{host.Address}console/gateway/content?org={acme.Id}");
        await Expect(page.GetByText("Nothing is kept, and nothing is looked through")).ToBeVisibleAsync();
        await page.Locator("[name=days]").FillAsync("30");
        await page.GetByLabel("When the same is asked").SelectOptionAsync("for an hour");
        await page.GetByLabel("Refuse what matches").FillAsync("(");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("no pattern that can be used");
        await page.GetByLabel("Refuse what matches").FillAsync("project (alpha|beta)");
        await page.GetByLabel("card numbers").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status).First).ToContainTextAsync("kept, encrypted, for 30 days");
        await Expect(page.Locator(".facts")).ToContainTextAsync(new Regex("for an hour[\\s\\S]*a pattern[\\s\\S]*card numbers"));
        await Pictures.Shoot(page, "content");
    }

    private async Task OfferModel(IPage page, TestOrganisation acme)
    {
        await page.GotoAsync($"{host.Address}console/models/providers");
        await Pictures.Shoot(page, "providers-none");
        await page.GetByRole(AriaRole.Link, new() { Name = "Add a provider" }).ClickAsync();
        await page.Locator("[name=name]").FillAsync("self");
        await page.GetByLabel("Kind").SelectOptionAsync("openai_compatible");
        await page.Locator("[name=base_url]").FillAsync(new Uri(host.Address, "v1").ToString());
        await page.Locator("[name=credential]").FillAsync(acme.Key);
        await page.GetByLabel("Why").FillAsync("The first one");
        await Pictures.Shoot(page, "provider");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status).Last).ToContainTextAsync("It stands so");
        await page.GetByRole(AriaRole.Link, new() { Name = "self" }).ClickAsync();
        (await page.ContentAsync()).ShouldNotContain(acme.Key);

        await page.GotoAsync($"{host.Address}console/models");
        await page.GetByRole(AriaRole.Link, new() { Name = "Offer a model" }).ClickAsync();
        await page.Locator("input[name=model]").FillAsync("fast");
        await page.Locator("[name=provider]").First.SelectOptionAsync("self");
        await page.Locator("[name=name]").First.FillAsync("demo-slow");
        await page.Locator("[name=tags]").First.FillAsync("test_mode");
        await page.Locator("[name=idle]").First.FillAsync("20");
        await page.GetByLabel("Why").FillAsync("Cheap enough");
        await Pictures.Shoot(page, "model");
        await page.GetByRole(AriaRole.Button, new() { Name = "Offer it" }).ClickAsync();
        await Expect(page.Locator("table")).ToContainTextAsync("self/demo-slow");
        await Pictures.Shoot(page, "models");
        await page.GetByRole(AriaRole.Link, new() { Name = "fast" }).ClickAsync();
        await Expect(page.Locator("[name=idle]").First).ToHaveValueAsync("20");
    }

    private async Task SeeHealthAndMargins(IPage page, TestOrganisation acme)
    {
        await page.GotoAsync($"{host.Address}console/models/providers");
        await Expect(page.Locator("[data-part=health]")).ToContainTextAsync(new Regex("self/demo-slow[\\s\\S]*Answers"));
        await Pictures.Shoot(page, "providers");
        await page.GotoAsync($"{host.Address}console/models/margins?org={acme.Id}");
        await Expect(page.Locator("tr[data-loses]", new() { HasText = "self/demo-slow" })).ToContainTextAsync(
            new Regex("self/demo-slow[\\s\\S]*Loses[\\s\\S]*for test mode"));
        await Pictures.Shoot(page, "margins");
        await page.GotoAsync($"{host.Address}console/models/margins?by=organisation");
        await Expect(page.Locator("tr[data-loses]")).ToContainTextAsync("Acme");
        await page.GotoAsync($"{host.Address}console/models/margins?by=day");
        await Expect(page.Locator(".chart")).ToBeVisibleAsync();
        await Pictures.Shoot(page, "margins-by-day");
    }

    private async Task Decide(IPage page, string request)
    {
        await page.GotoAsync($"{host.Address}console/models/reviews");
        await Expect(page.GetByText("Nothing waits for anybody")).ToBeVisibleAsync();
        await Write(
            """
            update inference.requests
            set review = 'no_price', quoted_micros = null, unpriced = '["llm.output_tokens"]'
            where request_id = $1
            """,
            Id.Parse<CallId>(request).Value);
        await page.ReloadAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "llm.output_tokens: price it" }).ClickAsync();
        await Expect(page.Locator("[name=match]")).ToHaveValueAsync("model = demo-slow");
        await page.GoBackAsync();
        await page.Locator("summary", new() { HasText = "Decide" }).ClickAsync();
        await page.GetByLabel("Tokens out").FillAsync("7");
        await page.GetByLabel("Why").FillAsync("The provider's console says so");
        await Pictures.Shoot(page, "reviews");
        await page.GetByRole(AriaRole.Button, new() { Name = "Attach what it used" }).ClickAsync();
        await Expect(page.Locator("table")).ToContainTextAsync("7 out");
        await page.Locator("summary", new() { HasText = "Decide" }).ClickAsync();
        await page.GetByLabel("Why").FillAsync("A present");
        await page.GetByRole(AriaRole.Button, new() { Name = "Waive" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status).First).ToContainTextAsync("nothing is charged");
        await Expect(page.GetByText("Nothing waits for anybody")).ToBeVisibleAsync();
    }

    private async Task<string> MakeKey(IPage page, TestOrganisation acme)
    {
        await page.GotoAsync($"{host.Address}console/gateway/keys?org={acme.Id}");
        await page.Locator("summary", new() { HasText = "Create a key" }).ClickAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.GetByLabel("Label")).ToBeHiddenAsync();
        await page.Keyboard.PressAsync("Enter");
        await page.GetByLabel("Label").FillAsync("Support bot");
        await page.GetByLabel("Budget USD").FillAsync("5");
        await page.GetByLabel("demo-echo").CheckAsync();
        await page.GetByLabel("Calls a minute").FillAsync("60");
        await page.GetByLabel("Team").FillAsync("support");
        await page.GetByText("Content limits").ClickAsync();
        await page.GetByLabel("e-mail addresses").CheckAsync();
        await Pictures.Shoot(page, "gateway-key-form");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create" }).ClickAsync();
        var secret = await page.Locator(".secret pre").InnerTextAsync();
        secret.ShouldStartWith("qn_test_");
        await Expect(page.Locator(".facts")).ToContainTextAsync(new Regex("support[\\s\\S]*taken out: e-mail addresses"));
        await page.GetByText("Python", new() { Exact = true }).ClickAsync();
        await Expect(page.Locator("[data-snippet=python]")).ToContainTextAsync(secret);
        await Expect(page.Locator("[data-snippet=curl]")).ToBeHiddenAsync();
        await Pictures.Shoot(page, "gateway-key-made");
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
        await Pictures.Shoot(page, "requests");
        await row.GetByRole(AriaRole.Link).ClickAsync();
        await PayingCustomer.Until(page, page.Locator(".waterfall"), "Rated and posted");
        await Expect(page.Locator(".waterfall")).ToContainTextAsync(
            new Regex("Admission[\\s\\S]*Provider[\\s\\S]*Answer[\\s\\S]*Settlement"));
        await Expect(page.Locator("#content")).ToContainTextAsync("llm.output_tokens");
        await Expect(page.Locator("#content")).Not.ToContainTextAsync("Provider asks");
        await Pictures.Shoot(page, "request");
        await page.GetByRole(AriaRole.Link, new() { Name = "What was asked and answered" }).ClickAsync();
        await Expect(page.GetByText("The audit log says that you looked")).ToBeVisibleAsync();
        await Expect(page.GetByLabel("request", new() { Exact = true })).ToContainTextAsync("Hello there");
        await Pictures.Shoot(page, "request-content");
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
        await Pictures.Shoot(page, "playground");

        await page.GetByLabel("Model").SelectOptionAsync("demo-hang");
        await page.GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Stop" }).ClickAsync();
        await Expect(page.Locator("[data-state]")).ToContainTextAsync("Stopped");
    }

    private async Task LookBack(IPage page, TestOrganisation acme, string key)
    {
        await page.GotoAsync($"{host.Address}console/gateway/spend?org={acme.Id}&range=24h&by=key");
        await Expect(page.Locator("table.models")).ToContainTextAsync("Support bot");
        await page.Locator("summary", new() { HasText = "Narrow it" }).ClickAsync();
        await page.GetByLabel("Team").FillAsync("support");
        await page.GetByRole(AriaRole.Button, new() { Name = "Narrow" }).ClickAsync();
        await Expect(page.Locator("table.models")).ToContainTextAsync("Support bot");
        await Expect(page.Locator("table.models tbody tr")).ToHaveCountAsync(1);
        using var program = host.Client(key);
        using var again = await program.PostAsJsonAsync("/v1/chat/completions", Hello("demo-echo"));
        again.Headers.GetValues("x-quoin-cache").ShouldBe(["hit"]);
        await PayingCustomer.Until(page, page.Locator(".sums"), "1 answer given again");
        await Pictures.Shoot(page, "spend");
        await page.GetByRole(AriaRole.Link, new() { Name = "team = support" }).ClickAsync();
        var download = await page.RunAndWaitForDownloadAsync(() =>
            page.GetByRole(AriaRole.Link, new() { Name = "CSV" }).ClickAsync());
        (await File.ReadAllTextAsync(await download.PathAsync())).ShouldContain(",\"demo-echo\",");

        await page.GotoAsync($"{host.Address}console/gateway/budgets?org={acme.Id}");
        await page.Locator("summary", new() { HasText = "Create a budget" }).ClickAsync();
        await page.GetByLabel("Amount USD").FillAsync("0.000001");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status).First).ToContainTextAsync("holds from now on");
        await Pictures.Shoot(page, "budgets");
        await page.GotoAsync($"{host.Address}console/gateway/playground?org={acme.Id}&model=demo-echo");
        await page.GetByLabel("Say something").FillAsync("Too dear");
        await page.GetByRole(AriaRole.Button, new() { Name = "Send" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Budget");
    }

    private async Task EndTheKey(IPage page, TestOrganisation acme, string key)
    {
        await page.GotoAsync($"{host.Address}console/gateway/keys?org={acme.Id}");
        await Expect(page.Locator(".budget:visible").First).ToContainTextAsync("of $5.00 a month");
        await Pictures.Shoot(page, "gateway-keys");
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

    private async Task<TestOrganisation> GivenCustomer(string model, decimal customerPrice, decimal providerPrice)
    {
        var acme = await host.CreateOrganisation();
        await host.PublishPrices(
            Price("llm.input_tokens", model, customerPrice, providerPrice),
            Price("llm.output_tokens", model, customerPrice, providerPrice));
        using var desk = await host.OperatorClient();
        using var free = await desk.PutAsJsonAsync("/v1/inference/unpriced-models", new { policy = "zero", reason = "test" });
        free.EnsureSuccessStatusCode();
        return acme;
    }

    private static NewPrice Price(string meter, string model, decimal customer, decimal provider) =>
        new(meter, Dimensions.Of("model", model), customer, 1_000_000m, null)
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
        await page.Arrives("**/console**");
    }

    private async Task Write(string sql, params object?[] values)
    {
        await using var command = database.Owner.Sql(sql, values);
        await command.ExecuteNonQueryAsync();
    }
}
