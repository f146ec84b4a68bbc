using System.Net;

namespace Quoin.StripeSimulator.Pages;

/// <summary>What all pages have around them.</summary>
internal static class Html
{
    /// <summary>Text that is safe between tags and in attributes.</summary>
    public static string Of(string? text) => WebUtility.HtmlEncode(text ?? string.Empty);

    /// <summary>A whole page.</summary>
    /// <param name="title">In the browser's title and nowhere else.</param>
    /// <param name="body">What stands in it.</param>
    public static string Page(string title, string body) => $"""
        <!doctype html>
        <html lang="en">
        <head>
          <meta charset="utf-8">
          <meta name="viewport" content="width=device-width, initial-scale=1">
          <meta name="color-scheme" content="light dark">
          <title>{Of(title)}</title>
          <link rel="icon" href="data:,">
          <link rel="stylesheet" href="/assets/pages.css">
          <script src="/assets/pages.js" defer></script>
        </head>
        <body>
          <p class="testmode"><strong>Test mode</strong> <span>Only test cards work. No money moves.</span></p>
        {body}
          <footer>Simulated payments. Nothing here is sent to Stripe or to a bank.</footer>
        </body>
        </html>
        """;

    /// <summary>A page that only says something.</summary>
    public static string Message(
        string title, string text, string? link = null, string linkText = "Back", string mark = "info") => Page(title, $"""
          <main class="narrow card message {mark}">
            <span class="mark" aria-hidden="true">{(mark == "done" ? "✓" : mark == "wrong" ? "!" : "i")}</span>
            <h1>{Of(title)}</h1>
            <p>{Of(text)}</p>
            {(link is null ? string.Empty : $"<a class=\"button quiet\" href=\"{Of(link)}\">{Of(linkText)}</a>")}
          </main>
        """);

    /// <summary>What went wrong, read out by screen readers as the page opens.</summary>
    public static string Alert(string? text) =>
        text is null ? string.Empty : $"<p class=\"alert\" role=\"alert\" tabindex=\"-1\" id=\"problem\">{Of(text)}</p>";
}
