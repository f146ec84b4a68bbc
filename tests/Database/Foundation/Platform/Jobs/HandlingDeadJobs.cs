using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Quoin.Accounts;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Platform;

public sealed class HandlingDeadJobs(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private TestHost host = null!;
    private HttpClient desk = null!;

    public async Task InitializeAsync()
    {
        host = await TestHost.Start(database, "api");
        desk = await host.OperatorClient();
    }

    public async Task DisposeAsync()
    {
        desk.Dispose();
        await host.DisposeAsync();
    }

    [Fact]
    public async Task Lists_them_oldest_first_and_gives_one_its_attempts_again_on_record()
    {
        var org = await host.CreateOrganisation();
        var (first, second) = (await Dead(org), await Dead(org));

        var listed = (await desk.GetFromJsonAsync<JsonNode>("/v1/dead-jobs?limit=100"))!["data"]!.AsArray();
        var retried = await desk.PostAsJsonAsync($"/v1/dead-jobs/job_{first}/retry", new { reason = "The provider is back" });

        listed.Select(job => (string)job!["id"]!).Where(id => id == $"job_{first}" || id == $"job_{second}")
            .ShouldBe([$"job_{first}", $"job_{second}"]);
        ((string)listed[0]!["last_error"]!).ShouldBe("no answer");
        retried.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await StateOf(first)).ShouldBe("waiting/0");
        (await StateOf(second)).ShouldBe("dead/12");
        (await AuditOf(org)).ShouldBe("job.retried: The provider is back");
        (await desk.PostAsJsonAsync($"/v1/dead-jobs/job_{first}/retry", new { reason = "again" }))
            .StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Drops_one_on_record_and_only_once()
    {
        var org = await host.CreateOrganisation();
        var job = await Dead(org);

        var dropped = await desk.PostAsJsonAsync($"/v1/dead-jobs/job_{job}/drop", new { reason = "Done by hand" });

        dropped.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await StateOf(job)).ShouldBeNull();
        (await AuditOf(org)).ShouldBe("job.dropped: Done by hand");
        (await desk.PostAsJsonAsync($"/v1/dead-jobs/job_{job}/drop", new { reason = "Done by hand" }))
            .StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("job_1", " ", HttpStatusCode.BadRequest)]
    [InlineData("job_0", "why", HttpStatusCode.NotFound)]
    [InlineData("7", "why", HttpStatusCode.NotFound)]
    public async Task Does_nothing_without_a_reason_or_a_dead_job(string id, string reason, HttpStatusCode expected) =>
        (await desk.PostAsJsonAsync($"/v1/dead-jobs/{id}/drop", new { reason })).StatusCode.ShouldBe(expected);

    [Fact]
    public async Task Is_for_those_who_help_customers_and_for_nobody_else()
    {
        var org = await host.CreateOrganisation();
        var job = await Dead(org);
        using var pricing = await As(OperatorRole.Pricing);
        using var support = await As(OperatorRole.Support);
        using var customer = host.Client(org.Key);

        (await pricing.GetAsync("/v1/dead-jobs")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Retry(pricing, job)).ShouldBe(HttpStatusCode.Forbidden);
        (await Retry(customer, job)).ShouldBe(HttpStatusCode.Forbidden);
        (await Retry(support, job)).ShouldBe(HttpStatusCode.NoContent);
    }

    private static async Task<HttpStatusCode> Retry(HttpClient client, long job) =>
        (await client.PostAsJsonAsync($"/v1/dead-jobs/job_{job}/retry", new { reason = "why" })).StatusCode;

    private async Task<HttpClient> As(string role)
    {
        var key = await host.Get<Keys>().CreateForOperator(new NewOperatorKey("test", [role]), "test", CancellationToken.None);
        return host.Client(((CreateKeyOutcome.Created)key).Key.Secret);
    }

    private async Task<long> Dead(TestOrganisation org)
    {
        await using var command = database.Owner.Sql(
            """
            insert into platform.jobs (name, org_id, payload, state, due_at, attempts, last_error, enqueued_at)
            values ('test.fail', $1, '{}', 'dead', $2, 12, 'no answer', $2)
            returning job_id
            """,
            org.Id.Value,
            TimeProvider.System.GetUtcNow());
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private async Task<string?> StateOf(long job)
    {
        await using var command = database.Owner.Sql("select state || '/' || attempts from platform.jobs where job_id = $1", job);
        return (string?)await command.ExecuteScalarAsync();
    }

    private async Task<string?> AuditOf(TestOrganisation org)
    {
        await using var command = database.Owner.Sql(
            "select action || ': ' || reason from accounts.audit_log where org_id = $1 and action like 'job.%'", org.Id.Value);
        return (string?)await command.ExecuteScalarAsync();
    }
}
