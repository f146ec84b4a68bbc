using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Quoin.Platform;

/// <summary>The frame of the pages this module serves: one style sheet of its own, no script, light and dark.</summary>
internal static class DocsPage
{
    public const string StylePath = "/docs/style.css";

    /// <summary>Text as it may stand in HTML.</summary>
    public static string Text(string? text) => WebUtility.HtmlEncode(text ?? "");

    /// <summary>Sends a whole page.</summary>
    /// <param name="context">The request.</param>
    /// <param name="title">Its title, as text.</param>
    /// <param name="body">What stands in its main part, as HTML.</param>
    public static Task Write(HttpContext context, string title, string body)
    {
        var html = $"""
            <!doctype html>
            <html lang="en">
            <head>
              <meta charset="utf-8">
              <meta name="viewport" content="width=device-width, initial-scale=1">
              <meta name="color-scheme" content="light dark">
              <title>{Text(title)} · Quoin</title>
              <link rel="stylesheet" href="{StylePath}">
            </head>
            <body>
            <header class="top"><a class="name" href="/">Quoin</a>
              <nav><a href="/docs/api">API</a><a href="/docs/errors">Errors</a><a href="/openapi/v1.json">OpenAPI</a></nav>
            </header>
            <main>
            {body}
            </main>
            </body>
            </html>

            """;
        var bytes = Encoding.UTF8.GetBytes(html);
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.ContentLength = bytes.Length;
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : context.Response.Body.WriteAsync(bytes, context.RequestAborted).AsTask();
    }
}
