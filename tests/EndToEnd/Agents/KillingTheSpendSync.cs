using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Quoin.Tests.Support;
using Xunit.Abstractions;

namespace Quoin.Tests.EndToEnd.Agents;

/// <summary>
/// One of two processes reads, page by page, what another LiteLLM's calls came to, and is killed with SIGKILL while a page is on
/// its way into the books. The other process goes on where the last page ended.
/// </summary>
public sealed class KillingTheSpendSync(TestDatabase database, ITestOutputHelper log)
    : KilledGateway(database, log), IClassFixture<TestDatabase>
{
    private const int Calls = 250;
    private const int OfPage = 100;

    // A hundred in for 2, fifty out for 10.
    private const long MicrosOfCall = 700;

    private readonly TaskCompletionSource<Obstacle> secondPage = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly DateTimeOffset begun = TimeProvider.System.GetUtcNow().AddMinutes(-20);
    private int asked;

    [Fact]
    public async Task Charges_each_call_of_the_other_gateway_once()
    {
        Replicas[0].Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", OperatorKey);
        await Operate(Replicas[0].Client, HttpMethod.Put, "/v1/inference/spend-sources/other", new
        {
            base_url = Provider.Address.ToString().TrimEnd('/'),
            credential = "sk-master",
            since = begun.AddMinutes(-1),
            reason = "test",
        });
        await using (var obstacle = await secondPage.Task.WaitAsync(Patience))
        {
            await Until(obstacle.IsMet);
            (await WhoDoes("inference.sync_spend", "inference.spend_sources")).Kill();
            await obstacle.Break();
        }

        await Until($"select recorded_count >= {Calls} from inference.spend_sources");
        await Until("select count(*) = 0 from metering.unrated_folds");
        (await Text("select count(*)::text from metering.events where source = 'litellm/other'"))
            .ShouldBe(Calls.ToString(CultureInfo.InvariantCulture));
        (await Text("select sum(balance_micros)::text from ledger.accounts where kind = 'revenue'"))
            .ShouldBe((Calls * MicrosOfCall).ToString(CultureInfo.InvariantCulture));
    }

    protected override async Task Provide(HttpContext context, string body)
    {
        var page = int.Parse(context.Request.Query["page"].ToString(), CultureInfo.InvariantCulture);
        if (page == 2 && Interlocked.Increment(ref asked) == 1)
        {
            secondPage.SetResult(await Obstacle.Put(Database, "lock table metering.event_keys in share mode", Patience));
        }

        await ScriptedModelProvider.Plain(context, new JsonObject
        {
            ["data"] = new JsonArray([.. Enumerable.Range(0, Calls).Skip((page - 1) * OfPage).Take(OfPage).Select(Row)]),
            ["total"] = Calls,
            ["page"] = page,
            ["page_size"] = OfPage,
            ["total_pages"] = (Calls + OfPage - 1) / OfPage,
        }.ToJsonString());
    }

    private JsonObject Row(int number)
    {
        var at = begun.AddSeconds(number).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'.000000+00:00'", CultureInfo.InvariantCulture);
        return new JsonObject
        {
            ["request_id"] = $"call-{number}",
            ["startTime"] = at,
            ["endTime"] = at,
            ["model"] = Model,
            ["custom_llm_provider"] = "scripted",
            ["prompt_tokens"] = 100,
            ["completion_tokens"] = 50,
            ["total_tokens"] = 150,
            ["metadata"] = new JsonObject(),
            ["status"] = "success",
        };
    }
}
