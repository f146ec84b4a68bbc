using Microsoft.AspNetCore.Http;

namespace Quoin.Platform;

/// <summary>A problem for a person with a browser, outside the API: the same words as a page.</summary>
internal static class ProblemPage
{
    /// <summary>Answers with a problem: as a page where a person asks, else as JSON.</summary>
    public static Task Answer(HttpContext context, Problem problem) =>
        IsWantedBy(context) ? Write(context, problem) : problem.ExecuteAsync(context);

    private static bool IsWantedBy(HttpContext context) =>
        !context.Request.Path.StartsWithSegments("/v1", StringComparison.Ordinal)
        && (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method))
        && context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    private static Task Write(HttpContext context, Problem problem)
    {
        var code = problem.Code;
        context.Response.StatusCode = code.Status;
        return DocsPage.Write(context, code.Title, $"""
            <h1>{DocsPage.Text(code.Title)}</h1>
            <p>{DocsPage.Text(problem.Detail)}</p>
            <p>{DocsPage.Text(code.WhatToDo)}</p>
            <p class="faint"><a href="/docs/errors#{code.Code}"><code>{code.Code}</code></a> · status {code.Status}
              · request <code>{DocsPage.Text(context.TraceIdentifier)}</code></p>
            """);
    }
}
