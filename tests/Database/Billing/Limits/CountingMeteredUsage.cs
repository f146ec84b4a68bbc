using Microsoft.Extensions.DependencyInjection;
using Quoin.Limiting;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Limiting;

/// <summary>A quota on a meter: what came as events counts, and what is promised and has not come yet.</summary>
public sealed class CountingMeteredUsage(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private const string Tokens = "llm.tokens";

    private readonly GivenPlan plan = new GivenPlan().With(new LimitTerms(Tokens, LimitKind.Quota)
    {
        Limit = 1_000,
        Meters = ["llm.input_tokens", "llm.output_tokens"],
    });

    private TestHost host = null!;
    private TestOrganisation acme = null!;
    private HttpClient customer = null!;

    private Quotas Quotas => host.Get<Quotas>();

    public async Task InitializeAsync()
    {
        host = await TestHost.Start(database, "api", configure: services => services.AddSingleton<IEntitlements>(plan));
        acme = await host.CreateOrganisation();
        customer = host.Client(acme.Key);
    }

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task Events_count_the_moment_they_are_accepted()
    {
        await Use("a", input: 300, output: 100);

        (await Record("call-1", 601)).ShouldBeOfType<RecordOutcome.Refused>().Answer.Used.ShouldBe(400);
        (await Record("call-2", 600)).ShouldBeOfType<RecordOutcome.Recorded>().Answer.Used.ShouldBe(1_000);
    }

    [Fact]
    public async Task A_promise_counts_until_its_usage_has_come_and_then_no_more()
    {
        await Record("call-1", 800);
        (await Record("call-2", 201)).ShouldBeOfType<RecordOutcome.Refused>();

        await Use("call-1", input: 250, output: 50);
        await Quotas.Confirm(acme.Id, "call-1", CancellationToken.None);

        (await Record("call-3", 700)).ShouldBeOfType<RecordOutcome.Recorded>().Answer.Used.ShouldBe(1_000);
        await Quotas.Release(acme.Id, "call-3", CancellationToken.None);
        (await Used()).ShouldBe(300);
    }

    [Fact]
    public async Task A_promise_of_metered_usage_ends_by_itself()
    {
        var outcome = (await Record("call-1", 800)).ShouldBeOfType<RecordOutcome.Recorded>();

        var left = outcome.ExpiresAt!.Value - TimeProvider.System.GetUtcNow();
        left.ShouldBeGreaterThan(TimeSpan.Zero);
        left.ShouldBeLessThanOrEqualTo(Quoin.Limiting.Limits.HeldUsually);
    }

    [Fact]
    public async Task Only_usage_with_the_dimensions_counts()
    {
        plan.With(new LimitTerms("gpt", LimitKind.Quota)
        {
            Limit = 1_000,
            Meters = ["llm.input_tokens"],
            Dimensions = Kernel.Dimensions.Of("model", "gpt-4o"),
        });
        (await customer.SendEvent(UsageEvents.Completion("a", input: 10, output: 1, model: "gpt-4o"))).EnsureSuccessStatusCode();
        (await customer.SendEvent(UsageEvents.Completion("b", input: 500, output: 1, model: "other"))).EnsureSuccessStatusCode();

        var summary = await Quotas.Summary(acme.Id, CancellationToken.None);

        summary!.Limits.Single(one => one.Terms.Code == "gpt").Used.ShouldBe(10);
    }

    [Fact]
    public async Task A_limit_on_a_meter_that_is_not_there_allows_nothing()
    {
        plan.With(new LimitTerms("strange", LimitKind.Quota) { Limit = 10, Meters = ["no.such_meter"] });

        (await Quotas.Check(acme.Id, "strange", 1, CancellationToken.None)).Reason.ShouldBe(LimitReason.NotConfigured);
    }

    [Fact]
    public async Task Thresholds_that_events_reach_are_told_once()
    {
        await Use("a", input: 800, output: 0);
        await Quotas.Summary(acme.Id, CancellationToken.None);

        await host.Get<Pumps>().RunUntilIdle("limits.watch", CancellationToken.None);
        await host.Get<Pumps>().RunUntilIdle("limits.watch", CancellationToken.None);

        await using var command = database.Owner.Sql(
            "select count(*) from platform.outbox where org_id = $1 and topic = 'limit.reached'", acme.Id.Value);
        ((long)(await command.ExecuteScalarAsync())!).ShouldBe(1);
    }

    private async Task Use(string id, long input, long output) =>
        (await customer.SendEvent(UsageEvents.Completion(id, input, output))).EnsureSuccessStatusCode();

    private Task<RecordOutcome> Record(string key, decimal amount) =>
        Quotas.CheckAndRecord(acme.Id, Tokens, amount, key, null, CancellationToken.None).AsTask();

    private async Task<decimal> Used() =>
        (await Quotas.Summary(acme.Id, CancellationToken.None))!.Limits.Single(one => one.Terms.Code == Tokens).Used;
}
