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
    public async Task<Window> Open(int width = 1280, ColorScheme theme = ColorScheme.Light)
    {
        var context = await browser.NewContextAsync(new()
        {
            ViewportSize = new() { Width = width, Height = 900 },
            ColorScheme = theme,

            // A window that changes its size while one page fades into the next complains.
            ReducedMotion = ReducedMotion.Reduce,
        });
        return new Window(context, await context.NewPageAsync());
    }
}
