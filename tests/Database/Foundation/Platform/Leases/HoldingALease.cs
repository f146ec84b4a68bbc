using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Platform.Leasing;

public sealed class HoldingALease(TestDatabase database) : IClassFixture<TestDatabase>
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(10);
    private readonly SettableClock clock = new();

    [Fact]
    public async Task Is_for_one_replica_at_a_time()
    {
        await using var a = Replica();
        await using var b = Replica();

        var first = await a.Get<Leases>().TryAcquire("one", Duration, default);
        var second = await b.Get<Leases>().TryAcquire("one", Duration, default);
        var again = await a.Get<Leases>().TryAcquire("one", Duration, default);

        first.ShouldNotBeNull().Version.ShouldBe(1);
        second.ShouldBeNull();
        again.ShouldBeNull("the same replica may be at the work already");
    }

    [Fact]
    public async Task Has_one_winner_among_many_who_try_at_once()
    {
        await using var a = Replica();

        var leases = await Task.WhenAll(
            Enumerable.Range(0, 20).Select(_ => a.Get<Leases>().TryAcquire("rush", Duration, default)));

        leases.Count(lease => lease is not null).ShouldBe(1);
    }

    [Fact]
    public async Task Passes_on_when_it_expires_with_a_higher_version()
    {
        await using var a = Replica();
        await using var b = Replica();
        var first = await a.Get<Leases>().TryAcquire("expires", Duration, default);

        clock.Advance(Duration);
        var second = await b.Get<Leases>().TryAcquire("expires", Duration, default);

        second.ShouldNotBeNull().Version.ShouldBe(first!.Version + 1);
        (await a.Get<Leases>().Renew([first], Duration, default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Lasts_as_long_as_it_is_renewed()
    {
        await using var a = Replica();
        await using var b = Replica();
        var lease = (await a.Get<Leases>().TryAcquire("renewed", Duration, default))!;

        clock.Advance(Duration / 2);
        (await a.Get<Leases>().Renew([lease], Duration, default)).ShouldHaveSingleItem();
        clock.Advance(Duration / 2);

        (await b.Get<Leases>().TryAcquire("renewed", Duration, default)).ShouldBeNull();
    }

    [Fact]
    public async Task Ends_at_once_when_given_back()
    {
        await using var a = Replica();
        await using var b = Replica();
        var lease = (await a.Get<Leases>().TryAcquire("given back", Duration, default))!;

        await a.Get<Leases>().Release([lease], default);

        await Guarding(lease).ShouldThrowAsync<LeaseLostException>();
        (await b.Get<Leases>().TryAcquire("given back", Duration, default)).ShouldNotBeNull().Version.ShouldBe(2);
    }

    [Fact]
    public async Task Lets_its_holder_commit()
    {
        await using var a = Replica();
        var lease = (await a.Get<Leases>().TryAcquire("guarded", Duration, default))!;

        await Guarding(lease).ShouldNotThrowAsync();
    }

    [Fact]
    public async Task Keeps_who_lost_it_from_committing()
    {
        await using var a = Replica();
        await using var b = Replica();
        var stale = (await a.Get<Leases>().TryAcquire("lost", Duration, default))!;
        clock.Advance(Duration);
        await b.Get<Leases>().TryAcquire("lost", Duration, default);

        await Guarding(stale).ShouldThrowAsync<LeaseLostException>();
    }

    [Fact]
    public async Task Cannot_be_taken_from_a_guarded_transaction_even_when_expired()
    {
        await using var a = Replica();
        await using var b = Replica();
        var lease = (await a.Get<Leases>().TryAcquire("last moment", Duration, default))!;
        await using var connection = await database.App.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await lease.Guard(transaction, default);

        clock.Advance(Duration);
        var during = await b.Get<Leases>().TryAcquire("last moment", Duration, default);
        await transaction.CommitAsync();
        var after = await b.Get<Leases>().TryAcquire("last moment", Duration, default);

        during.ShouldBeNull();
        after.ShouldNotBeNull();
    }

    [Fact]
    public async Task Is_renewed_while_the_work_under_it_runs()
    {
        await using var a = Replica();
        await using var b = Replica();
        var finish = new TaskCompletionSource();

        var work = a.Get<Leases>().TryRun("long work", Duration, (_, token) => finish.Task.WaitAsync(token), default);
        for (var round = 0; round < 9; round++)
        {
            await clock.WhenWaiting();
            clock.Advance(Duration / LeaseLimits.RenewalsPerDuration);
        }

        await clock.WhenWaiting();
        (await b.Get<Leases>().TryRun("long work", Duration, (_, _) => Task.CompletedTask, default)).ShouldBeFalse();
        finish.SetResult();
        (await work).ShouldBeTrue();
        (await b.Get<Leases>().TryRun("long work", Duration, (_, _) => Task.CompletedTask, default)).ShouldBeTrue();
    }

    [Fact]
    public async Task Cancels_the_work_of_who_lost_it()
    {
        await using var a = Replica();
        await using var b = Replica();
        var cancelled = false;

        var work = a.Get<Leases>().TryRun(
            "stolen",
            Duration,
            async (_, token) =>
            {
                // A stalled process: the renewal timer does not fire before another has taken over.
                await Task.Delay(Timeout.InfiniteTimeSpan, token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                cancelled = token.IsCancellationRequested;
                token.ThrowIfCancellationRequested();
            },
            default);
        await clock.WhenWaiting();
        await Expire("stolen");
        (await b.Get<Leases>().TryAcquire("stolen", TimeSpan.FromHours(1), default)).ShouldNotBeNull();
        clock.Advance(Duration / LeaseLimits.RenewalsPerDuration);

        await work.ShouldThrowAsync<LeaseLostException>();
        cancelled.ShouldBeTrue();
    }

    private TestReplica Replica() => new(database, clock);

    private async Task Guarding(Lease lease)
    {
        await using var connection = await database.App.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await lease.Guard(transaction, default);
        await transaction.CommitAsync();
    }

    private async Task Expire(string name)
    {
        await using var command = database.Owner.Sql(
            "update platform.leases set expires_at = '-infinity' where name = $1", name);
        await command.ExecuteNonQueryAsync();
    }
}
