using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Quoin.Platform;

/// <summary><c>/docs/errors</c>: where the <c>type</c> of a problem leads.</summary>
internal static class ErrorsPage
{
    public static Task Show(HttpContext context, ProblemCatalog catalog)
    {
        var body = new StringBuilder("""
            <h1>Errors</h1>
            <p>Every failed request is answered with <code>application/problem+json</code> (RFC 9457) and one of these
            stable codes. <em>Retryable</em> means that the same request may succeed later; send it again with the same
            <code>Idempotency-Key</code>. Report the <code>request_id</code> when you ask for help.</p>

            """);
        foreach (var module in catalog.Entries.GroupBy(entry => entry.Module))
        {
            body.Append("<h2>").Append(DocsPage.Text(module.Key)).Append("</h2>\n");
            foreach (var (_, code) in module)
            {
                body.Append(CultureInfo.InvariantCulture, $"""
                    <section class="problem" id="{code.Code}">
                    <h3><a href="#{code.Code}"><code>{code.Code}</code></a>
                      <span class="status">{code.Status}{(code.Retry == Retry.Later ? " · retryable" : "")}</span></h3>
                    <p>{DocsPage.Text(code.Title)}</p>
                    <p class="faint">{DocsPage.Text(code.WhatToDo)}</p>
                    </section>

                    """);
            }
        }

        return DocsPage.Write(context, "Errors", body.ToString());
    }
}
