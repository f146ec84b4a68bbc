using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>The small pages of signing in and out: one card, no script, light and dark.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="title">What the card says first, as text.</param>
/// <param name="body">The rest of the card, as HTML.</param>
internal sealed class SignInPage(int status, string title, string body) : IResult
{
    private const string Style = """
        :root { color-scheme: light dark; --paper: #f6f5f2; --card: #fff; --ink: #1d1c1a; --soft: #6a6760;
          --line: #e3e0d9; --accent: #1f5f4a; --on-accent: #fff; }
        @media (prefers-color-scheme: dark) { :root { --paper: #161614; --card: #1f1f1c; --ink: #eceae4;
          --soft: #a3a097; --line: #35342f; --accent: #7cc7a9; --on-accent: #10231b; } }
        * { box-sizing: border-box; }
        body { margin: 0; min-height: 100vh; min-height: 100dvh; display: grid; place-items: center; padding: 24px;
          background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
        main { width: 100%; max-width: 420px; padding: 32px; background: var(--card);
          border: 1px solid var(--line); border-radius: 14px; }
        .name { margin: 0 0 24px; font-weight: 650; letter-spacing: .02em; color: var(--accent); }
        h1 { margin: 0 0 8px; font-size: 22px; line-height: 1.3; }
        p { margin: 0 0 16px; color: var(--soft); overflow-wrap: anywhere; }
        p:last-child, pre:last-child { margin-bottom: 0; }
        strong { color: var(--ink); font-weight: 600; }
        pre { margin: 0 0 16px; padding: 12px 14px; background: var(--paper); border: 1px solid var(--line);
          border-radius: 8px; white-space: pre-wrap; overflow-wrap: anywhere;
          font: 14px/1.5 ui-monospace, monospace; }
        button { width: 100%; min-height: 46px; margin-top: 8px; border: 0; border-radius: 8px; cursor: pointer;
          background: var(--accent); color: var(--on-accent); font: inherit; font-weight: 600; }
        button:focus-visible { outline: 3px solid var(--ink); outline-offset: 2px; }
        form { margin: 0; }
        """;

    /// <summary>Text as it may stand in HTML.</summary>
    public static string Text(string text) => WebUtility.HtmlEncode(text);

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var html = $"""
            <!doctype html>
            <html lang="en">
            <head>
              <meta charset="utf-8">
              <meta name="viewport" content="width=device-width, initial-scale=1">
              <meta name="robots" content="noindex">
              <title>{Text(title)} · Quoin</title>
              <style nonce="{httpContext.CspNonce()}">
            {Style}
              </style>
            </head>
            <body>
            <main>
              <p class="name">Quoin</p>
              <h1>{Text(title)}</h1>
            {body}
            </main>
            </body>
            </html>

            """;
        var bytes = Encoding.UTF8.GetBytes(html);
        var response = httpContext.Response;
        response.StatusCode = status;
        response.ContentType = "text/html; charset=utf-8";
        response.ContentLength = bytes.Length;

        // The page holds a token, and whether it works changes from one moment to the next.
        response.Headers.CacheControl = "no-store";
        return HttpMethods.IsHead(httpContext.Request.Method)
            ? Task.CompletedTask
            : response.Body.WriteAsync(bytes, httpContext.RequestAborted).AsTask();
    }
}
