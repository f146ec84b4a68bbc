using System.Net;
using Quoin.Tests.Support;
using Xunit.Abstractions;

namespace Quoin.Tests.EndToEnd.Agents;

/// <summary>A reservation that never gets to the disk.</summary>
public sealed class LosingReservations(TestDatabase database, ITestOutputHelper log)
    : BusyGateway(database, log), IClassFixture<TestDatabase>
{
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
}
