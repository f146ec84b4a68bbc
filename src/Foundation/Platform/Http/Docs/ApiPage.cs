using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.OpenApi;

namespace Quoin.Platform;

/// <summary><c>/docs/api</c>: the OpenAPI document as a page for people, made once, without scripts.</summary>
internal sealed class ApiPage(ApiDocument document)
{
    private readonly ApiDocument document = document;
    private string? made;

    public static async Task Show(HttpContext context, ApiPage page, CancellationToken cancellationToken)
    {
        page.made ??= Page((await page.document.Get(cancellationToken)).Document);
        var here = DocsPage.Text($"{context.Request.Scheme}://{context.Request.Host}");
        var introduction = $"""
            <h1>API</h1>
            <p>Send a key with every request. The examples below read two variables:</p>
            <pre><code>export QUOIN_URL={here}
            export QUOIN_KEY=qn_…</code></pre>

            """;
        await DocsPage.Write(context, "API", introduction + page.made);
    }

    private static string Page(OpenApiDocument document)
    {
        var named = document.Components!.Schemas!;
        var byTag = document.Paths
            .SelectMany(path => path.Value.Operations!.Select(one => (Path: path.Key, Method: one.Key.Method, Operation: one.Value)))
            .GroupBy(one => one.Operation.Tags!.First().Name!)
            .ToList();
        var page = new StringBuilder();
        page.Append("<p>").Append(DocsText.Inline(document.Info.Description)).Append("</p>\n<ul class=\"toc\">\n");
        foreach (var tag in byTag)
        {
            var name = DocsPage.Text(tag.Key);
            page.Append(
                CultureInfo.InvariantCulture,
                $"<li><a href=\"#{name}\">{name}</a> <span class=\"faint\">{tag.Count()}</span></li>\n");
        }

        page.Append("</ul>\n");
        foreach (var tag in byTag)
        {
            page.Append($"<h2 id=\"{DocsPage.Text(tag.Key)}\">{DocsPage.Text(tag.Key)}</h2>\n");
            foreach (var (path, method, operation) in tag)
            {
                Write(page, path, method, operation, named);
            }
        }

        return page.ToString();
    }

    private static void Write(
        StringBuilder page, string path, string method, OpenApiOperation operation, IDictionary<string, IOpenApiSchema> named)
    {
        page.Append($"""
            <details class="endpoint"><summary><span class="method {method.ToLowerInvariant()}">{method}</span>
            <span class="path">{DocsPage.Text(path)}</span><span class="said">{DocsText.Inline(operation.Summary)}</span></summary>
            <div class="inside" id="{DocsPage.Text(operation.OperationId)}">
            <p>{DocsText.Inline(operation.Description)}</p>

            """);
        if (operation.Parameters is { Count: > 0 } parameters)
        {
            page.Append("<h4>Parameters</h4>\n<dl class=\"rows\">\n");
            foreach (var parameter in parameters)
            {
                var kind = $"{DocsText.TypeOf(parameter.Schema)} · {parameter.In?.ToString().ToLowerInvariant()}";
                Row(page, parameter.Name!, kind, parameter.Required, parameter.Description, parameter.Schema);
            }

            page.Append("</dl>\n");
        }

        if (operation.RequestBody?.Content is { Count: > 0 } contents)
        {
            page.Append($"<h4>Body</h4>\n<p class=\"faint\">{DocsPage.Text(string.Join(", ", contents.Keys))}</p>\n");
            Members(page, contents.First().Value.Schema, named);
        }

        var curl = DocsPage.Text(DocsText.Curl(path, method, operation));
        page.Append("<h4>Example</h4>\n<pre><code>").Append(curl).Append("</code></pre>\n");
        Answers(page, operation, named);
        page.Append("</div>\n</details>\n");
    }

    private static void Answers(StringBuilder page, OpenApiOperation operation, IDictionary<string, IOpenApiSchema> named)
    {
        foreach (var (status, response) in operation.Responses!.Where(response => response.Key.StartsWith('2')))
        {
            page.Append($"<h4>Answer {status}</h4>\n");
            if (response.Content?.Values.FirstOrDefault() is { } content)
            {
                if (content.Example is { } example)
                {
                    page.Append("<pre><code>").Append(DocsPage.Text(DocsText.Json(example))).Append("</code></pre>\n");
                }

                Members(page, content.Schema, named);
            }
        }

        page.Append("<h4>Problems</h4>\n<dl class=\"rows\">\n");
        foreach (var (status, response) in operation.Responses!.Where(response => !response.Key.StartsWith('2')))
        {
            page.Append($"<dt>{status}</dt><dd>{DocsText.Lines(response.Description)}</dd>\n");
        }

        page.Append("</dl>\n");
    }

    private static void Members(StringBuilder page, IOpenApiSchema? schema, IDictionary<string, IOpenApiSchema> named)
    {
        var members = DocsText.Members(schema, named).ToList();
        if (members.Count == 0)
        {
            return;
        }

        page.Append("<dl class=\"rows\">\n");
        foreach (var member in members)
        {
            Row(page, member.Name, DocsText.TypeOf(member.Schema), member.IsRequired, member.Schema.Description, member.Schema);
        }

        page.Append("</dl>\n");
    }

    private static void Row(StringBuilder page, string name, string kind, bool isRequired, string? description, IOpenApiSchema? schema)
    {
        page.Append($"<dt><code>{DocsPage.Text(name)}</code> {(isRequired ? "<span class=\"needed\">needed</span>" : "")}");
        page.Append($"<span class=\"kind\">{DocsPage.Text(kind)}</span></dt><dd>{DocsText.Inline(description)}");
        if (DocsText.BoundsOf(schema) is { Length: > 0 } bounds)
        {
            page.Append($" <span class=\"faint\">{DocsText.Inline(bounds)}</span>");
        }

        page.Append("</dd>\n");
    }
}
