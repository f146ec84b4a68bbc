using Microsoft.Extensions.DependencyInjection;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Limiting;
using Quoin.Pricing;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Limiting;

/// <summary>Advice comes from memory, is never older than a second, and has an answer when none can be had.</summary>
public sealed class GivingAdvice : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private readonly SettableClock clock = new(new DateTimeOffset(2026, 3, 10, 12, 0, 0, TimeSpan.Zero));
    private readonly GivenPlan plan = new GivenPlan().With("code", 10);
    private readonly LimitsReplica replica;
    private readonly LimitsReplica other;
    private OrganisationProfile acme = null!;

    public GivingAdvice(TestDatabase database)
    {
        replica = new LimitsReplica(
            database, clock, plan, services => services.AddCapability("agent.chat", WhenUnavailable.Allow));
        other = new LimitsReplica(database, clock, plan);
    }

    public async Task InitializeAsync() => acme = await replica.CreateOrganisation();

    public async Task DisposeAsync()
    {
        await replica.DisposeAsync();
        await other.DisposeAsync();
    }

    [Fact]
    public async Task Is_at_most_a_second_behind_what_another_replica_counted()
    {
        (await replica.Check(acme.Id, "code", 10)).IsAllowed.ShouldBeTrue();
        await other.Record(acme.Id, "code", 10, "all");

        clock.Advance(TimeSpan.FromSeconds(1));

        (await replica.Check(acme.Id, "code")).ShouldBe(new LimitAnswer(
            false, 10, 10, new DateTimeOffset(2026, 4, 1, 0, 0, 0, TimeSpan.Zero), LimitReason.QuotaExceeded));
    }

    [Fact]
    public async Task Is_given_from_memory_without_allocating()
    {
        await replica.Check(acme.Id, "code");
        var quotas = replica.Quotas;
        Ask();

        var before = GC.GetAllocatedBytesForCurrentThread();
        Ask();
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        allocated.ShouldBe(0);

        void Ask()
        {
            for (var number = 0; number < 1_000; number++)
            {
                var answer = quotas.Check(acme.Id, "code", 1, CancellationToken.None);
                if (!answer.IsCompletedSuccessfully || !answer.GetAwaiter().GetResult().IsAllowed)
                {
                    throw new InvalidOperationException("It was not remembered.");
                }
            }
        }
    }

    [Fact]
    public async Task Nothing_wanted_is_refused_only_where_more_is_used_than_allowed()
    {
        plan.With(new LimitTerms("soft", LimitKind.Quota) { Limit = 10, Enforcement = QuotaEnforcement.Soft });
        await replica.Record(acme.Id, "code", 10, "all");
        (await other.Check(acme.Id, "code", 0)).IsAllowed.ShouldBeTrue();

        (await other.Check(acme.Id, "code", 1)).IsAllowed.ShouldBeFalse();
    }

    [Fact]
    public async Task Follows_each_capabilitys_fail_policy_when_no_answer_can_be_had()
    {
        plan.IsAway = true;

        (await replica.Check(acme.Id, "agent.chat")).ShouldBe(new LimitAnswer(true, 0, null, null, LimitReason.Unavailable));
        (await replica.Check(acme.Id, "undeclared")).ShouldBe(new LimitAnswer(false, 0, null, null, LimitReason.Unavailable));
        (await replica.Quotas.Check(acme.Id, "undeclared", 1, WhenUnavailable.Allow, CancellationToken.None))
            .IsAllowed.ShouldBeTrue();
        (await replica.Record(acme.Id, "agent.chat", 1, "1")).ShouldBe(new RecordOutcome.Unavailable(IsAllowed: true));
        (await replica.Record(acme.Id, "undeclared", 1, "1")).ShouldBe(new RecordOutcome.Unavailable(IsAllowed: false));
    }

    [Fact]
    public async Task Comes_back_as_soon_as_answers_can_be_had_again()
    {
        plan.IsAway = true;
        await replica.Check(acme.Id, "code");

        plan.IsAway = false;

        (await replica.Check(acme.Id, "code")).IsAllowed.ShouldBeTrue();
    }

    [Fact]
    public async Task Refuses_amounts_that_are_none()
    {
        await Should.ThrowAsync<ArgumentOutOfRangeException>(() => replica.Check(acme.Id, "code", -1));
        await Should.ThrowAsync<ArgumentOutOfRangeException>(() => replica.Record(acme.Id, "code", 0, "k"));
        await Should.ThrowAsync<ArgumentOutOfRangeException>(() => replica.Record(acme.Id, "code", 0.0000001m, "k"));
        await Should.ThrowAsync<ArgumentException>(() => replica.Record(acme.Id, "code", 1, ""));
    }
}
