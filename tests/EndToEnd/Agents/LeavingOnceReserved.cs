using System.Net;
using Microsoft.AspNetCore.Http;
using Quoin.Tests.Support;
using Xunit.Abstractions;

namespace Quoin.Tests.EndToEnd.Agents;

/// <summary>
/// Calls come so fast that they draw on what is reserved ahead, and are made ready while that is on its way to the disk. Here it does
/// not get there.
/// </summary>
public sealed class LeavingOnceReserved(TestDatabase database, ITestOutputHelper log)
    : KilledGateway(database, log), IClassFixture<TestDatabase>
{
    private const string Watched = "watched";
    private const string Quick = "quick";
    private const int Callers = 8;
    private const string DrawsWait = "lock table limits.spend_draws in exclusive mode";

    [Fact]
    public async Task Nothing_of_a_call_leaves_before_its_reservation_is_on_disk()
    {
        Task<HttpResponseMessage> watched;
        await using (await KeepBusy())
        await using (var obstacle = await Obstacle.Put(Database, DrawsWait, Patience))
        {
            watched = Call(Replicas[0], Watched);
            await Until(obstacle.IsMet);
            SeenOf(Watched).ShouldBe(0);
            watched.IsCompleted.ShouldBeFalse();
        }

        (await watched).StatusCode.ShouldBe(HttpStatusCode.OK);
        SeenOf(Watched).ShouldBe(1);
    }

    [Fact]
    public async Task A_call_whose_reservation_is_lost_on_its_way_is_refused_and_never_leaves()
    {
        HttpResponseMessage lost;
        await using (await KeepBusy())
        await using (var obstacle = await Obstacle.Put(Database, DrawsWait, Patience))
        {
            var watched = Call(Replicas[0], Watched);
            await Until(async () =>
            {
                await obstacle.Break();
                return watched.IsCompleted;
            });
            lost = await watched;
        }

        lost.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable, await lost.Content.ReadAsStringAsync(Patience));
        SeenOf(Watched).ShouldBe(0);
        await Until("select not exists (select from limits.spend_draws)");
        await Until("select sum(held_micros) = 0 from ledger.accounts");
        await Until("select sum(reserved_micros) = 0 from limits.budgets");
    }

    protected override Task Provide(HttpContext context, string body) => ScriptedModelProvider.Plain(context, Answer);

    private int SeenOf(string stage) => Provider.Seen.Count(request => request.Body.Contains(stage, StringComparison.Ordinal));

    private async Task<Busy> KeepBusy()
    {
        var busy = new Busy(this);
        await Until("select count(*) > 0 from limits.spend_draws");
        return busy;
    }

    /// <summary>Callers who come back as soon as they are answered, whatever it is.</summary>
    private sealed class Busy : IAsyncDisposable
    {
        private readonly CancellationTokenSource stop = new();
        private readonly Task[] callers;

        public Busy(LeavingOnceReserved test) =>
            callers = [.. Enumerable.Range(0, Callers).Select(_ => KeepCalling(test))];

        public async ValueTask DisposeAsync()
        {
            await stop.CancelAsync();
            await Task.WhenAll(callers);
            stop.Dispose();
        }

        private async Task KeepCalling(LeavingOnceReserved test)
        {
            while (!stop.IsCancellationRequested)
            {
                using var answer = await test.Call(test.Replicas[0], Quick);
                await answer.Content.ReadAsByteArrayAsync(test.Patience);
            }
        }
    }
}
