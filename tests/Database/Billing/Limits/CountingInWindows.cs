using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Limiting;
using Quoin.Pricing;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Limiting;

/// <summary>Windows end at an exact instant; gauges have none; enforcement and overage decide what is over.</summary>
public sealed class CountingInWindows : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private readonly SettableClock clock = new(At("2026-03-10T12:00:00Z"));
    private readonly GivenPlan plan = new();
    private readonly LimitsReplica replica;
    private OrganisationProfile acme = null!;

    public CountingInWindows(TestDatabase database) => replica = new LimitsReplica(database, clock, plan);

    public async Task InitializeAsync() => acme = await replica.CreateOrganisation();

    public async Task DisposeAsync() => await replica.DisposeAsync();

    [Theory]
    [InlineData(QuotaInterval.Day, "2026-03-11T00:00:00Z")]
    [InlineData(QuotaInterval.Week, "2026-03-16T00:00:00Z")]
    [InlineData(QuotaInterval.Month, "2026-04-01T00:00:00Z")]
    [InlineData(QuotaInterval.Year, "2027-01-01T00:00:00Z")]
    [InlineData(QuotaInterval.Period, "2026-03-20T08:30:00Z")]
    public async Task A_window_ends_at_its_exact_instant(QuotaInterval interval, string end)
    {
        plan.Period = new Period(At("2026-02-20T08:30:00Z"), At("2026-03-20T08:30:00Z"));
        plan.With(new LimitTerms("code", LimitKind.Quota) { Limit = 5, Interval = interval });
        await replica.Record(acme.Id, "code", 5, "all");
        (await replica.Check(acme.Id, "code")).ResetsAt.ShouldBe(At(end));

        clock.Set(At(end) - TimeSpan.FromMicroseconds(1));
        (await replica.Record(acme.Id, "code", 1, "before")).ShouldBeOfType<RecordOutcome.Refused>();
        (await replica.Check(acme.Id, "code")).IsAllowed.ShouldBeFalse();
        plan.Period = new Period(At("2026-03-20T08:30:00Z"), At("2026-04-20T08:30:00Z"));
        clock.Set(At(end));

        (await replica.Check(acme.Id, "code")).IsAllowed.ShouldBeTrue();
        (await replica.Record(acme.Id, "code", 5, "after")).ShouldBeOfType<RecordOutcome.Recorded>();
    }

    [Fact]
    public async Task A_gauge_counts_who_is_there_and_frees_the_place_of_the_dead()
    {
        plan.With(new LimitTerms("sessions.running", LimitKind.Gauge) { Limit = 2, Interval = QuotaInterval.Standing });
        var lease = TimeSpan.FromMinutes(1);
        await replica.Record(acme.Id, "sessions.running", 1, "a", lease);
        await replica.Record(acme.Id, "sessions.running", 1, "b", lease);
        (await replica.Record(acme.Id, "sessions.running", 1, "c", lease)).ShouldBeOfType<RecordOutcome.Refused>()
            .Answer.ResetsAt.ShouldBeNull();

        clock.Advance(TimeSpan.FromSeconds(50));
        await replica.Quotas.Renew(acme.Id, "a", lease, CancellationToken.None);
        clock.Advance(TimeSpan.FromSeconds(10));

        (await replica.Record(acme.Id, "sessions.running", 1, "c", lease)).ShouldBeOfType<RecordOutcome.Recorded>();
        (await replica.Quotas.Renew(acme.Id, "b", lease, CancellationToken.None))
            .ShouldBe(new ReservationOutcome.Ended(ReservationState.Expired));
        clock.Advance(TimeSpan.FromDays(400));
        (await replica.Used(acme.Id, "sessions.running")).ShouldBe(0);
    }

    [Fact]
    public async Task A_seat_without_a_lease_stays_taken_over_all_windows()
    {
        plan.With(new LimitTerms("seats", LimitKind.Gauge) { Limit = 1, Interval = QuotaInterval.Standing });
        await replica.Record(acme.Id, "seats", 1, "member-1");

        clock.Advance(TimeSpan.FromDays(400));

        (await replica.Record(acme.Id, "seats", 1, "member-2")).ShouldBeOfType<RecordOutcome.Refused>();
        await replica.Release(acme.Id, "member-1");
        (await replica.Record(acme.Id, "seats", 1, "member-2")).ShouldBeOfType<RecordOutcome.Recorded>();
    }

    [Fact]
    public async Task Zero_allows_nothing_and_null_allows_everything()
    {
        plan.With("none", 0).With("any", null);

        (await replica.Record(acme.Id, "none", 0.000001m, "1")).ShouldBeOfType<RecordOutcome.Refused>();
        (await replica.Check(acme.Id, "none")).ShouldBe(
            new LimitAnswer(false, 0, 0, At("2026-04-01T00:00:00Z"), LimitReason.QuotaExceeded));
        (await replica.Record(acme.Id, "any", 1_000_000_000_000m, "2")).ShouldBeOfType<RecordOutcome.Recorded>()
            .Answer.Reason.ShouldBe(LimitReason.Unlimited);
    }

    [Theory]
    [InlineData(QuotaEnforcement.Observe, LimitReason.OverObservedLimit)]
    [InlineData(QuotaEnforcement.Soft, LimitReason.OverSoftLimit)]
    public async Task What_is_not_hard_counts_on_and_says_so(QuotaEnforcement enforcement, LimitReason reason)
    {
        plan.With(new LimitTerms("code", LimitKind.Quota) { Limit = 5, Enforcement = enforcement });

        var over = await replica.Record(acme.Id, "code", 8, "over");

        var answer = over.ShouldBeOfType<RecordOutcome.Recorded>().Answer;
        (answer.Used, answer.Reason).ShouldBe((8, reason));
    }

    [Fact]
    public async Task Overage_goes_on_up_to_its_cap_and_not_a_unit_further()
    {
        plan.With(new LimitTerms("code", LimitKind.Quota) { Limit = 5, Overage = OveragePolicy.Allow, OverageUnitsMax = 3 });

        (await replica.Record(acme.Id, "code", 8, "over")).ShouldBeOfType<RecordOutcome.Recorded>()
            .Answer.Reason.ShouldBe(LimitReason.Overage);
        (await replica.Record(acme.Id, "code", 0.000001m, "further")).ShouldBeOfType<RecordOutcome.Refused>();
    }

    [Fact]
    public async Task What_the_plan_does_not_know_or_broke_is_not_allowed()
    {
        plan.With(new LimitTerms("broken", LimitKind.Invalid));

        (await replica.Check(acme.Id, "unknown")).ShouldBe(new LimitAnswer(false, 0, null, null, LimitReason.NotConfigured));
        (await replica.Check(acme.Id, "broken")).Reason.ShouldBe(LimitReason.NotConfigured);
        (await replica.Record(acme.Id, "broken", 1, "1")).ShouldBeOfType<RecordOutcome.Refused>();
        (await replica.Check(new OrgId(Guid.Empty), "unknown")).IsAllowed.ShouldBeFalse();
    }

    [Fact]
    public async Task Features_are_on_or_off()
    {
        plan.With(new LimitTerms("sso", LimitKind.Boolean) { IsEnabled = true }).With(new LimitTerms("audit", LimitKind.Boolean));

        (await replica.Check(acme.Id, "sso")).IsAllowed.ShouldBeTrue();
        (await replica.Check(acme.Id, "audit")).Reason.ShouldBe(LimitReason.FeatureDisabled);
    }

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, null);
}
