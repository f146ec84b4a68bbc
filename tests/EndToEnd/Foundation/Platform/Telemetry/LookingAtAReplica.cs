using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Quoin.Platform;
using Quoin.Server;
using Quoin.Tests.EndToEnd.Foundation.Platform.Http;
using Quoin.Tests.Support;

namespace Quoin.Tests.EndToEnd.Foundation.Platform.Telemetry;

public sealed class LookingAtAReplica(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Fact]
    public async Task It_is_live_whatever_the_database_does()
    {
        await using var nowhere = NpgsqlDataSource.Create("Host=127.0.0.1;Port=1;Username=nobody;Timeout=1");
        await using var host = await Start(nowhere);

        (await host.Get("/health/live")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task It_is_ready_when_the_database_answers_and_is_migrated()
    {
        await using var host = await Start(database.App);

        var response = await host.Get("/health/ready");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await response.Content.ReadAsStringAsync())
            .ShouldBe("""{"status":"ready","checks":[{"name":"database","status":"ready","missing":null}]}""");
    }

    [Fact]
    public async Task It_is_not_ready_while_the_database_is_away()
    {
        await using var nowhere = NpgsqlDataSource.Create("Host=127.0.0.1;Port=1;Username=nobody;Timeout=1");
        await using var host = await Start(nowhere);

        var problem = await (await host.Get("/health/ready")).Problem(503, "not_ready");

        problem.Detail().ShouldBe("database: PostgreSQL cannot be reached.");
    }

    [Fact]
    public async Task It_is_not_ready_while_a_migration_is_missing()
    {
        var other = await database.CreateDatabase();
        await using (var forget = other.Owner.CreateCommand("delete from platform.migrations where module = 'platform' and number = 2"))
        {
            await forget.ExecuteNonQueryAsync();
        }

        await using var host = await Start(other.App);

        var problem = await (await host.Get("/health/ready")).Problem(503, "not_ready");

        problem.Detail().ShouldContain("platform/0002-");
    }

    [Fact]
    public async Task It_is_not_ready_while_any_module_says_so()
    {
        await using var host = await Start(database.App, services => services.AddSingleton<IReadinessCheck>(new NoKey()));

        var problem = await (await host.Get("/health/ready")).Problem(503, "not_ready");

        problem.GetProperty("checks").EnumerateArray()
            .Select(check => (check.GetProperty("name").GetString(), check.GetProperty("status").GetString()))
            .ShouldBe([("database", "ready"), ("master_key", "not_ready")]);
    }

    [Fact]
    public async Task Its_metrics_are_for_operators()
    {
        await using var host = await Start(database.App);
        (await host.Get("/health/live")).EnsureSuccessStatusCode();

        await (await host.Get("/metrics")).Problem(401, "unauthenticated");
        await (await host.Get("/metrics", SmallHost.CustomerKey)).Problem(403, "permission_denied");
        var response = await host.Get("/metrics", SmallHost.OperatorKey);

        response.Content.Headers.ContentType!.ToString().ShouldBe("text/plain; version=0.0.4; charset=utf-8");
        var text = await response.Content.ReadAsStringAsync();
        text.ShouldContain("http_server_request_duration_seconds_bucket{http_request_method=\"GET\"");
        text.ShouldContain("http_route=\"/health/live\"");
        text.ShouldContain("dotnet_process_memory_working_set_bytes");
    }

    [Fact]
    public async Task It_tells_a_collector_where_one_is_named()
    {
        var told = new ConcurrentDictionary<string, int>();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var collector = builder.Build();
        collector.MapPost("/v1/{signal}", (string signal) => told.AddOrUpdate(signal, 1, (_, count) => count + 1));
        await collector.StartAsync();

        Environment.SetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Urls.Single());
        Environment.SetEnvironmentVariable("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf");
        try
        {
            await using var host = await Start(database.App, services => services.AddSingleton(new Replica("test")));
            (await host.Get("/health/live")).EnsureSuccessStatusCode();
        }
        finally
        {
            Environment.SetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT", null);
            Environment.SetEnvironmentVariable("OTEL_EXPORTER_OTLP_PROTOCOL", null);
        }

        told.Keys.Order().ShouldBe(["metrics", "traces"]);
    }

    private static Task<SmallHost> Start(NpgsqlDataSource source, Action<IServiceCollection>? configure = null) => SmallHost.Start(
        app => app.MapPlatformTelemetry(),
        services =>
        {
            services.AddSingleton(source);
            services.AddPlatformTelemetry(QuoinSchemas.All);
            configure?.Invoke(services);
        });

    private sealed class NoKey : IReadinessCheck
    {
        public string Name => "master_key";

        public Task<string?> Check(CancellationToken cancellationToken) => Task.FromResult<string?>("There is none.");
    }
}
