using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Quoin.Accounts;
using Quoin.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace Quoin.Tests.EndToEnd.Apps.ConsolePages;

public sealed class KeepingAnAccount(SignedInBrowser browser) : IClassFixture<SignedInBrowser>
{
    private const string Password = "correct horse battery";

    private IReadOnlyList<string> Urls => browser.Urls;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Begins_with_the_mailed_link_and_goes_on_with_a_second_factor(bool isScripted)
    {
        var email = $"ada-{isScripted}@example.com".ToLowerInvariant();
        await using var window = await browser.Open(isSignedIn: false, isScripted: isScripted);
        var page = window.Page;
        await SignUp(page, email);

        await page.GotoAsync($"{Urls[0]}/account");
        await Expect(page.GetByText("Confirmed")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Set it up" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Img, new() { Name = "A picture for your authenticator app" })).ToBeVisibleAsync();
        var app = new AuthenticatorApp(await page.Locator(".how-to code").InnerTextAsync());
        await page.GetByLabel("Code").FillAsync(app.CodeAt(TimeProvider.System.GetUtcNow(), 0));
        await page.GetByRole(AriaRole.Button, new() { Name = "Turn it on" }).ClickAsync();
        await Expect(page.Locator("h1")).ToHaveTextAsync("Your recovery codes");
        var recovery = (await page.Locator(".code-block pre").InnerTextAsync()).Trim().Split('\n');
        recovery.Length.ShouldBe(Limits.RecoveryCodes);
        await SignOut(page);
        await SignIn(page, email, Password);
        await Expect(page.Locator("h1")).ToHaveTextAsync("One more step");
        await page.GetByLabel("Code").FillAsync("000000");
        await page.GetByRole(AriaRole.Button, new() { Name = "Go on" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("not right");
        await page.GetByLabel("Code").FillAsync(recovery[0]);
        await page.GetByRole(AriaRole.Button, new() { Name = "Go on" }).ClickAsync();

        await page.GotoAsync($"{Urls[1]}/account");
        await Expect(page.GetByText("Recovery codes left: 9")).ToBeVisibleAsync();
        await Expect(page.Locator(".own-sessions")).ToContainTextAsync("Password and code");
    }

    [Fact]
    public async Task Sets_a_forgotten_password_by_mail_and_changes_it()
    {
        await using var window = await browser.Open(isSignedIn: false);
        var page = window.Page;
        await SignUp(page, "forgot@example.com");
        await SignOut(page);
        await page.GetByRole(AriaRole.Link, new() { Name = "Forgot it?" }).ClickAsync();
        await page.GetByLabel("E-mail").FillAsync("forgot@example.com");
        await page.GetByRole(AriaRole.Button, new() { Name = "Send the link" }).ClickAsync();
        await Expect(page.Locator("h1")).ToHaveTextAsync("Look into your mail");
        await page.GotoAsync(await browser.Replicas.LinkMailedTo("forgot@example.com", "Set a new password"));
        await page.GetByLabel("New password").FillAsync("password1");
        await page.GetByRole(AriaRole.Button, new() { Name = "Set it and sign in" }).ClickAsync();
        await Expect(page.GetByText("most common passwords")).ToBeVisibleAsync();
        await page.GetByLabel("New password").FillAsync("staple of the tall");
        await page.GetByRole(AriaRole.Button, new() { Name = "Set it and sign in" }).ClickAsync();

        await page.GotoAsync($"{Urls[0]}/account");
        await page.GetByLabel("Present password").FillAsync("staple of the tall");
        await page.GetByLabel("New password").FillAsync("a third one, longer");
        await page.GetByRole(AriaRole.Button, new() { Name = "Change the password" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("Your password is changed");
        await SignOut(page);
        await SignIn(page, "forgot@example.com", "staple of the tall");
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("The address or the password is not right");
        await SignIn(page, "forgot@example.com", "a third one, longer");
        await page.Arrives(new Regex("/(console.*)?$"));
    }

    [Fact]
    public async Task Keeps_ssh_keys_and_asks_before_an_account_goes()
    {
        const string Key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBlqeETMIxJBgYPG3b6Kg4NieggjCz8mDsoM/2vueG+m ada@laptop";
        await using var window = await browser.Open(isSignedIn: false);
        var page = window.Page;
        await SignUp(page, "ssh@example.com");
        await page.GotoAsync($"{Urls[0]}/account");

        await page.GetByLabel("Public key").FillAsync("ssh-rsa nonsense");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add the key" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("The key");
        await page.GetByLabel("Public key").FillAsync(Key);
        await page.GetByRole(AriaRole.Button, new() { Name = "Add the key" }).ClickAsync();
        await Expect(page.GetByText("SHA256:PfQqcZGExC6kcLrN0mQEIiryUNwyCYLCu+TZyFU1I6I")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Remove the key ada@laptop" }).ClickAsync();
        await Expect(page.GetByText("The key is removed.")).ToBeVisibleAsync();

        await page.GetByLabel("I am sure").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete my account" }).ClickAsync();
        await Expect(page.Locator("h1")).ToHaveTextAsync("Your account is being deleted");
        await page.GetByRole(AriaRole.Link, new() { Name = "Sign in" }).ClickAsync();
        await SignIn(page, "ssh@example.com", Password);
        await page.Arrives(new Regex("/(console.*)?$"));
    }

    [Fact]
    public async Task Lets_a_program_in_that_shows_a_code()
    {
        await using var window = await browser.Open(isSignedIn: false);
        var page = window.Page;
        await SignUp(page, "device@example.com");
        var asked = await page.APIRequest.PostAsync($"{Urls[1]}/v1/device-codes", new()
        {
            DataObject = new { client = "quoin on ada-laptop", scopes = new[] { "usage.read", "keys.manage" } },
        });
        var codes = (await asked.JsonAsync())!.Value;

        await page.GotoAsync($"{Urls[0]}/device");
        await page.GetByRole(AriaRole.Textbox, new() { Name = "Code" }).FillAsync("bbbb bbbb");
        await page.GetByRole(AriaRole.Button, new() { Name = "Go on" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("No program waits with this code");
        await page.GotoAsync($"{Urls[0]}/device?code={codes.GetProperty("user_code").GetString()}");
        await Expect(page.Locator("h2")).ToContainTextAsync("quoin on ada-laptop asks to be let in");
        await page.GetByLabel("keys.manage").UncheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Let it in" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("It is let in");

        var fetched = await page.APIRequest.PostAsync($"{Urls[1]}/v1/device-codes/token", new()
        {
            DataObject = new { device_code = codes.GetProperty("device_code").GetString() },
        });
        var key = (await fetched.JsonAsync())!.Value.GetProperty("key");
        key.GetProperty("scopes").EnumerateArray().Select(scope => scope.GetString()).ShouldBe(["usage.read"]);
    }

    [Fact]
    public async Task Ends_a_session_that_another_window_has()
    {
        await using var here = await browser.Open(isSignedIn: false);
        await using var there = await browser.Open(isSignedIn: false, width: 390);
        await SignUp(here.Page, "two@example.com");
        await there.Page.GotoAsync($"{Urls[1]}/sign-in");
        await SignIn(there.Page, "two@example.com", Password);

        await here.Page.GotoAsync($"{Urls[0]}/account");
        await Expect(here.Page.Locator(".own-sessions li")).ToHaveCountAsync(2);
        await here.Page.GetByRole(AriaRole.Button, new() { Name = "End the session of" }).ClickAsync();

        await Expect(here.Page.Locator(".own-sessions li")).ToHaveCountAsync(1);
        await Task.Delay(Limits.FreshFor);
        await there.Page.GotoAsync($"{Urls[1]}/account");
        await Expect(there.Page.Locator("h1")).ToHaveTextAsync("Sign in to Quoin");
    }

    [Theory]
    [InlineData(390, ColorScheme.Dark)]
    [InlineData(1280, ColorScheme.Light)]
    public async Task Fits_every_page_on_every_screen(int width, ColorScheme theme)
    {
        await using var window = await browser.Open(width, theme, isSignedIn: false);
        foreach (var path in new[] { "/sign-in", "/sign-up", "/sign-up?sent=1", "/forgot-password", "/forgot-password?sent=1" })
        {
            await Fits(window.Page, path);
        }

        await using var own = await browser.Open(width, theme);
        foreach (var path in new[] { "/account", "/console/mails" })
        {
            await Fits(own.Page, path);
        }

        window.Complaints.ShouldBeEmpty();
        own.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task Shows_the_operator_mails_that_no_server_took()
    {
        await using var stranger = await browser.Open(isSignedIn: false);
        await stranger.Page.GotoAsync($"{Urls[0]}/forgot-password");
        await stranger.Page.GetByLabel("E-mail").FillAsync("nobody-here@example.com");
        await stranger.Page.GetByRole(AriaRole.Button, new() { Name = "Send the link" }).ClickAsync();
        await using var window = await browser.Open();

        await window.Page.GotoAsync($"{Urls[0]}/console/mails");
        await window.Page.GetByText("to nobody-here@example.com").ClickAsync();

        await Expect(window.Page.Locator("details[open] a")).ToHaveAttributeAsync("href", new Regex("/sign-up$"));
    }

    private async Task SignUp(IPage page, string email)
    {
        await page.GotoAsync($"{Urls[0]}/sign-up");
        await page.GetByLabel("Name").FillAsync("Ada Lovelace");
        await page.GetByLabel("E-mail").FillAsync(email);
        await page.GetByLabel("Password").FillAsync(Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign up" }).ClickAsync();
        await Expect(page.Locator("h1")).ToHaveTextAsync("Look into your mail");
        await page.GotoAsync(await browser.Replicas.LinkMailedTo(email, "Confirm your address"));
        await page.GetByLabel("Password").FillAsync(Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Finish" }).ClickAsync();
        await page.Arrives(new Regex("/(console.*)?$"));
    }

    private static async Task SignIn(IPage page, string email, string password)
    {
        await page.GetByLabel("E-mail").FillAsync(email);
        await page.GetByLabel("Password").FillAsync(password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
    }

    private async Task SignOut(IPage page)
    {
        await page.GotoAsync($"{Urls[0]}/sign-out");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await Expect(page.Locator("h1")).ToHaveTextAsync("Sign in to Quoin");
    }

    private async Task Fits(IPage page, string path)
    {
        await page.GotoAsync(Urls[1] + path);
        (await page.EvaluateAsync<int>("document.documentElement.scrollWidth - innerWidth")).ShouldBeLessThanOrEqualTo(0, path);
    }

}
