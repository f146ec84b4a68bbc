using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Quoin.Kernel;
using Quoin.Pricing;

namespace Quoin.Tests.Unit.Billing.Pricing;

public sealed class CuttingBillingPeriods
{
    private static readonly IdSource Ids = new(TimeProvider.System);

    [Theory]
    [InlineData("2026-05-17T10:00Z", "2026-05-01T00:00Z", "2026-06-01T00:00Z")]
    [InlineData("2026-12-31T23:45Z", "2026-12-01T00:00Z", "2027-01-01T00:00Z")]
    public void Are_calendar_months_without_a_plan(string at, string start, string end) =>
        BillingPeriods.Of([], At(at)).ShouldBe(new Period(At(start), At(end)));

    // A plan from 31 January 10:00, for ever; the ends of shorter months are clamped, and no day is lost after them.
    [Theory]
    [InlineData("2026-01-31T09:45Z", "2026-01-01T00:00Z", "2026-01-31T10:00Z")]
    [InlineData("2026-01-31T10:00Z", "2026-01-31T10:00Z", "2026-02-28T10:00Z")]
    [InlineData("2026-02-28T10:00Z", "2026-02-28T10:00Z", "2026-03-31T10:00Z")]
    [InlineData("2026-04-30T09:00Z", "2026-03-31T10:00Z", "2026-04-30T10:00Z")]
    [InlineData("2028-02-29T11:00Z", "2028-02-29T10:00Z", "2028-03-31T10:00Z")]
    public void Are_months_from_a_plans_anchor(string at, string start, string end) =>
        BillingPeriods.Of([Plan("2026-01-31T10:00Z")], At(at)).ShouldBe(new Period(At(start), At(end)));

    [Fact]
    public void Go_on_over_a_change_of_plan()
    {
        Assignment[] changed =
        [
            Plan("2026-01-10T00:00Z", "2026-02-20T12:00Z"),
            Plan("2026-02-20T12:00Z") with { Anchor = At("2026-01-10T00:00Z") },
        ];

        var period = new Period(At("2026-02-10T00:00Z"), At("2026-03-10T00:00Z"));
        BillingPeriods.Of(changed, At("2026-02-20T11:59Z")).ShouldBe(period);
        BillingPeriods.Of(changed, At("2026-02-20T12:00Z")).ShouldBe(period);
    }

    [Fact]
    public void End_with_a_plan_and_begin_again_with_the_next()
    {
        Assignment[] gap = [Plan("2026-01-10T00:00Z", "2026-02-20T12:00Z"), Plan("2026-03-05T00:00Z")];

        BillingPeriods.Of(gap, At("2026-02-15T00:00Z")).ShouldBe(new Period(At("2026-02-10T00:00Z"), At("2026-02-20T12:00Z")));
        BillingPeriods.Of(gap, At("2026-02-25T00:00Z")).ShouldBe(new Period(At("2026-02-20T12:00Z"), At("2026-03-01T00:00Z")));
        BillingPeriods.Of(gap, At("2026-03-04T00:00Z")).ShouldBe(new Period(At("2026-03-01T00:00Z"), At("2026-03-05T00:00Z")));
    }

    [Fact]
    public void Hold_every_instant_exactly_once() => Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
    {
        var random = new Random(seed);
        var from = At("2026-01-01T00:00Z").AddHours(random.Next(2_000));
        var to = from.AddHours(random.Next(1, 3_000));
        Assignment[] assignments =
        [
            Plan(from, to),
            Plan(to.AddHours(random.Next(0, 2) * random.Next(500)), DateTimeOffset.MaxValue) with
            {
                Anchor = random.Next(2) == 0 ? from : to,
            },
        ];
        var at = At("2026-01-01T00:00Z").AddMinutes(random.Next(0, 500_000));

        var period = BillingPeriods.Of(assignments, at);
        return period.Contains(at)
            && BillingPeriods.Of(assignments, period.Start) == period
            && BillingPeriods.Of(assignments, period.End.AddTicks(-1)) == period
            && BillingPeriods.Of(assignments, period.End).Start == period.End
            && BillingPeriods.Of(assignments, period.Start.AddTicks(-1)).End == period.Start;
    }).QuickCheckThrowOnFailure();

    private static Assignment Plan(string from, string? to = null) =>
        Plan(At(from), to is null ? DateTimeOffset.MaxValue : At(to));

    private static Assignment Plan(DateTimeOffset from, DateTimeOffset to) => new(
        Ids.Next<AssignmentId>(),
        default,
        AssignmentKind.Plan,
        null,
        null,
        new Period(from, to),
        new Period(from, to),
        from,
        null,
        0,
        null,
        string.Empty,
        from);

    private static DateTimeOffset At(string text) =>
        DateTimeOffset.ParseExact(text, "yyyy-MM-ddTHH:mmZ", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}
