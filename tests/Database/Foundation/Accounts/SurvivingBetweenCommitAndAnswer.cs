using System.Net;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Accounts;

/// <summary>Writes whose effects have no natural key: what their Idempotency-Key promises though the host dies.</summary>
public sealed class SurvivingBetweenCommitAndAnswer(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private TestHost host = null!;
    private HttpClient client = null!;

    public async Task InitializeAsync()
    {
        host = await TestHost.Start(database, "api");
        client = await host.OperatorClient();
        client.DefaultRequestHeaders.Add("Quoin-Org", (await host.CreateOrganisation()).Id.ToString());
    }

    public async Task DisposeAsync()
    {
        client.Dispose();
        await host.DisposeAsync();
    }

    [Theory]
    [InlineData("/v1/organisations", """{"name":"Once","mode":"test"}""", "accounts.organisations")]
    [InlineData(
        "/v1/billing-accounts",
        """{"name":"Once","kind":"project","currency":"USD","settlement":"prepaid"}""",
        "accounts.billing_accounts")]
    [InlineData("/v1/keys", """{"label":"Once"}""", "accounts.keys")]
    [InlineData("/v1/operator-keys", """{"label":"Once","roles":["admin"]}""", "accounts.keys")]
    [InlineData("/v1/price-books", """{"name":"Once","currency":"EUR","is_default":false}""", "pricing.price_books")]
    public async Task Leaves_it_done_once(string path, string body, string table)
    {
        var before = await Count(table);
        var first = await Send(path, body);
        await Die();

        var second = await Send(path, body);

        first.StatusCode.ShouldBe(HttpStatusCode.Created, await first.Content.ReadAsStringAsync());
        second.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await second.Content.ReadAsStringAsync()).ShouldContain("\"code\":\"idempotency_answer_not_kept\"");
        (await Count(table)).ShouldBe(before + 1);
    }

    private async Task<HttpResponseMessage> Send(string path, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("Idempotency-Key", path);
        return await client.SendAsync(request);
    }

    private async Task Die()
    {
        await using var command = database.Owner.Sql("""
            update platform.idempotency_keys
            set status = null, headers = null, body = null, lease_expires_at = '2020-01-01'
            """);
        await command.ExecuteNonQueryAsync();
    }

    private async Task<long> Count(string table)
    {
        await using var command = database.Owner.Sql($"select count(*) from {table}");
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
