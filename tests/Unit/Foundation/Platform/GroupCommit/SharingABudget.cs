using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Tests.Unit.Foundation.Platform.GroupCommit;

public sealed class SharingABudget
{
    private static readonly IdSource Ids = new(TimeProvider.System);

    [Fact]
    public void Gives_one_alone_half_of_it()
    {
        var share = new FairShare(100);
        var org = Ids.Next<OrgId>();

        var taken = Take(share, org, 1, 100);

        taken.Count.ShouldBe(50);
    }

    [Fact]
    public void Finds_room_for_a_newcomer_beside_a_loud_one()
    {
        var share = new FairShare(100);
        Take(share, Ids.Next<OrgId>(), 1, 100);

        var newcomer = share.TryReserve(Ids.Next<OrgId>(), 25);

        newcomer.ShouldNotBeNull();
    }

    [Fact]
    public void Takes_the_first_request_of_anyone_that_fits_at_all()
    {
        var share = new FairShare(100);

        share.TryReserve(Ids.Next<OrgId>(), 100).ShouldNotBeNull();
        share.TryReserve(Ids.Next<OrgId>(), 1).ShouldBeNull();
    }

    [Fact]
    public void Has_everything_back_when_all_is_returned_however_often()
    {
        var share = new FairShare(100);
        var taken = Take(share, Ids.Next<OrgId>(), 10, 5);

        foreach (var reservation in taken)
        {
            reservation.Dispose();
            reservation.Dispose();
        }

        share.HeldBytes.ShouldBe(0);
        share.TryReserve(Ids.Next<OrgId>(), 100).ShouldNotBeNull();
    }

    private static List<FairShare.Reservation> Take(FairShare share, OrgId org, long bytes, int times)
    {
        var taken = new List<FairShare.Reservation>();
        for (var time = 0; time < times && share.TryReserve(org, bytes) is { } reservation; time++)
        {
            taken.Add(reservation);
        }

        return taken;
    }
}
