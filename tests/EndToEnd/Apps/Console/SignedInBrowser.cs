using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Quoin.Kernel;
using Quoin.Tests.EndToEnd.Apps.Cli;
using Quoin.Tests.Support;

namespace Quoin.Tests.EndToEnd.Apps.ConsolePages;

/// <summary>A browser in which an operator has signed in, and two replicas for it to look at.</summary>
public sealed class SignedInBrowser : IAsyncLifetime
{
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

    // Nothing of the browser's own may leave the machine or write to its console.
    private static readonly string[] Arguments =
    [
        "--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--no-first-run", "--disable-default-apps", "--disable-dev-shm-usage",
    ];

    private IPlaywright playwright = null!;
    private IBrowser browser = null!;
    private string session = string.Empty;

    /// <summary>The hosts.</summary>
    public TwoReplicas Replicas { get; } = new();

    /// <summary>Where the replicas are reached, without a slash at the end.</summary>
    public IReadOnlyList<string> Urls => [.. Replicas.Urls.Select(url => url.TrimEnd('/'))];

    /// <inheritdoc />
    public async Task InitializeAsync()
    {
        await Replicas.InitializeAsync();
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(LaunchOptions());
        await SignIn();
    }

    /// <inheritdoc />
    public async Task DisposeAsync()
    {
        await browser.DisposeAsync();
        playwright.Dispose();
        await Replicas.DisposeAsync();
    }

    /// <summary>A window with the operator's session; what goes wrong in its pages is gathered.</summary>
    public async Task<Window> Open(
        int width = 1440, ColorScheme theme = ColorScheme.Light, bool isSignedIn = true, bool isScripted = true)
    {
        var context = await browser.NewContextAsync(new()
        {
            StorageState = isSignedIn ? session : null,
            JavaScriptEnabled = isScripted,
            ViewportSize = new() { Width = width, Height = 900 },
            ColorScheme = theme,

            // A window that changes its size while one page fades into the next complains.
            ReducedMotion = ReducedMotion.Reduce,
            TimezoneId = "Europe/Berlin",
        });
        return new Window(context, await context.NewPageAsync());
    }

    /// <summary>A new organisation, and a client of a replica that acts in it.</summary>
    public async Task<(OrgId Org, HttpClient Customer)> NewCustomer()
    {
        var (org, key) = await Replicas.NewOrganisation();
        var client = new HttpClient { BaseAddress = new Uri(Urls[0]) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return (org, client);
    }

    /// <summary>Sends usage and waits until it is money.</summary>
    public static async Task Use(HttpClient customer, params JsonObject[] events)
    {
        (await customer.SendBatch(events)).EnsureSuccessStatusCode();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while ((await customer.GetJson("/v1/rated-lines"))["data"]!.AsArray().Count == 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), patience.Token);
        }
    }

    private async Task SignIn()
    {
        var link = await Replicas.NewSignInLink();
        var context = await browser.NewContextAsync();
        var page = await context.NewPageAsync();
        await page.GotoAsync(Urls[0] + link);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await page.Arrives("**/console**");
        session = await context.StorageStateAsync();
        await context.CloseAsync();
    }

    /// <summary>How the tests' browser is started.</summary>
    internal static BrowserTypeLaunchOptions LaunchOptions() => new() { ExecutablePath = Chromium(), Args = Arguments };

    private static string Chromium()
    {
        if (Environment.GetEnvironmentVariable("QUOIN_TEST_CHROMIUM") is { Length: > 0 } given)
        {
            return given;
        }

        var folders = (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator);
        var found = from name in Names
                    from folder in folders
                    let file = Path.Combine(folder, name)
                    where File.Exists(file)
                    select file;
        return found.FirstOrDefault()
            ?? throw new InvalidOperationException("These tests need Chromium or Chrome; ./dev test installs it.");
    }
}

/// <summary>A window and its page.</summary>
public sealed class Window : IAsyncDisposable
{
    private readonly IBrowserContext context;
    private readonly List<string> complaints = [];

    /// <summary>Listens to what the page complains about.</summary>
    public Window(IBrowserContext context, IPage page)
    {
        (this.context, Page) = (context, page);
        page.PageError += (_, error) =>
        {
            // Chromium's remark when a page with a transition leads to one without: of signing in, or of an error.
            if (!error.Contains("ViewTransition opt-in disabled", StringComparison.Ordinal))
            {
                complaints.Add(error);
            }
        };
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                complaints.Add(message.Text);
            }
        };
    }

    /// <summary>The page.</summary>
    public IPage Page { get; }

    /// <summary>Errors of scripts, of loading and of the content security policy.</summary>
    public IReadOnlyList<string> Complaints => complaints;

    /// <inheritdoc />
    public async ValueTask DisposeAsync() => await context.DisposeAsync();
}
