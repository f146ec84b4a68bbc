using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>The pages of signing in, up and out: one card, light and dark, nothing that needs a script.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="title">What the card says first, as text.</param>
/// <param name="body">The rest of the card, as HTML.</param>
internal sealed class SignInPage(int status, string title, string body) : IResult
{
    // The colours and letters of the console, which these pages stand before.
    private const string Style = """
        :root { color-scheme: light dark; --paper: light-dark(#f8f7f4, #121211); --card: light-dark(#fff, #1a1a18);
          --ink: light-dark(#1b1a18, #edebe5); --soft: light-dark(#5f5b53, #aaa69b); --line: light-dark(#e7e4dd, #2c2b28);
          --edge: light-dark(#8a857a, #77736a); --accent: light-dark(#1f6f54, #7cc7a9);
          --on-accent: light-dark(#fff, #10231b); --owed: light-dark(#a83a2a, #ef9a8a);
          --owed-soft: light-dark(#fbeeeb, #2b1a17); --good-soft: light-dark(#e7f1ec, #1c2c25);
          --stone: light-dark(#d6d2c8, #3d3b37); }
        :root[data-theme="light"] { color-scheme: light; }
        :root[data-theme="dark"] { color-scheme: dark; }
        * { box-sizing: border-box; }
        body { margin: 0; min-height: 100vh; min-height: 100dvh; display: grid; place-content: center;
          grid-template-columns: minmax(0, 400px); gap: 20px; padding: 32px 20px; background: var(--paper);
          color: var(--ink); font: 15px/1.5 Inter, ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
          -webkit-font-smoothing: antialiased; }
        .name { display: flex; align-items: center; gap: 10px; margin: 0; justify-self: center; font-size: 17px;
          font-weight: 640; letter-spacing: -.015em; }
        .mark rect { fill: var(--stone); } .mark .corner { fill: var(--accent); }
        main { padding: 28px; background: var(--card); border: 1px solid var(--line); border-radius: 14px;
          box-shadow: 0 12px 32px light-dark(rgb(40 36 28 / 6%), rgb(0 0 0 / 40%)); }
        h1 { margin: 0 0 6px; font-size: 22px; line-height: 1.25; font-weight: 620; letter-spacing: -.018em; }
        h2 { margin: 26px 0 8px; font-size: 16px; line-height: 1.3; font-weight: 600; }
        [hidden] { display: none !important; }
        p { margin: 0 0 16px; color: var(--soft); overflow-wrap: anywhere; }
        main > :last-child { margin-bottom: 0; }
        strong { color: var(--ink); font-weight: 600; }
        a { color: var(--accent); text-underline-offset: 3px; }
        pre { margin: 0 0 16px; padding: 12px 14px; background: var(--paper); border: 1px solid var(--line);
          border-radius: 8px; white-space: pre-wrap; overflow-wrap: anywhere; font: 13px/1.6 ui-monospace, monospace; }
        form { display: grid; gap: 14px; margin: 16px 0; }
        label { display: grid; gap: 5px; font-size: 14px; font-weight: 550; }
        .beside { display: flex; justify-content: space-between; gap: 12px; }
        .beside a { font-weight: 450; }
        input { width: 100%; min-height: 44px; padding: 9px 12px; border: 1px solid var(--edge); border-radius: 9px;
          background: var(--card); color: var(--ink); font: inherit; font-size: 16px; font-weight: 400; }
        input[aria-invalid] { border-color: var(--owed); }
        .code { letter-spacing: .3em; font-variant-numeric: tabular-nums; }
        .hint { font-size: 13px; font-weight: 400; color: var(--soft); }
        .wrong { font-size: 13px; font-weight: 450; color: var(--owed); }
        .remark { margin: 14px 0; padding: 11px 14px; border-radius: 9px; background: var(--good-soft); color: var(--ink); }
        .remark.bad { background: var(--owed-soft); color: var(--owed); }
        button, .other { display: flex; align-items: center; justify-content: center; gap: 10px; width: 100%;
          min-height: 44px; padding: 9px 14px; border: 1px solid transparent; border-radius: 9px; cursor: pointer;
          background: var(--accent); color: var(--on-accent); font: inherit; font-weight: 600; text-decoration: none; }
        .other { background: var(--card); border-color: var(--edge); color: var(--ink); font-weight: 550; }
        button:hover, .other:hover { filter: brightness(.96); }
        :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
        .others { display: grid; gap: 10px; margin: 16px 0; }
        .others form { margin: 0; }
        .or { display: flex; align-items: center; gap: 12px; color: var(--soft); font-size: 13px; }
        .or::before, .or::after { content: ""; flex: 1; border-top: 1px solid var(--line); }
        .below { margin: 18px 0 0; text-align: center; }
        ul.codes { display: grid; grid-template-columns: 1fr 1fr; gap: 6px 18px; margin: 0 0 16px; padding: 14px;
          list-style: none; background: var(--paper); border-radius: 9px; font: 14px/1.6 ui-monospace, monospace; }
        details { margin-top: 18px; font-size: 14px; color: var(--soft); } summary { cursor: pointer; text-align: center; }
        details p { margin: 12px 0; }
        @media (max-width: 420px) { main { padding: 22px 18px; } }
        """;

    private const string Theme = """
        try { var theme = localStorage.getItem("quoin_theme");
          if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme; } catch (blocked) { }
        """;

    private const string Mark = """
        <svg class="mark" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" focusable="false">
        <rect class="corner" x="2" y="13" width="11" height="9" rx="1.6" />
        <rect x="14.5" y="13" width="7.5" height="9" rx="1.6" /><rect x="2" y="2" width="6.5" height="9.5" rx="1.6" />
        <rect x="10" y="2" width="12" height="9.5" rx="1.6" /></svg>
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
              <script nonce="{httpContext.CspNonce()}">{Theme}</script>
            </head>
            <body>
            <p class="name">{Mark}Quoin</p>
            <main>
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

        // The page may hold a token, and whether it works changes from one moment to the next.
        response.Headers.CacheControl = "no-store";
        return HttpMethods.IsHead(httpContext.Request.Method)
            ? Task.CompletedTask
            : response.Body.WriteAsync(bytes, httpContext.RequestAborted).AsTask();
    }
}
