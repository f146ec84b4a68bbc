using Microsoft.Extensions.DependencyInjection;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Limiting;
using Quoin.Platform;
using Quoin.Pricing;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Limiting;

/// <summary>A subscription's state: there from the start, the same for all who ask at once, ended at its instant.</summary>
public sealed class KeepingBillingStates : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private readonly TestDatabase database;
    private readonly SettableClock clock = new(new DateTimeOffset(2026, 3, 10, 12, 0, 0, TimeSpan.Zero));
    private readonly GivenPlan plan = new GivenPlan().With("code", 10);
    private readonly LimitsReplica replica;
    private OrganisationProfile acme = null!;

    public KeepingBillingStates(TestDatabase database)
    {
        this.database = database;
        replica = new LimitsReplica(database, clock, plan);
    }

    public async Task InitializeAsync() => acme = await replica.CreateOrganisation();

    public async Task DisposeAsync() => await replica.DisposeAsync();

    [Fact]
    public async Task Begins_with_the_default_plan_and_a_trial_of_thirty_days_from_the_start()
    {
        clock.Advance(TimeSpan.FromDays(5));

        var summary = await Summary();

        summary.State.ShouldBe(new BillingState(
            acme.Id, BillingStatus.Trial, "internal-dev", acme.CreatedAt.AddDays(30), acme.CreatedAt));
        summary.TrialDaysLeft.ShouldBe(25);
        summary.Plan.Key.ShouldBe("internal-dev");
    }

    [Fact]
    public async Task Is_made_once_when_many_ask_first_on_many_replicas()
    {
        await using var other = new LimitsReplica(
            database, clock, plan, services => services.AddSingleton(new DefaultPlan("another")));
        var orgs = new List<OrganisationProfile>();
        for (var number = 0; number < 10; number++)
        {
            orgs.Add(await replica.CreateOrganisation());
        }

        foreach (var org in orgs)
        {
            var states = await Task.WhenAll(Enumerable.Range(0, 20).Select(number => Task.Run(async () =>
                (await (number % 2 == 0 ? replica : other).Quotas.Summary(org.Id, CancellationToken.None))!.State)));

            states.Distinct().Count().ShouldBe(1);
        }
    }

    [Theory]
    [InlineData(49_000_000, BillingStatus.PastDue)]
    [InlineData(0, BillingStatus.Active)]
    public async Task A_trial_ends_at_its_exact_instant(long fee, BillingStatus after)
    {
        plan.Fee = new Money(fee, Currency.Usd);
        await Summary();
        var due = replica.Get<IEnumerable<IDueWork>>().Single(kind => kind.Name == "limits.trials");
        var end = acme.CreatedAt.AddDays(30);

        clock.Set(end - TimeSpan.FromMicroseconds(1));
        (await Summary()).State.Status.ShouldBe(BillingStatus.Trial);
        (await Summary()).TrialDaysLeft.ShouldBe(1);
        clock.Set(end);
        (await Summary()).State.Status.ShouldBe(after);

        (await due.NextDue(acme.Id, CancellationToken.None)).ShouldBe(end);
        (await due.OrganisationsDue(end, null, 1_000, CancellationToken.None)).ShouldContain(acme.Id);
        await due.RunUpTo(acme.Id, end, CancellationToken.None);
        await due.RunUpTo(acme.Id, end, CancellationToken.None);
        (await due.NextDue(acme.Id, CancellationToken.None)).ShouldBeNull();
        (await Summary()).State.ShouldBe(new BillingState(acme.Id, after, "internal-dev", end, end));
        (await Audited()).ShouldBe(1);
    }

    [Fact]
    public async Task A_trial_nobody_asked_about_is_due_all_the_same()
    {
        var due = replica.Get<IEnumerable<IDueWork>>().Single(kind => kind.Name == "limits.trials");

        (await due.NextDue(acme.Id, CancellationToken.None)).ShouldBe(acme.CreatedAt.AddDays(30));
    }

    [Fact]
    public async Task Advice_follows_the_trials_end_at_once()
    {
        plan.With(new LimitTerms("paid", LimitKind.Quota) { Limit = 0, Overage = OveragePolicy.Allow });
        clock.Set(acme.CreatedAt.AddDays(30) - TimeSpan.FromMilliseconds(10));
        (await replica.Check(acme.Id, "paid")).Reason.ShouldBe(LimitReason.Overage);

        clock.Advance(TimeSpan.FromMilliseconds(10));

        (await replica.Check(acme.Id, "paid")).IsAllowed.ShouldBeFalse();
    }

    private async Task<BillingSummary> Summary() => (await replica.Quotas.Summary(acme.Id, CancellationToken.None))!;

    private async Task<long> Audited()
    {
        await using var command = database.Owner.Sql(
            "select count(*) from accounts.audit_log where org_id = $1 and action = 'billing_state.changed'", acme.Id.Value);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
