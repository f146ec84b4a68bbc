using Microsoft.Playwright;

namespace Quoin.Tests.EndToEnd.Apps.ConsolePages;

/// <summary>Looks at pages on a phone and on a desk.</summary>
internal static class Pictures
{
    /// <summary>
    /// Insists that nothing of a page is wider than what it is looked at through; takes pictures only where somebody asks for
    /// them.
    /// </summary>
    public static async Task Shoot(IPage page, string name)
    {
        foreach (var (width, theme) in new[] { (390, ColorScheme.Dark), (1280, ColorScheme.Light) })
        {
            await page.SetViewportSizeAsync(width, 900);
            await page.EmulateMediaAsync(new() { ColorScheme = theme });
            (await page.EvaluateAsync<int>("document.documentElement.scrollWidth - innerWidth")).ShouldBeLessThanOrEqualTo(0, name);
            if (Environment.GetEnvironmentVariable("QUOIN_SCREENSHOTS") is { Length: > 0 } folder)
            {
                await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}-{width}-{theme}.png"), FullPage = true });
            }
        }
    }
}
