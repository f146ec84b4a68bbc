using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Quoin.Tests.Support;
using Xunit.Abstractions;

namespace Quoin.Tests.EndToEnd.Agents;

/// <summary>
/// Calls come so fast that the gateway reserves ahead for them, and it is killed with SIGKILL among them. Each call was on
/// record before the provider was asked, so none is missing.
/// </summary>
public sealed class KillingABusyGateway(TestDatabase database, ITestOutputHelper log)
    : KilledGateway(database, log), IClassFixture<TestDatabase>
{
    private const string Thinking = "thinking";
    private const string Quick = "quick";
    private const int Callers = 8;
    private const int ThinkingCalls = 5;

    private int answered;
    private int thinking;

    [Fact]
    public async Task Charges_each_call_once_or_has_it_looked_into_and_holds_no_money_back()
    {
        var victim = Replicas[0];
        using var stop = new CancellationTokenSource();
        var busy = Enumerable.Range(0, Callers).Select(_ => KeepCalling(victim, stop.Token)).ToArray();
        await Until("select count(*) > 0 from limits.spend_draws");
        var dying = Enumerable.Range(0, ThinkingCalls).Select(_ => Call(victim, Thinking)).ToArray();
        await Until(() => Task.FromResult(Volatile.Read(ref thinking) == ThinkingCalls));
        await Until("select count(*) > 0 from limits.spend_draws");

        victim.Kill();
        await stop.CancelAsync();
        await Task.WhenAll(busy);
        dying.ShouldAllBe(call => !call.IsCompletedSuccessfully);

        await Until("""
            select not exists (select from limits.spend_draws)
                and not exists (select from limits.spend_reservations where state = 'held')
            """);
        await WaiveAll(Replicas[1]);
        await RequireSettled();
    }

    protected override async Task Provide(HttpContext context, string body)
    {
        if (body.Contains(Thinking, StringComparison.Ordinal))
        {
            Interlocked.Increment(ref thinking);
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        await ScriptedModelProvider.Plain(context, Answer);
    }

    private async Task KeepCalling(QuoinProcess victim, CancellationToken stop)
    {
        try
        {
            while (!stop.IsCancellationRequested)
            {
                using var answer = await Call(victim, Quick);
                if (answer.StatusCode == HttpStatusCode.OK)
                {
                    Interlocked.Increment(ref answered);
                    continue;
                }

                // A machine that is busy enough writes down too late what was reserved ahead: then a call is not made.
                answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable, await answer.Content.ReadAsStringAsync(Patience));
            }
        }
        catch (Exception gone) when (gone is HttpRequestException or IOException)
        {
            // It was killed.
        }
    }

    // Of these nobody knows whether the provider answered.
    private async Task WaiveAll(QuoinProcess left)
    {
        left.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", OperatorKey);
        var reviews = (await left.Client.GetJson("/v1/inference/reviews?limit=200"))["data"]!.AsArray();
        reviews.Count.ShouldBeGreaterThanOrEqualTo(ThinkingCalls);
        foreach (var id in reviews.Select(one => (string)one!["request"]!["id"]!))
        {
            await Operate(left.Client, HttpMethod.Post, $"/v1/inference/reviews/{id}/waive", new { reason = "Nobody knows." });
        }
    }

    private async Task RequireSettled()
    {
        await Until("select count(*) = 0 from inference.untold");
        await Until("select count(*) = 0 from metering.unrated_folds");
        await Until("select sum(held_micros) = 0 from ledger.accounts");
        await Until("select sum(reserved_micros) = 0 from limits.budgets");
        (await Text("select count(*)::text from ledger.holds where state = 'open'")).ShouldBe("0");
        var known = int.Parse(await Text("select count(*)::text from inference.requests"), CultureInfo.InvariantCulture);
        known.ShouldBeGreaterThanOrEqualTo(answered + ThinkingCalls);
        Provider.Seen.Count.ShouldBeLessThanOrEqualTo(known, "a call is on record before it is made");

        var charged = await Text("select sum(quoted_micros)::bigint::text from inference.requests where status = 'succeeded'");
        (await Text("select sum(spent_micros)::bigint::text from limits.budgets")).ShouldBe(charged);
        (await Text("select sum(balance_micros)::text from ledger.accounts where kind = 'revenue'")).ShouldBe(charged);
        var (exitCode, output) = await QuoinProcess.Run(
            ["ledger", "verify"], new(Settings()) { ["QUOIN_DATABASE"] = Database.ConnectionString });
        exitCode.ShouldBe(0, output);
    }
}
