using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Quoin.Accounts;
using Quoin.Inference;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Platform;
using Quoin.Pricing;
using Quoin.Tests.Support;
using Xunit.Abstractions;

namespace Quoin.Tests.EndToEnd.Agents;

/// <summary>
/// Two real processes on one database, one of them killed with SIGKILL while it has a call at every stage: the provider
/// thinks, a stream is half-way, an answer is out and not written down, and one is written down and not told. The other
/// process goes on by itself; nobody asks it to.
/// </summary>
public sealed class KillingTheGateway(TestDatabase database, ITestOutputHelper log)
    : KilledGateway(database, log), IClassFixture<TestDatabase>
{
    private const string Thinking = "thinking";
    private const string Streaming = "streaming";
    private const string Settling = "settling";
    private const string Telling = "telling";
    private const string Chunk = """
        data: {"id":"c1","object":"chat.completion.chunk","model":"some-model","choices":[{"index":0,"delta":{"content":"half"}}]}


        """;

    private readonly ConcurrentDictionary<string, TaskCompletionSource> asked = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource mayAnswer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private StreamReader? halfRead;

    public override async Task DisposeAsync()
    {
        halfRead?.Dispose();
        await base.DisposeAsync();
    }

    [Fact]
    public async Task Charges_each_call_once_or_has_it_looked_into_and_holds_no_money_back()
    {
        var calls = new Dictionary<string, CallId>(StringComparer.Ordinal);
        QuoinProcess left;
        await using (var untold = await Obstacle.Put(Database, "lock table metering.event_keys in share mode", Patience))
        {
            (await Call(Replicas[0], Telling)).StatusCode.ShouldBe(HttpStatusCode.OK, Replicas[0].Output);
            await Until(untold.IsMet);
            calls[Telling] = new CallId(Guid.Parse(await Text("select request_id::text from inference.requests")));
            var victim = await WhoDoes("inference.tell", "inference.untold");
            left = Replicas.Single(replica => replica != victim);
            await using var unsettled = await HaveCallsRunning(victim, calls);

            victim.Kill();
            await untold.Break();
            await unsettled.Break();
        }

        var killedAt = Stopwatch.GetTimestamp();
        await Until("select count(*) = 4 from inference.requests");
        await Until("select count(*) = 0 from inference.untold");
        Log.WriteLine($"all four written down and told {Stopwatch.GetElapsedTime(killedAt)} after the kill");
        await RequireRecovered(calls);
        await Decide(left, calls);
        await RequireSettled();
        Provider.Seen.Count.ShouldBe(4, "a call of a host that died is not made again");
    }

    // Each as far as it is to be when its host dies. The answer is out and its settlement waits for a lock.
    private async Task<Obstacle> HaveCallsRunning(QuoinProcess victim, Dictionary<string, CallId> calls)
    {
        var dying = Call(victim, Thinking);
        await Asked(Thinking, calls);
        dying.IsCompleted.ShouldBeFalse();
        var stream = await Call(victim, Streaming, isStream: true);

        // A stream that nobody refers to any more is closed when memory is cleaned up, and the call would be over.
        halfRead = new StreamReader(await stream.Content.ReadAsStreamAsync(Patience));
        (await halfRead.ReadLineAsync(Patience)).ShouldNotBeNull().ShouldContain("half");
        await Asked(Streaming, calls);
        await Until("""
            select count(*) = 1
            from limits.spend_reservations
            where details::jsonb -> 'delivered' ->> 'output_tokens' > '0'
            """);
        var answered = Call(victim, Settling);
        await Asked(Settling, calls);
        var obstacle = await Obstacle.Put(
            Database,
            $"select from limits.spend_reservations where key = '{calls[Settling]}' for update",
            Patience);
        mayAnswer.SetResult();
        (await (await answered).Content.ReadAsStringAsync(Patience)).ShouldContain("fine");
        await Until(obstacle.IsMet);
        (await Text("select count(*)::text from inference.requests")).ShouldBe("1", "a kill that met nobody proves nothing");
        return obstacle;
    }

    private async Task RequireRecovered(Dictionary<string, CallId> calls)
    {
        (await Journal(calls[Thinking])).ShouldBe("lost lost 0");
        (await Journal(calls[Settling])).ShouldStartWith("lost lost");
        (await Journal(calls[Telling])).ShouldBe("succeeded - 700");

        // What was delivered, by what was heard of it last.
        (await Journal(calls[Streaming])).ShouldStartWith("lost - ");
        (await Text("select count(*)::text from inference.requests where is_estimated and quoted_micros > 0")).ShouldBe("1");
    }

    // Nobody knows whether one was answered; the provider's log says that the other was.
    private async Task Decide(QuoinProcess left, Dictionary<string, CallId> calls)
    {
        left.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", OperatorKey);
        var reviews = (await left.Client.GetJson("/v1/inference/reviews"))["data"]!.AsArray();
        reviews.Select(one => (string)one!["request"]!["id"]!)
            .ShouldBe([calls[Thinking].ToString(), calls[Settling].ToString()], ignoreOrder: true);
        var (unknown, known) = ($"/v1/inference/reviews/{calls[Thinking]}", $"/v1/inference/reviews/{calls[Settling]}");
        await Operate(left.Client, HttpMethod.Post, $"{unknown}/waive", new { reason = "Nobody knows." });
        await Operate(left.Client, HttpMethod.Put, known, new
        {
            provider = "scripted",
            model = Model,
            input_tokens = 100,
            output_tokens = 50,
            reason = "Seen in the provider's log.",
        });
        await Operate(left.Client, HttpMethod.Post, $"{known}/settle", new { reason = "Seen in the provider's log." });
    }

    private async Task RequireSettled()
    {
        await Until("select count(*) = 0 from inference.untold");
        await Until("select count(*) = 0 from metering.unrated_folds");
        await Until("select sum(held_micros) = 0 from ledger.accounts");
        (await Text("select count(*)::text from limits.spend_reservations where state in ('held', 'in_review')")).ShouldBe("0");
        (await Text("select count(*)::text from ledger.holds where state = 'open'")).ShouldBe("0");
        (await Text("select sum(reserved_micros)::text from limits.budgets")).ShouldBe("0");

        var charged = await Text("select sum(quoted_micros)::bigint::text from inference.requests where status <> 'waived'");
        long.Parse(charged, CultureInfo.InvariantCulture).ShouldBeGreaterThan(1_400);
        (await Text("select sum(spent_micros)::bigint::text from limits.budgets")).ShouldBe(charged);
        (await Text("select sum(balance_micros)::text from ledger.accounts where kind = 'revenue'")).ShouldBe(charged);
        (await Text("select count(*) || ' ' || count(distinct event_id) from metering.events")).ShouldBe("3 3");
        var (exitCode, output) = await QuoinProcess.Run(
            ["ledger", "verify"], new(Settings()) { ["QUOIN_DATABASE"] = Database.ConnectionString });
        exitCode.ShouldBe(0, output);
    }

    protected override async Task Provide(HttpContext context, string body)
    {
        string[] stages = [Thinking, Streaming, Settling, Telling];
        var stage = stages.Single(body.Contains);
        if (stage == Streaming)
        {
            await ScriptedModelProvider.Stream(context, Chunk, Chunk);
        }

        Reached(stage).TrySetResult();
        if (stage is Thinking or Streaming)
        {
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        await (stage == Settling ? mayAnswer.Task : Task.CompletedTask);
        await ScriptedModelProvider.Plain(context, Answer);
    }

    private TaskCompletionSource Reached(string stage) =>
        asked.GetOrAdd(stage, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    // The provider has the call: of all that are reserved, it is the one not seen before.
    private async Task Asked(string stage, Dictionary<string, CallId> calls)
    {
        await Reached(stage).Task.WaitAsync(Patience);
        await using var command = Database.Owner.CreateCommand("select key from limits.spend_reservations where state = 'held'");
        await using var reader = await command.ExecuteReaderAsync(Patience);
        while (await reader.ReadAsync(Patience))
        {
            var id = Id.Parse<CallId>(reader.GetString(0));
            if (!calls.ContainsValue(id))
            {
                calls.Add(stage, id);
            }
        }
    }

    /// <summary>How a call stands in the journal: its status, why it is looked into, what it comes to.</summary>
    private Task<string> Journal(CallId call) => Text($"""
        select concat_ws(' ', status, coalesce(review, '-'), coalesce(quoted_micros, 0)::bigint)
        from inference.requests
        where request_id = '{call.Value}'
        """);
}
