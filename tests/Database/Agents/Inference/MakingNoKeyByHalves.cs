using System.Net;
using System.Text;
using Quoin.Accounts;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Agents.Inference;

/// <summary>A key is told when all of it is written; one that could not be finished works for nobody.</summary>
public sealed class MakingNoKeyByHalves(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Theory]
    [InlineData("inference.key_policies")]
    [InlineData("limits.budgets")]
    public async Task What_fails_after_the_key_was_made_revokes_it(string table)
    {
        await using var host = await TestHost.Start(database, "api");
        var org = await host.CreateOrganisation();
        using var client = await host.OperatorClient();
        client.DefaultRequestHeaders.Add("Quoin-Org", org.Id.ToString());
        client.DefaultRequestHeaders.Add("Idempotency-Key", org.Id.ToString());
        using var content = new StringContent(
            """{"label":"agent","budget":{"amount":{"currency":"USD","amount_micros":1}}}""", Encoding.UTF8, "application/json");

        await Execute($"alter table {table} rename to gone");
        var answer = await client.PostAsync("/v1/inference/keys", content);
        await Execute($"alter table {table.Split('.')[0]}.gone rename to {table.Split('.')[1]}");

        answer.StatusCode.ShouldBe(HttpStatusCode.InternalServerError);
        var keys = await host.Get<Keys>().Newest(org.Id, CancellationToken.None);
        keys.Single(key => key.Label == "agent").RevokedAt.ShouldNotBeNull();
    }

    [Theory]
    [InlineData("USD", 1_000_000_000_000_001)]
    [InlineData("USD", -1)]
    [InlineData("EUR", 1)]
    public async Task A_budget_that_cannot_be_is_refused_before_there_is_a_key(string currency, long micros)
    {
        await using var host = await TestHost.Start(database, "api");
        var org = await host.CreateOrganisation();
        using var client = await host.OperatorClient();
        client.DefaultRequestHeaders.Add("Quoin-Org", org.Id.ToString());
        client.DefaultRequestHeaders.Add("Idempotency-Key", org.Id.ToString());
        using var content = new StringContent(
            $$$"""{"label":"agent","budget":{"amount":{"currency":"{{{currency}}}","amount_micros":{{{micros}}} } } }""",
            Encoding.UTF8,
            "application/json");

        var answer = await client.PostAsync("/v1/inference/keys", content);

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await host.Get<Keys>().Newest(org.Id, CancellationToken.None)).ShouldNotContain(key => key.Label == "agent");
    }

    private async Task Execute(string sql)
    {
        await using var command = database.Owner.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
