using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Quoin.Accounts;
using Quoin.Tests.EndToEnd.Apps.ConsolePages;
using Quoin.Tests.Support;

namespace Quoin.Tests.EndToEnd.Foundation.Accounts;

/// <summary>
/// A browser with a wallet in its pages, which signs with viem, and with Chromium's virtual authenticator for passkeys.
/// </summary>
public sealed class HoldingPasskeysAndWallets(TestDatabase database, PlainBrowser browser)
    : IClassFixture<TestDatabase>, IClassFixture<PlainBrowser>, IAsyncLifetime
{
    private const string Page = "/account";

    private TestHost host = null!;
    private string url = string.Empty;

    public async Task InitializeAsync()
    {
        host = await TestHost.Start(database, "api", configure: services =>
            services.AddSingleton(new AccountsOptions { SignUp = SignUpPolicy.Open }));

        // Passkeys belong to names, never to addresses.
        url = $"http://localhost:{host.Address.Port}";
    }

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task Signs_in_with_the_wallet_in_the_page_and_out_when_another_account_is_taken()
    {
        await using var window = await browser.Open();
        var address = await SignInWithWallet(window.Page, "0x" + new string('1', 64));
        await Assertions.Expect(window.Page.GetByText(address)).ToBeVisibleAsync();

        await window.Page.EvaluateAsync("ethereum.emit('accountsChanged', ['0x' + '2'.repeat(40)])");

        await Reaches(window.Page, "/sign-in");
        (await window.Page.APIRequest.GetAsync($"{url}/v1/me/wallets")).Status.ShouldBe((int)HttpStatusCode.Unauthorized);
        window.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task Signs_out_when_the_wallet_is_taken_away()
    {
        await using var window = await browser.Open();
        await SignInWithWallet(window.Page, "0x" + new string('4', 64));

        await window.Page.EvaluateAsync("ethereum.emit('disconnect', { code: 4900 })");

        await Reaches(window.Page, "/sign-in");
        (await window.Page.APIRequest.GetAsync($"{url}/v1/me/wallets")).Status.ShouldBe((int)HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Registers_names_uses_and_removes_a_passkey()
    {
        await using var window = await browser.Open();
        var page = window.Page;
        var address = await SignInWithWallet(page, "0x" + new string('3', 64));
        await AddAuthenticator(page);

        await page.GetByLabel("Name of a new passkey").FillAsync("Laptop");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add a passkey" }).ClickAsync();
        await Assertions.Expect(page.GetByText("Laptop", new() { Exact = true })).ToBeVisibleAsync();

        await page.GetByText("Rename Laptop").ClickAsync();
        await page.GetByLabel("New name").FillAsync("Phone");
        await page.GetByRole(AriaRole.Button, new() { Name = "Rename", Exact = true }).ClickAsync();
        await Assertions.Expect(page.GetByText("Phone", new() { Exact = true })).ToBeVisibleAsync();

        await page.GotoAsync($"{url}/sign-out");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await page.GotoAsync($"{url}/sign-in?return_to={Page}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Continue with a passkey" }).ClickAsync();
        await Reaches(page, Page);
        await Assertions.Expect(page.GetByText(address)).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = $"Remove {address}" }).ClickAsync();
        await Assertions.Expect(page.GetByText(address)).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Button, new() { Name = "Remove Phone" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("last way to sign in");
        await Assertions.Expect(page.GetByText("Phone", new() { Exact = true })).ToBeVisibleAsync();
        window.Complaints.ShouldBeEmpty();
    }

    private async Task<string> SignInWithWallet(IPage page, string key)
    {
        var address = (await NodeProgram.Run("wallet.mjs", key)).Trim();
        await page.ExposeFunctionAsync("viemSign", async (string message) =>
            (await NodeProgram.Run("wallet.mjs", key, message)).Trim());
        await page.AddInitScriptAsync($$"""
            window.ethereum = {
              listeners: {},
              on(event, listener) { (this.listeners[event] ??= []).push(listener); },
              emit(event, value) { for (const listener of this.listeners[event] ?? []) listener(value); },
              async request({ method, params }) {
                if (method === "eth_requestAccounts") return ["{{address.ToLowerInvariant()}}"];
                if (method === "eth_chainId") return "0x1";
                if (method === "personal_sign") return await window.viemSign(params[0]);
                throw new Error(method);
              },
            };
            """);
        await page.GotoAsync($"{url}/sign-in?return_to={Page}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Continue with a wallet" }).ClickAsync();
        await Reaches(page, Page);
        return address;
    }

    // Not by a pattern: the page of signing in has the one to return to in its own address.
    private static Task Reaches(IPage page, string path) =>
        page.Arrives(new Regex($"^[a-z]+://[^/]+{Regex.Escape(path)}([?#].*)?$"));

    private static async Task AddAuthenticator(IPage page)
    {
        var devtools = await page.Context.NewCDPSessionAsync(page);
        await devtools.SendAsync("WebAuthn.enable");
        await devtools.SendAsync("WebAuthn.addVirtualAuthenticator", new Dictionary<string, object>
        {
            ["options"] = new Dictionary<string, object>
            {
                ["protocol"] = "ctap2",
                ["transport"] = "internal",
                ["hasResidentKey"] = true,
                ["hasUserVerification"] = true,
                ["isUserVerified"] = true,
                ["automaticPresenceSimulation"] = true,
            },
        });
    }
}
