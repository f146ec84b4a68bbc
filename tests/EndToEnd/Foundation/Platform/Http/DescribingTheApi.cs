using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Quoin.Platform;
using Quoin.Server.Hosting;
using Quoin.Tests.Support;

namespace Quoin.Tests.EndToEnd.Foundation.Platform.Http;

public sealed class DescribingTheApi(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private static readonly string[] Methods = ["get", "post", "put", "patch", "delete"];

    private WebApplication app = null!;
    private HttpClient client = null!;
    private JsonNode document = null!;

    public async Task InitializeAsync()
    {
        var settings = new HostSettings
        {
            DataFolder = Path.GetTempPath(),
            Urls = ["http://127.0.0.1:0"],
            Roles = new HostRoles(Api: true, Worker: false, Gateway: false),
        };
        app = QuoinHost.Build(settings, database.ConnectionString);
        await app.StartAsync();
        client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()), Timeout = TimeSpan.FromSeconds(60) };
        document = JsonNode.Parse(await client.GetStringAsync("/openapi/v1.json"))!;
    }

    public async Task DisposeAsync()
    {
        client.Dispose();
        await app.StopAsync();
        await app.DisposeAsync();
    }

    [Fact]
    public void The_document_kept_in_the_repository_is_up_to_date()
    {
        var indented = document.ToJsonString(new JsonSerializerOptions
        {
            WriteIndented = true,
            NewLine = "\n",
            Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        });

        Snapshot.Matches("docs/reference/openapi.json", indented + "\n");
    }

    [Fact]
    public void Every_endpoint_is_there_and_no_other()
    {
        var mapped = app.Services.GetRequiredService<EndpointDataSource>().Endpoints
            .OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.RoutePattern.RawText!.TrimStart('/').StartsWith("v1/", StringComparison.Ordinal))
            .SelectMany(endpoint => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods
                .Select(method => $"{method} /{endpoint.RoutePattern.RawText!.TrimStart('/')}"))
            .Order();

        Operations().Select(operation => $"{operation.Method.ToUpperInvariant()} {operation.Path}").Order().ShouldBe(mapped);
    }

    [Fact]
    public void Every_operation_says_what_it_does_who_may_and_how_it_can_end()
    {
        document["openapi"]!.GetValue<string>().ShouldStartWith("3.1");
        foreach (var (path, method, operation) in Operations())
        {
            var name = $"{method} {path}";
            Text(operation["summary"]).ShouldNotBeNullOrWhiteSpace(name);
            Text(operation["operationId"]).ShouldNotBeNullOrWhiteSpace(name);
            operation["tags"]!.AsArray().Count.ShouldBe(1, name);
            operation["security"].ShouldNotBeNull(name);
            var responses = operation["responses"]!.AsObject();
            responses.Count(response => response.Key.StartsWith('2')).ShouldBeGreaterThan(0, name);
            responses.ContainsKey("500").ShouldBeTrue(name);
            foreach (var (status, given) in responses)
            {
                var failed = int.Parse(status, null) >= 400;
                var response = Resolved(given!);
                var problem = response["content"]?["application/problem+json"];
                (problem is not null).ShouldBe(failed, $"{name} {status}");
                Text(response["description"]).ShouldNotBeNullOrWhiteSpace($"{name} {status}");
            }

            foreach (var parameter in operation["parameters"]?.AsArray() ?? [])
            {
                Text(parameter!["description"]).ShouldNotBeNullOrWhiteSpace($"{name} {parameter["name"]}");
                parameter["schema"].ShouldNotBeNull(name);
            }

            if (operation["requestBody"] is { } body)
            {
                body["content"]!.AsObject().ShouldAllBe(content => content.Value!["example"] != null, name);
            }
        }
    }

    [Fact]
    public void Every_member_of_every_schema_says_what_it_means()
    {
        foreach (var (name, schema) in document["components"]!["schemas"]!.AsObject())
        {
            Text(schema!["description"]).ShouldNotBeNullOrWhiteSpace(name);
            foreach (var (member, shape) in schema["properties"]?.AsObject() ?? [])
            {
                Text(Resolved(shape!)["description"] ?? shape!["description"]).ShouldNotBeNullOrWhiteSpace($"{name}.{member}");
            }
        }
    }

    [Fact]
    public void Every_operation_has_an_id_of_its_own()
    {
        Operations().Select(operation => Text(operation.Operation["operationId"])).ShouldBeUnique();
    }

    [Fact]
    public void Every_reference_leads_somewhere()
    {
        var references = new List<string>();
        Collect(document);

        references.ShouldNotBeEmpty();
        foreach (var reference in references.Distinct())
        {
            reference.ShouldStartWith("#/");
            Target(reference).ShouldNotBeNull(reference);
        }

        void Collect(JsonNode? node)
        {
            if (node is JsonObject members)
            {
                if (members["$ref"] is { } reference)
                {
                    references.Add(reference.GetValue<string>());
                }

                foreach (var (_, member) in members)
                {
                    Collect(member);
                }
            }
            else if (node is JsonArray items)
            {
                foreach (var item in items)
                {
                    Collect(item);
                }
            }
        }
    }

    [Fact]
    public async Task The_page_shows_every_operation_and_loads_nothing_from_elsewhere()
    {
        var response = await client.GetAsync("/docs/api");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        var html = await response.Content.ReadAsStringAsync();
        foreach (var (path, _, operation) in Operations())
        {
            html.ShouldContain($"id=\"{Text(operation["operationId"])}\"");
            html.ShouldContain(path);
        }

        html.ShouldContain("curl -X POST");
        html.ShouldNotContain("<script");
        html.ShouldNotContain("src=\"http");
        html.ShouldNotContain("href=\"http");
    }

    private JsonNode Resolved(JsonNode node) => node["$ref"] is { } reference ? Target(reference.GetValue<string>())! : node;

    private JsonNode? Target(string reference) =>
        reference[2..].Split('/').Aggregate((JsonNode?)document, (node, part) => node?[part]);

    private static string? Text(JsonNode? node) => node?.GetValue<string>();

    private IEnumerable<(string Path, string Method, JsonNode Operation)> Operations() =>
        from path in document["paths"]!.AsObject()
        from operation in path.Value!.AsObject()
        where Methods.Contains(operation.Key)
        select (path.Key, operation.Key, operation.Value);
}
