using System.Net;
using Quoin.Tests.Support;
using Xunit.Abstractions;

namespace Quoin.Tests.EndToEnd.Agents;

/// <summary>A reservation that is long on its way to the disk, and gets there.</summary>
public sealed class LeavingOnceReserved(TestDatabase database, ITestOutputHelper log)
    : BusyGateway(database, log), IClassFixture<TestDatabase>
{
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
}
