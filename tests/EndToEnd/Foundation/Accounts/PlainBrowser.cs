using Microsoft.Playwright;
using Quoin.Tests.EndToEnd.Apps.ConsolePages;

namespace Quoin.Tests.EndToEnd.Foundation.Accounts;

/// <summary>A browser in which nobody is signed in.</summary>
public sealed class PlainBrowser : IAsyncLifetime
{
    private IPlaywright playwright = null!;
    private IBrowser browser = null!;

    /// <inheritdoc />
    public async Task InitializeAsync()
    {
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(SignedInBrowser.LaunchOptions());
    }

    /// <inheritdoc />
    public async Task DisposeAsync()
    {
        await browser.DisposeAsync();
        playwright.Dispose();
    }

    /// <summary>A window with a memory of its own.</summary>
    public async Task<Window> Open()
    {
        var context = await browser.NewContextAsync();
        return new Window(context, await context.NewPageAsync());
    }
}
