using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace Quoin.Tests.EndToEnd.Apps.ConsolePages;

/// <summary>
/// Waits until a browser is somewhere and has loaded what is there. The page is asked again and again: the driver's own wait listens
/// for the moment, and misses it where that comes between looking and listening.
/// </summary>
internal static class Arriving
{
    private const float Longest = 30_000;

    /// <summary>Until it is at an address like this one, in which <c>**</c> stands for anything.</summary>
    public static Task Arrives(this IPage page, string address) =>
        page.Arrives(new Regex($"^{Regex.Escape(address).Replace(@"\*\*", ".*", StringComparison.Ordinal)}$"));

    /// <summary>Until its address is as the pattern says.</summary>
    public static async Task Arrives(this IPage page, Regex address)
    {
        await Assertions.Expect(page).ToHaveURLAsync(address, new() { Timeout = Longest });
        await page.WaitForFunctionAsync("() => document.readyState === 'complete'", null, new() { Timeout = Longest });
    }
}
