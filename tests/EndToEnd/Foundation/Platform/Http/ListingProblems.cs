using System.Net;
using System.Reflection;
using System.Text.RegularExpressions;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.EndToEnd.Foundation.Platform.Http;

public sealed partial class ListingProblems
{
    private static readonly ProblemCatalog Catalog = ProblemCatalog.Of(OurAssemblies());

    [Fact]
    public void The_reference_page_is_up_to_date()
    {
        Snapshot.Matches("docs/reference/errors.md", Catalog.ToMarkdown());
    }

    [Fact]
    public void No_code_is_declared_twice()
    {
        Catalog.Entries.Select(entry => entry.Code.Code).ShouldBeUnique();
    }

    [Fact]
    public void Every_code_is_lower_snake_case_with_a_fitting_status_and_whole_sentences()
    {
        Catalog.Entries.Count.ShouldBeGreaterThan(10);
        foreach (var (_, code) in Catalog.Entries)
        {
            SnakeCase().IsMatch(code.Code).ShouldBeTrue(code.Code);
            code.Status.ShouldBeInRange(400, 599, code.Code);
            code.Title.ShouldEndWith(".", Case.Sensitive, code.Code);
            code.WhatToDo.ShouldEndWith(".", Case.Sensitive, code.Code);
            (code.Retry == Retry.Later || code.Status is not (429 or 503)).ShouldBeTrue($"{code.Code}: {code.Status} means later");
        }
    }

    [Fact]
    public async Task The_page_explains_every_code_under_its_own_anchor()
    {
        await using var host = await SmallHost.Start(app => app.MapPlatformHttp());

        var html = await host.Client.GetStringAsync("/docs/errors");
        foreach (var entry in ProblemCatalog.Of([typeof(ProblemCatalog).Assembly]).Entries)
        {
            html.ShouldContain($"id=\"{entry.Code.Code}\"");
        }

        var style = await host.Get("/docs/style.css");
        style.StatusCode.ShouldBe(HttpStatusCode.OK);
        style.Content.Headers.ContentType!.MediaType.ShouldBe("text/css");
    }

    private static IEnumerable<Assembly> OurAssemblies() =>
        Directory.GetFiles(AppContext.BaseDirectory, "*.dll")
            .Where(file => Path.GetFileName(file) is var name
                && (name == "quoin.dll" || name.StartsWith("Quoin.", StringComparison.Ordinal))
                && !name.StartsWith("Quoin.Tests.", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(Assembly.LoadFrom);

    [GeneratedRegex("^[a-z]+(_[a-z0-9]+)*$")]
    private static partial Regex SnakeCase();
}
