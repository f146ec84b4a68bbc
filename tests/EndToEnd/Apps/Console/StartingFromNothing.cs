using System.Diagnostics;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Xunit.Abstractions;
using static Microsoft.Playwright.Assertions;

namespace Quoin.Tests.EndToEnd.Apps.ConsolePages;

public sealed class StartingFromNothing(SignedInBrowser browser, ITestOutputHelper output) : IClassFixture<SignedInBrowser>
{
    private const string Password = "correct horse battery";

    private IReadOnlyList<string> Urls => browser.Urls;

    [Fact]
    public async Task Leads_from_signing_up_to_an_event_on_the_page_and_to_a_second_person_who_may_only_look()
    {
        await using var first = await browser.Open(isSignedIn: false);
        await using var second = await browser.Open(isSignedIn: false, width: 390);
        var begunAt = Stopwatch.GetTimestamp();
        await SignUp(first.Page, $"{Urls[0]}/sign-up", "Ada Lovelace", "ada@journey.example");

        await first.Page.GotoAsync($"{Urls[0]}/console/keys");
        await first.Page.GetByLabel("Label").FillAsync("Gateway");
        await first.Page.GetByLabel("full").CheckAsync();
        await first.Page.GetByRole(AriaRole.Button, new() { Name = "Create" }).ClickAsync();
        var command = await first.Page.Locator(".secret pre").Nth(1).InnerTextAsync();
        var answer = await RunInShell(command);
        answer.ShouldContain("accepted");
        await first.Page.GotoAsync($"{Urls[1]}/console/events");
        await Expect(first.Page.Locator("table.rows tbody tr")).ToHaveCountAsync(1);
        await Expect(first.Page.Locator("table.rows")).ToContainTextAsync("hello-1");

        // What a person waits for of the two minutes a first event may take; reading and typing come on top. A figure, not a
        // limit: a busy machine must fail nobody's change.
        output.WriteLine($"From the sign-up page to the first event on the page: {Stopwatch.GetElapsedTime(begunAt).TotalSeconds:0.0} s");

        await first.Page.GotoAsync($"{Urls[0]}/console/members");
        await first.Page.GetByLabel("E-mail").FillAsync("grace@journey.example");
        await first.Page.GetByLabel("Role").Last.SelectOptionAsync("viewer");
        await first.Page.GetByRole(AriaRole.Button, new() { Name = "Invite", Exact = true }).ClickAsync();
        await Expect(first.Page.GetByText("grace@journey.example")).ToBeVisibleAsync();

        await second.Page.GotoAsync(await browser.Replicas.LinkMailedTo("grace@journey.example", "You are invited to", isWhole: false));
        await Expect(second.Page.Locator("h1")).ToContainTextAsync("You are invited to");
        var signUp = await second.Page.GetByRole(AriaRole.Link, new() { Name = "Sign up" }).GetAttributeAsync("href");
        await SignUp(second.Page, new Uri(new Uri(second.Page.Url), signUp).ToString(), "Grace Hopper", "grace@journey.example");
        await second.Page.GotoAsync(await browser.Replicas.LinkMailedTo("grace@journey.example", "You are invited to", isWhole: false));
        await second.Page.GetByRole(AriaRole.Button, new() { Name = "Accept" }).ClickAsync();
        await second.Page.Arrives(new Regex("/console\\?org=org_"));

        var org = Regex.Match(second.Page.Url, "org_[0-9a-z]+", RegexOptions.None, TimeSpan.FromSeconds(1)).Value;
        await second.Page.GotoAsync($"{Urls[0]}/console/events?org={org}");
        await Expect(second.Page.Locator("table.rows")).ToContainTextAsync("hello-1");
        var refused = await second.Page.GotoAsync($"{Urls[0]}/console/keys?org={org}");
        refused!.Status.ShouldBe(403);
        first.Complaints.ShouldBeEmpty();
    }

    private async Task SignUp(IPage page, string place, string name, string email)
    {
        await page.GotoAsync(place);
        await page.GetByLabel("Name").FillAsync(name);
        await page.GetByLabel("E-mail").FillAsync(email);
        await page.GetByLabel("Password").FillAsync(Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign up" }).ClickAsync();
        await Expect(page.Locator("h1")).ToHaveTextAsync("Look into your mail");
        await page.GotoAsync(await browser.Replicas.LinkMailedTo(email, "Confirm your address"));
        await page.GetByLabel("Password").FillAsync(Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Finish" }).ClickAsync();
        await page.Arrives(new Regex("/(console.*|invite.*)?$"));
    }

    // As somebody pastes it who has just read it on the page.
    private static async Task<string> RunInShell(string command)
    {
        using var shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", command])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = await shell.StandardOutput.ReadToEndAsync();
        await shell.WaitForExitAsync();
        return shell.ExitCode == 0 ? output : throw new InvalidOperationException(await shell.StandardError.ReadToEndAsync());
    }
}
