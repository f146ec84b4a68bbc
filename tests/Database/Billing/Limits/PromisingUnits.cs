using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Limiting;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Limiting;

/// <summary>What is counted durably: never one unit over, once a key, and given back when it failed.</summary>
public sealed class PromisingUnits : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private const string Runs = "agent.runs";

    private readonly SettableClock clock = new(new DateTimeOffset(2026, 3, 10, 12, 0, 0, TimeSpan.Zero));
    private readonly GivenPlan plan = new GivenPlan().With(Runs, 10);
    private readonly LimitsReplica first;
    private readonly LimitsReplica second;
    private OrganisationProfile acme = null!;

    public PromisingUnits(TestDatabase database) =>
        (first, second) = (new LimitsReplica(database, clock, plan), new LimitsReplica(database, clock, plan));

    public async Task InitializeAsync() => acme = await first.CreateOrganisation();

    public async Task DisposeAsync()
    {
        await first.DisposeAsync();
        await second.DisposeAsync();
    }

    [Fact]
    public async Task Two_hundred_callers_on_two_replicas_get_the_last_units_and_no_more()
    {
        plan.With("hot", 500);

        var won = await Task.WhenAll(Enumerable.Range(0, 200).Select(caller => Task.Run(async () =>
        {
            var replica = caller % 2 == 0 ? first : second;
            var units = 0m;
            for (var number = 0; number < 5; number++)
            {
                var amount = 1 + ((caller + number) % 3);
                var outcome = await replica.Record(acme.Id, "hot", amount, $"{caller}/{number}");
                units += outcome is RecordOutcome.Recorded ? amount : 0;
            }

            return units;
        })));

        won.Sum().ShouldBe(500);
        (await first.Used(acme.Id, "hot")).ShouldBe(500);
    }

    [Fact]
    public async Task Many_organisations_at_once_each_have_their_own()
    {
        var orgs = new List<OrganisationProfile>();
        for (var number = 0; number < 20; number++)
        {
            orgs.Add(await first.CreateOrganisation());
        }

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 400).Select(number => Task.Run(async () => (
            Org: number % 20,
            Outcome: await (number % 3 == 0 ? first : second).Record(orgs[number % 20].Id, Runs, 1, $"{number}")))));

        var won = outcomes.Where(one => one.Outcome is RecordOutcome.Recorded).CountBy(one => one.Org);
        won.Select(pair => pair.Value).ShouldAllBe(count => count == 10);
        won.Count().ShouldBe(20);
    }

    [Fact]
    public async Task The_same_key_counts_once_and_gets_the_same_answer()
    {
        var one = await first.Record(acme.Id, Runs, 3, "run-1");
        var again = await second.Record(acme.Id, Runs, 3, "run-1");

        one.ShouldBe(new RecordOutcome.Recorded(
            new LimitAnswer(true, 3, 10, new DateTimeOffset(2026, 4, 1, 0, 0, 0, TimeSpan.Zero), LimitReason.WithinLimit),
            null,
            IsReplay: false));
        again.ShouldBe(((RecordOutcome.Recorded)one) with { IsReplay = true });
        (await first.Used(acme.Id, Runs)).ShouldBe(3);
    }

    [Fact]
    public async Task The_same_key_from_everywhere_at_once_counts_once()
    {
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 50).Select(number => Task.Run(() =>
            (number % 2 == 0 ? first : second).Record(acme.Id, Runs, 2, "one-run"))));

        outcomes.ShouldAllBe(outcome => outcome is RecordOutcome.Recorded);
        outcomes.Cast<RecordOutcome.Recorded>().Count(outcome => !outcome.IsReplay).ShouldBe(1);
        (await first.Used(acme.Id, Runs)).ShouldBe(2);
    }

    [Fact]
    public async Task A_key_with_another_amount_or_code_is_a_conflict()
    {
        plan.With("other", 10);
        await first.Record(acme.Id, Runs, 3, "run-1");

        (await second.Record(acme.Id, Runs, 4, "run-1")).ShouldBe(new RecordOutcome.KeyConflict());
        (await second.Record(acme.Id, "other", 3, "run-1")).ShouldBe(new RecordOutcome.KeyConflict());
        (await first.Used(acme.Id, "other")).ShouldBe(0);
    }

    [Fact]
    public async Task A_key_raced_for_two_codes_goes_to_one_of_them()
    {
        plan.With("left", 10).With("right", 10);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(number => Task.Run(async () => new[]
        {
            await first.Record(acme.Id, "left", 0.1m, $"race-{number}"),
            await second.Record(acme.Id, "right", 0.1m, $"race-{number}"),
        })));

        outcomes.ShouldAllBe(pair => pair.Count(one => one is RecordOutcome.Recorded) == 1);
        outcomes.ShouldAllBe(pair => pair.Count(one => one is RecordOutcome.KeyConflict) == 1);
        (await first.Used(acme.Id, "left") + await first.Used(acme.Id, "right")).ShouldBe(2);
    }

    [Fact]
    public async Task What_is_refused_counts_nothing_and_leaves_its_key_unused()
    {
        await first.Record(acme.Id, Runs, 8, "run-1");

        var refused = await second.Record(acme.Id, Runs, 3, "run-2");
        var smaller = await second.Record(acme.Id, Runs, 2, "run-2");

        refused.ShouldBeOfType<RecordOutcome.Refused>().Answer.Remaining.ShouldBe(2);
        smaller.ShouldBeOfType<RecordOutcome.Recorded>().Answer.Used.ShouldBe(10);
    }

    [Fact]
    public async Task Released_units_can_be_had_again_and_their_key_is_spent()
    {
        await first.Record(acme.Id, Runs, 10, "run-1");

        (await second.Release(acme.Id, "run-1")).ShouldBe(new ReservationOutcome.Standing(ReservationState.Released, null));
        (await first.Release(acme.Id, "run-1")).ShouldBe(new ReservationOutcome.Standing(ReservationState.Released, null));

        (await first.Record(acme.Id, Runs, 10, "run-2")).ShouldBeOfType<RecordOutcome.Recorded>();
        (await first.Record(acme.Id, Runs, 10, "run-1")).ShouldBe(new RecordOutcome.KeyEnded(ReservationState.Released));
        (await first.Release(acme.Id, "never")).ShouldBe(new ReservationOutcome.NotFound());
    }

    [Fact]
    public async Task Who_dies_between_recording_and_releasing_gives_back_when_its_time_ends()
    {
        await first.Record(acme.Id, Runs, 10, "dying", TimeSpan.FromSeconds(30));
        await first.DisposeAsync();

        clock.Advance(TimeSpan.FromSeconds(30) - TimeSpan.FromMicroseconds(1));
        (await second.Record(acme.Id, Runs, 1, "early")).ShouldBeOfType<RecordOutcome.Refused>();
        clock.Advance(TimeSpan.FromMicroseconds(1));
        (await second.Used(acme.Id, Runs)).ShouldBe(0);
        (await second.Record(acme.Id, Runs, 10, "late")).ShouldBeOfType<RecordOutcome.Recorded>();
        (await second.Release(acme.Id, "dying")).ShouldBe(new ReservationOutcome.Standing(ReservationState.Expired, null));
        (await second.Used(acme.Id, Runs)).ShouldBe(10);
    }

    [Fact]
    public async Task Who_confirms_in_time_keeps_what_it_has()
    {
        await first.Record(acme.Id, Runs, 10, "run-1", TimeSpan.FromSeconds(30));

        await first.Quotas.Confirm(acme.Id, "run-1", CancellationToken.None);
        clock.Advance(TimeSpan.FromMinutes(1));

        (await second.Record(acme.Id, Runs, 1, "run-2")).ShouldBeOfType<RecordOutcome.Refused>();
    }

    [Fact]
    public async Task What_has_expired_is_given_back_without_being_asked()
    {
        await first.Record(acme.Id, Runs, 10, "dead", TimeSpan.FromSeconds(30));
        clock.Advance(TimeSpan.FromMinutes(1));

        await second.Get<Pumps>().RunUntilIdle("limits.give-back-expired", CancellationToken.None);

        (await second.Quotas.Confirm(acme.Id, "dead", CancellationToken.None))
            .ShouldBe(new ReservationOutcome.Ended(ReservationState.Expired));
        (await second.Used(acme.Id, Runs)).ShouldBe(0);
    }

    [Fact]
    public async Task One_organisation_neither_uses_nor_releases_what_is_anothers()
    {
        var other = await first.CreateOrganisation();
        await first.Record(acme.Id, Runs, 10, "run-1");

        (await first.Record(other.Id, Runs, 10, "run-1")).ShouldBeOfType<RecordOutcome.Recorded>().IsReplay.ShouldBeFalse();
        await first.Release(other.Id, "run-1");

        (await first.Used(acme.Id, Runs)).ShouldBe(10);
        (await first.Used(other.Id, Runs)).ShouldBe(0);
    }

    [Fact]
    public async Task An_organisations_requests_keep_their_order()
    {
        // Those who come before its limits are known wait for them together, and go on as they are woken.
        await first.Check(acme.Id, Runs);

        var outcomes = await Task.WhenAll(
            Enumerable.Range(0, 100).Select(number => first.Record(acme.Id, Runs, 1, $"{number}")));

        outcomes.Take(10).ShouldAllBe(outcome => outcome is RecordOutcome.Recorded);
        outcomes.Skip(10).ShouldAllBe(outcome => outcome is RecordOutcome.Refused);
    }
}
