using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Tests.EndToEnd.Foundation.Platform.Http;

public sealed class ReadingParameters : IAsyncLifetime
{
    private const string Org = "org_01k8dhhpg0fx88m6vwhk7h2gx4";
    private SmallHost host = null!;

    public async Task InitializeAsync() => host = await SmallHost.Start(Map);

    public async Task DisposeAsync() => await host.DisposeAsync();

    private static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/rows/{org_id}", Show).AllowsAnyone();
        app.MapGet("/v1/none", (Parameters<Nothing> _) => "").AllowsAnyone();
    }

    private static object Show(Parameters<Filter> parameters)
    {
        var (orgId, from, step, limit, model, cursor) = parameters.Value;
        return new { OrgId = orgId, From = from, Step = step, Limit = limit.Rows, Model = model, At = cursor?.Keys.At };
    }

    [Fact]
    public async Task Gives_what_was_said_and_the_default_of_what_was_not()
    {
        var cursor = new Cursor<(DateTimeOffset At, long Number)>((DateTimeOffset.UnixEpoch, 1));

        var all = await Read($"/v1/rows/{Org}?from=2026-11-20T08:15:00%2B01:00&limit=7&step=quarter_hour&model=a&model=b&cursor={cursor}");
        var least = await Read($"/v1/rows/{Org}?from=2026-11-20T08:15:00Z");

        all.ShouldBe(
            $$"""{"org_id":"{{Org}}","from":"2026-11-20T07:15:00Z","step":"quarter_hour","limit":7"""
            + ""","model":["a","b"],"at":"1970-01-01T00:00:00Z"}""");
        least.ShouldBe($$"""{"org_id":"{{Org}}","from":"2026-11-20T08:15:00Z","step":"day","limit":50,"model":null,"at":null}""");
    }

    [Theory]
    [InlineData("", "from", "is needed")]
    [InlineData("from=yesterday", "from", "RFC 3339")]
    [InlineData("from=2026-11-20T08:15:00+01:00", "from", "%2B")]
    [InlineData("from=2026-11-20T08:15:00Z&limit=501", "limit", "1 to 500")]
    [InlineData("from=2026-11-20T08:15:00Z&limit=0", "limit", "1 to 500")]
    [InlineData("from=2026-11-20T08:15:00Z&limit=+7", "limit", "1 to 500")]
    [InlineData("from=2026-11-20T08:15:00Z&limit=7&limit=8", "limit", "more than once")]
    [InlineData("from=2026-11-20T08:15:00Z&step=QuarterHour", "step", "one of day, quarter_hour")]
    [InlineData("from=2026-11-20T08:15:00Z&step=1", "step", "one of day, quarter_hour")]
    [InlineData("from=2026-11-20T08:15:00Z&model=", "model", "1 to 256 characters")]
    [InlineData("from=2026-11-20T08:15:00Z&model=a%00b", "model", "control characters")]
    [InlineData("from=2026-11-20T08:15:00Z&form=x", "form", "not known; known are: from, step, limit, model, cursor")]
    public async Task Names_what_is_wrong(string query, string parameter, string reason)
    {
        var problem = await (await host.Get($"/v1/rows/{Org}?{query}")).Problem(400, "invalid_parameter");

        var error = problem.GetProperty("errors").EnumerateArray().Single();
        error.GetProperty("parameter").GetString().ShouldBe(parameter);
        error.GetProperty("detail").GetString()!.ShouldContain(reason);
    }

    [Fact]
    public async Task Names_everything_that_is_wrong_at_once()
    {
        var problem = await (await host.Get($"/v1/rows/{Org}?from=x&limit=x&x=x")).Problem(400, "invalid_parameter");

        problem.GetProperty("errors").GetArrayLength().ShouldBe(3);
    }

    [Fact]
    public async Task A_cursor_of_nobody_is_an_invalid_cursor()
    {
        await (await host.Get($"/v1/rows/{Org}?from=2026-11-20T08:15:00Z&cursor=AAAA")).Problem(400, "invalid_cursor");
    }

    [Theory]
    [InlineData("usr_01k8dhhpg0fx88m6vwhk7h2gx4")]
    [InlineData("7")]
    public async Task A_path_with_no_id_in_it_names_nothing(string id)
    {
        await (await host.Get($"/v1/rows/{id}?from=2026-11-20T08:15:00Z")).Problem(404, "not_found");
    }

    [Fact]
    public async Task An_endpoint_without_parameters_knows_none()
    {
        (await (await host.Get("/v1/none?x=1")).Problem(400, "invalid_parameter")).Detail().ShouldContain("there are none");
    }

    private async Task<string> Read(string path) => await (await host.Get(path)).Content.ReadAsStringAsync();

    private enum Step
    {
        Day,
        QuarterHour,
    }

    private sealed record Filter(
        OrgId OrgId,
        DateTimeOffset From,
        Step Step = Step.Day,
        PageLimit Limit = default,
        string[]? Model = null,
        Cursor<(DateTimeOffset At, long Number)>? Cursor = null);

    private sealed record Nothing;
}
