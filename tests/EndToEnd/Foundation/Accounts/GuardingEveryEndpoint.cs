using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Routing;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.EndToEnd.Foundation.Accounts;

public sealed class GuardingEveryEndpoint(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    // A page that waits for news answers in its own time; being let in shows as not being refused until then.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private TestHost host = null!;
    private EveryCaller callers = null!;
    private HttpClient client = null!;

    public async Task InitializeAsync()
    {
        host = await TestHost.Start(database);
        callers = new EveryCaller(host, database);
        await callers.Create();
        client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false })
        {
            BaseAddress = host.Address,
        };
    }

    public async Task DisposeAsync()
    {
        client.Dispose();
        await host.DisposeAsync();
    }

    [Fact]
    public void Every_endpoint_says_who_may_call_it()
    {
        Endpoints().Count.ShouldBeGreaterThan(150);
        host.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<EndpointAccess>() is null)
            .Select(endpoint => endpoint.RoutePattern.RawText)
            .ShouldAllBe(route => route!.TrimStart('/').StartsWith('_'), "only the framework's own files say nothing");
    }

    [Fact]
    public async Task Nobody_gets_in_without_credentials()
    {
        foreach (var endpoint in Endpoints().Where(endpoint => endpoint.IsGuarded))
        {
            var answer = await Send(callers.Nobody, endpoint);
            var expected = endpoint.IsPage && endpoint.Method == HttpMethod.Get ? HttpStatusCode.Redirect : HttpStatusCode.Unauthorized;
            answer.ShouldBe(expected, $"nobody at {endpoint}");
        }
    }

    [Fact]
    public async Task Credentials_that_are_no_good_or_belong_elsewhere_open_nothing()
    {
        foreach (var endpoint in Endpoints().Where(endpoint => endpoint.IsGuarded))
        {
            foreach (var caller in callers.Refused)
            {
                var answer = await Send(caller, endpoint);
                answer.ShouldBeOneOf(
                    [HttpStatusCode.Unauthorized, HttpStatusCode.NotFound, HttpStatusCode.Redirect], $"{caller.Name} at {endpoint}");
            }
        }
    }

    [Fact]
    public async Task Whoever_lacks_the_permission_is_refused()
    {
        foreach (var endpoint in Endpoints().Where(endpoint => endpoint.IsGuarded))
        {
            foreach (var caller in callers.LetIn.Where(caller => !endpoint.Admits(caller)))
            {
                (await Send(caller, endpoint)).ShouldBe(HttpStatusCode.Forbidden, $"{caller.Name} at {endpoint}");
            }
        }
    }

    [Fact]
    public async Task Whoever_has_the_permission_is_let_in()
    {
        foreach (var endpoint in Endpoints().Where(endpoint => endpoint.IsGuarded && endpoint.Method == HttpMethod.Get))
        {
            foreach (var caller in callers.LetIn.Where(endpoint.Admits))
            {
                ((int)await Send(caller, endpoint)).ShouldSatisfyAllConditions(
                    status => status.ShouldNotBe(401, $"{caller.Name} at {endpoint}"),
                    status => status.ShouldNotBe(403, $"{caller.Name} at {endpoint}"),
                    status => status.ShouldBeLessThan(500, $"{caller.Name} at {endpoint}"));
            }
        }
    }

    [Fact]
    public async Task Another_sites_form_changes_nothing()
    {
        var owner = callers.LetIn.Single(caller => caller.Name == "owner");
        foreach (var endpoint in Endpoints().Where(endpoint => endpoint.IsGuarded && endpoint.Method != HttpMethod.Get))
        {
            using var request = owner.Request(endpoint.Method, endpoint.Path);
            request.Headers.Add("Sec-Fetch-Site", "cross-site");
            using var answer = await client.SendAsync(request);
            answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden, $"from another site at {endpoint}");
        }
    }

    [Fact]
    public void The_table_kept_in_the_repository_is_up_to_date()
    {
        var table = new StringBuilder("""
            # Who may call what

            Made by a test, which also calls every endpoint as each of these callers. A caller needs the permission; the columns say
            whose roles have it. Where none is named, anyone may come (sign-in, health, documentation) or, at pages marked so, whoever is
            signed in. Keys of an organisation have the permissions of their scopes; the column shows a key with all of them.

            | endpoint | permission |
            """);
        table.Append(string.Concat(callers.LetIn.Select(caller => $" {caller.Name} |"))).Append('\n');
        table.Append("|---|---|").Append(string.Concat(callers.LetIn.Select(_ => "---|"))).Append('\n');
        foreach (var endpoint in Endpoints())
        {
            table.Append(CultureInfo.InvariantCulture, $"| `{endpoint}` | {endpoint.PermissionText} |");
            table.Append(string.Concat(callers.LetIn.Select(caller => !endpoint.IsGuarded || endpoint.Admits(caller) ? " yes |" : " |")));
            table.Append('\n');
        }

        Snapshot.Matches("docs/reference/authorization.md", table.ToString());
    }

    private async Task<HttpStatusCode> Send(TestCaller caller, GuardedEndpoint endpoint)
    {
        using var request = caller.Request(endpoint.Method, endpoint.Path);
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            return answer.StatusCode;
        }
        catch (OperationCanceledException) when (endpoint.Path.Contains("/live", StringComparison.Ordinal))
        {
            return HttpStatusCode.OK;
        }
    }

    private List<GuardedEndpoint> Endpoints() =>
        [.. host.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<EndpointAccess>() is not null)
            .SelectMany(GuardedEndpoint.Of)
            .Distinct()
            .OrderBy(endpoint => endpoint.Route, StringComparer.Ordinal)
            .ThenBy(endpoint => endpoint.Method.Method, StringComparer.Ordinal)];
}

/// <summary>An endpoint and whom it lets in.</summary>
internal sealed record GuardedEndpoint(HttpMethod Method, string Route, string Path, EndpointAccess Access, bool IsPage)
{
    /// <summary>Whether it asks who is there.</summary>
    public bool IsGuarded => Access.Permission is not null || IsPage;

    /// <summary>What it asks for, in the table.</summary>
    public string PermissionText => Access.Permission?.Name ?? (IsPage ? "signed in" : "anyone");

    /// <summary>Whether somebody whose credentials are good may pass.</summary>
    public bool Admits(TestCaller caller) =>
        Access.Permission is not { } permission || caller.Permissions!.Contains(permission);

    public static IEnumerable<GuardedEndpoint> Of(RouteEndpoint endpoint)
    {
        var methods = endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"];
        var access = endpoint.Metadata.GetMetadata<EndpointAccess>()!;
        var isPage = endpoint.Metadata.GetMetadata<RedirectsToSignIn>() is not null;
        var pattern = endpoint.RoutePattern;
        var path = "/" + string.Join('/', pattern.PathSegments.Select(segment => string.Concat(segment.Parts.Select(part => part switch
        {
            Microsoft.AspNetCore.Routing.Patterns.RoutePatternLiteralPart literal => literal.Content,
            Microsoft.AspNetCore.Routing.Patterns.RoutePatternSeparatorPart separator => separator.Content,
            _ => "nothing",
        }))));
        return methods.Where(method => method != "HEAD").Select(method =>
            new GuardedEndpoint(new HttpMethod(method), "/" + pattern.RawText!.TrimStart('/'), path, access, isPage));
    }

    /// <inheritdoc />
    public override string ToString() => $"{Method} {Route}";
}
