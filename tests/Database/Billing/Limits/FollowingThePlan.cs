using Microsoft.Extensions.DependencyInjection;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Limiting;
using Quoin.Platform;
using Quoin.Pricing;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Limiting;

/// <summary>Limits are those of the plan an organisation's default billing account has, or of the default plan.</summary>
public sealed class FollowingThePlan : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private static readonly PlanVersionId Starter = new(new Guid("01900000-0000-7000-8000-0000000000a2"));
    private static readonly PlanVersionId Enterprise = new(new Guid("01900000-0000-7000-8000-0000000000a4"));

    private readonly SettableClock clock = new(new DateTimeOffset(2026, 3, 10, 12, 0, 0, TimeSpan.Zero));
    private readonly TestDatabase database;
    private readonly LimitsReplica replica;
    private OrganisationProfile acme = null!;

    public FollowingThePlan(TestDatabase database)
    {
        this.database = database;
        replica = new LimitsReplica(database, clock, plan: null);
    }

    public async Task InitializeAsync() => acme = await replica.CreateOrganisation();

    public async Task DisposeAsync() => await replica.DisposeAsync();

    [Fact]
    public async Task The_default_plan_holds_while_none_is_assigned()
    {
        var summary = await Summary();

        (summary.Plan.Key, summary.Plan.Name, summary.Plan.Fee).ShouldBe(
            ("internal-dev", "Internal development", Money.Zero(Currency.Usd)));
        Of(summary, "llm.tokens").Limit.ShouldBe(1_000_000);
        (Of(summary, "seats").Kind, Of(summary, "seats").Limit).ShouldBe((LimitKind.Gauge, 10));
        summary.Plan.BillingPeriod.ShouldBe(Period.MonthOf(clock.GetUtcNow()));
    }

    [Fact]
    public async Task An_assigned_plan_takes_its_place_with_its_own_periods()
    {
        await Assign(Starter);

        var summary = await Summary();

        (summary.Plan.Key, summary.Plan.Fee).ShouldBe(("starter", new Money(49_000_000, Currency.Usd)));
        (Of(summary, "seats").Limit, Of(summary, "seats").Enforcement).ShouldBe((3, QuotaEnforcement.Hard));
        summary.Limits.Single(one => one.Terms.Code == "agent.runs").Window.ShouldBe(summary.Plan.BillingPeriod);
        summary.Plan.BillingPeriod.Contains(clock.GetUtcNow()).ShouldBeTrue();
        for (var seat = 0; seat < 3; seat++)
        {
            (await replica.Record(acme.Id, "seats", 1, $"{seat}")).ShouldBeOfType<RecordOutcome.Recorded>();
        }

        (await replica.Record(acme.Id, "seats", 1, "fourth")).ShouldBeOfType<RecordOutcome.Refused>();
    }

    [Fact]
    public async Task What_the_plan_leaves_unlimited_is_unlimited()
    {
        await Assign(Enterprise);

        (await replica.Check(acme.Id, "seats", 1_000_000)).ShouldBe(new LimitAnswer(true, 0, null, null, LimitReason.Unlimited));
    }

    [Fact]
    public async Task A_default_plan_that_is_not_there_allows_nothing()
    {
        await using var other = new LimitsReplica(
            database, clock, plan: null, services => services.AddSingleton(new DefaultPlan("no-such-plan")));
        var org = await other.CreateOrganisation();

        (await other.Check(org.Id, "seats")).Reason.ShouldBe(LimitReason.NotConfigured);
        (await other.Quotas.Summary(org.Id, CancellationToken.None))!.Plan.Key.ShouldBeNull();
    }

    [Theory]
    [InlineData("{}", 1_000)]
    [InlineData("""{"model":"priced"}""", 1_400)]
    [InlineData("""{"model":"unknown"}""", 1_000)]
    public async Task An_overage_cap_becomes_the_units_it_pays_for(string match, int ceiling)
    {
        var books = replica.Get<PriceBooks>();
        var book = (await books.Create($"Book {acme.Id}", Currency.Usd, false, "test", CancellationToken.None))
            .ShouldBeOfType<CreateBookOutcome.Created>().Book.Id;
        var price = new NewPrice("llm.input_tokens", Dimensions.Of("model", "priced"), 2.5m, 1_000, null);
        (await books.Publish(book, [price], "test", CancellationToken.None)).ShouldBeOfType<PublishOutcome.Published>();
        var entitlement = $$$"""
            [{"key":"tokens","schema_version":"entitlement.quota.v2","value":{"limit":1000,"interval":"period",
            "enforcement":"hard","meters":["llm.input_tokens"],"match":{{{match}}},"overage":"allow","overage_cap_micros":1000000}}]
            """;
        await Assign(await Publish(book, entitlement));

        // A plan's own prices begin after usage that may be rated already.
        clock.Advance(TimeSpan.FromHours(1));

        var terms = Of(await Summary(), "tokens");

        (terms.Limit, terms.Ceiling).ShouldBe((1_000, ceiling));
    }

    // One dollar buys four hundred tokens at two and a half dollars a thousand.
    private async Task<PlanVersionId> Publish(PriceBookId book, string entitlements)
    {
        var version = replica.Get<IdSource>().Next<PlanVersionId>();
        await using var family = database.Owner.Sql(
            "insert into pricing.plan_families (family, name, description, visibility, created_at) values ($1, 'T', '', 'custom', $2)",
            $"t{version.Value:n}",
            clock.GetUtcNow());
        await family.ExecuteNonQueryAsync();
        await using var plan = database.Owner.Sql(
            """
            insert into pricing.plan_versions
                (plan_version_id, family, number, status, currency, fee_micros, price_book_id, trial_days, entitlements, grants,
                content_hash, created_at, published_at)
            values ($1, $2, 1, 'published', 'USD', 0, $3, 0, $4, '[]', '', $5, $5)
            """,
            version.Value,
            $"t{version.Value:n}",
            book.Value,
            entitlements,
            clock.GetUtcNow());
        await plan.ExecuteNonQueryAsync();
        clock.Advance(TimeSpan.FromSeconds(2));
        return version;
    }

    private async Task Assign(PlanVersionId version)
    {
        var account = new BillingAccountKey(acme.Id, acme.DefaultBillingAccount.Id);
        var outcome = await replica.Get<Plans>().Assign(
            new NewAssignment(account, AssignmentKind.Plan, version), "test", CancellationToken.None);
        outcome.ShouldBeOfType<AssignOutcome.Done>();
    }

    private async Task<BillingSummary> Summary() => (await replica.Quotas.Summary(acme.Id, CancellationToken.None))!;

    private static LimitTerms Of(BillingSummary summary, string code) =>
        summary.Limits.Single(one => one.Terms.Code == code).Terms;
}
