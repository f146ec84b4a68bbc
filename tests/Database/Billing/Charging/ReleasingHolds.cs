using System.Net;
using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Limiting;
using Quoin.Metering;
using Quoin.Pricing;
using Quoin.Tests.Support;
using Settlement = Quoin.Accounts.Settlement;
using UsageDoor = Quoin.Metering.Metering;

namespace Quoin.Tests.Database.Billing.Charging;

/// <summary>What a call reserved is free again with the posting of its usage, which spends it first and stops at it.</summary>
public sealed class ReleasingHolds(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private static readonly DateTimeOffset At = TimeProvider.System.GetUtcNow();

    private TestHost host = null!;
    private TestOrganisation org = null!;

    public async Task InitializeAsync()
    {
        host = await TestHost.Start(database, "api");
        org = await host.CreateOrganisation(Settlement.Prepaid);
        if ((await host.Get<PriceBooks>().Current(CancellationToken.None)).Versions.Count == 0)
        {
            await host.PublishUsualPrices();
        }
    }

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task Usage_that_names_its_hold_releases_it_in_its_own_posting()
    {
        await Grant(10_000);
        var hold = await Reserve("call", 4_000);

        var recorded = await Record(Call("call", hold));
        (await Held()).ShouldBe(4_000);
        await host.RateAll();

        recorded.ShouldAllBe(one => one.Verdict == Verdict.Accepted);
        (await Held()).ShouldBe(0);
        (await Balance(AccountKind.Grants)).ShouldBe(6_500);
        (await Balance(AccountKind.Revenue)).ShouldBe(3_500);
        var stored = await host.Get<UsageDoor>().Event(org.Id, recorded[0].Position, CancellationToken.None);
        stored!.Hold.ShouldBe(hold);
    }

    [Fact]
    public async Task The_last_credit_a_call_reserved_pays_for_it()
    {
        await Grant(3_500);
        var hold = await Reserve("call", 3_500);

        await Record(Call("call", hold));
        await host.RateAll();

        (await Balance(AccountKind.Grants)).ShouldBe(0);
        (await Balance(AccountKind.Overdraft)).ShouldBe(0);
    }

    [Fact]
    public async Task What_is_above_the_hold_is_the_operators_loss()
    {
        await Grant(10_000);
        var hold = await Reserve("call", 3_000);

        await Record(Call("call", hold));
        await host.RateAll();

        (await Balance(AccountKind.Grants)).ShouldBe(7_000);
        (await Balance(AccountKind.OperatorLoss)).ShouldBe(-500);
        (await Balance(AccountKind.Revenue)).ShouldBe(3_500);
    }

    [Fact]
    public async Task Usage_nothing_was_reserved_for_is_never_capped_by_the_holds_of_other_usage()
    {
        await Grant(10_000);
        var hold = await Reserve("call", 3_000);

        await Record(Call("call", hold), Call("plain", hold: null), Call("other", hold: null));
        await host.RateAll();

        (await Balance(AccountKind.OperatorLoss)).ShouldBe(-500);
        (await Balance(AccountKind.Grants)).ShouldBe(0);
        (await Balance(AccountKind.Revenue)).ShouldBe(10_500);
        (await Held()).ShouldBe(0);
    }

    [Fact]
    public async Task A_hold_that_is_unknown_or_has_ended_caps_nothing_and_is_no_error()
    {
        await Grant(10_000);
        var ended = await Reserve("call", 3_000);
        await host.Get<Spending>().Cancel(org.Id, "call", CancellationToken.None);
        var open = await Reserve("open", 3_500);

        var unknown = new HoldId(new IdSource(TimeProvider.System).Next()).ToString();
        await Record(Call("one", ended), Call("two", unknown), Call("three", open));
        await host.RateAll();

        (await Balance(AccountKind.Revenue)).ShouldBe(10_500);
        (await Balance(AccountKind.Grants)).ShouldBe(0);
        (await Balance(AccountKind.Overdraft)).ShouldBe(-500);
        (await Held()).ShouldBe(0);
    }

    [Fact]
    public async Task A_repeated_event_releases_nothing_twice()
    {
        await Grant(10_000);
        var hold = await Reserve("call", 4_000);
        await Record(Call("call", hold));
        await host.RateAll();
        await Reserve("next", 5_000);

        var again = await Record(Call("call", hold), Call("more of it", hold));
        await host.RateAll();

        again.Select(one => one.Verdict).ShouldBe([Verdict.Duplicate, Verdict.Accepted]);
        (await Held()).ShouldBe(5_000);
        (await Balance(AccountKind.Revenue)).ShouldBe(7_000);
    }

    [Fact]
    public async Task Usage_that_comes_to_nothing_and_usage_without_a_price_release_what_they_name()
    {
        await Grant(10_000);
        var nothing = await Reserve("nothing", 1_000);
        var unpriced = await Reserve("unpriced", 1_000);

        await Record(
            Call("nothing", nothing) with { DataJson = """{"model":"gpt-4o","input_tokens":0,"output_tokens":0}""" },
            Call("unpriced", unpriced) with { DataJson = """{"model":"nobody-knows","input_tokens":5,"output_tokens":5}""" });
        await host.RateAll();

        (await Held()).ShouldBe(0);
        (await Balance(AccountKind.Grants)).ShouldBe(10_000);
    }

    [Fact]
    public async Task What_is_recorded_stands_and_falls_with_the_callers_transaction()
    {
        await Grant(10_000);
        var hold = await Reserve("call", 4_000);
        await using (var connection = await host.Get<NpgsqlDataSource>().OpenConnectionAsync())
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await host.Get<UsageDoor>().RecordWithin(transaction, [Call("call", hold)], CancellationToken.None);
        }

        await host.RateAll();
        (await Held()).ShouldBe(4_000);

        var recorded = await Record(Call("call", hold), Call("bad", hold) with { DataJson = "[]" }, Call("call", hold));
        await host.RateAll();

        recorded.Select(one => one.Verdict).ShouldBe([Verdict.Accepted, Verdict.Rejected, Verdict.Duplicate]);
        (await Held()).ShouldBe(0);
        (await Balance(AccountKind.Revenue)).ShouldBe(3_500);
    }

    [Fact]
    public async Task Only_the_operator_may_name_a_hold_over_http()
    {
        await Grant(10_000);
        var hold = await Reserve("call", 4_000);
        var sent = UsageEvents.Completion("call");
        sent["quoinhold"] = hold;
        using var client = host.Client(org.Key);
        using var operators = await host.OperatorClient();

        var refused = await client.SendEvent(sent);
        sent["quoinorg"] = org.Id.ToString();
        var accepted = await operators.SendEvent(sent);
        await host.RateAll();

        refused.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        accepted.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        (await Held()).ShouldBe(0);
    }

    private UsageEvent Call(string id, string? hold) => new(
        org.Id,
        org.BillingAccount,
        "quoin/inference",
        id,
        "llm.completion",
        At,
        """{"model":"gpt-4o","input_tokens":1000,"output_tokens":100}""")
    {
        Hold = hold,
        CorrelationId = $"req-{id}",
    };

    private async Task<IReadOnlyList<RecordedUsage>> Record(params UsageEvent[] events)
    {
        await using var connection = await host.Get<NpgsqlDataSource>().OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var recorded = await host.Get<UsageDoor>().RecordWithin(transaction, events, CancellationToken.None);
        await transaction.CommitAsync();
        host.Get<UsageDoor>().HintRecorded();
        return recorded;
    }

    private async Task<string> Reserve(string key, long micros)
    {
        var request = new SpendRequest(
            org.Id,
            org.BillingAccount,
            key,
            [],
            new Money(micros, Currency.Usd),
            null,
            SpendPosture.Hard,
            TimeSpan.FromMinutes(1),
            "a call",
            null);
        return (await host.Get<Spending>().Reserve(request, CancellationToken.None))
            .ShouldBeOfType<SpendOutcome.Reserved>().Hold;
    }

    private async Task Grant(long micros)
    {
        var grant = new CreateGrant(
            org.Id,
            org.BillingAccount,
            new IdSource(TimeProvider.System).Next().ToString(),
            new Money(micros, Currency.Usd),
            GrantSource.Purchased,
            host.Get<TimeProvider>().GetUtcNow().AddDays(-1),
            "test");
        (await host.Get<Quoin.Ledger.Ledger>().Run(grant, CancellationToken.None)).ShouldBeOfType<GrantOutcome.Granted>();
    }

    private async Task<long> Held() => (await Accounts()).Sum(account => account.Held.Micros);

    private async Task<long> Balance(AccountKind kind) =>
        (await Accounts()).Where(account => account.Kind == kind).Sum(account => account.Balance.Micros);

    private Task<IReadOnlyList<AccountBalance>> Accounts() =>
        host.Get<Quoin.Ledger.Ledger>().Balances(org.Id, null, CancellationToken.None);
}
