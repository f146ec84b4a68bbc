using System.Text.Json.Nodes;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Limiting;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Limiting;

/// <summary>Thresholds, low credit and expiring grants are told, and told once.</summary>
public sealed class TellingOfLimits : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private static readonly DateTimeOffset Start = new(2026, 3, 10, 12, 0, 0, TimeSpan.Zero);

    private readonly TestDatabase database;
    private readonly SettableClock clock = new(Start);
    private readonly GivenPlan plan = new GivenPlan().With("code", 10);
    private readonly LimitsReplica replica;
    private readonly LimitsReplica other;
    private OrganisationProfile acme = null!;

    public TellingOfLimits(TestDatabase database)
    {
        this.database = database;
        (replica, other) = (new LimitsReplica(database, clock, plan), new LimitsReplica(database, clock, plan));
    }

    public async Task InitializeAsync() => acme = await replica.CreateOrganisation();

    public async Task DisposeAsync()
    {
        await replica.DisposeAsync();
        await other.DisposeAsync();
    }

    [Fact]
    public async Task Each_threshold_of_a_window_is_told_once()
    {
        await replica.Record(acme.Id, "code", 7.9m, "1");
        (await Thresholds()).ShouldBeEmpty();

        await replica.Record(acme.Id, "code", 0.1m, "2");
        await other.Record(acme.Id, "code", 1, "3");
        await replica.Release(acme.Id, "3");
        await other.Record(acme.Id, "code", 2, "4");
        await replica.Release(acme.Id, "4");
        await replica.Record(acme.Id, "code", 2, "5");

        (await Thresholds()).ShouldBe([80, 100]);
        clock.Set(new DateTimeOffset(2026, 4, 1, 0, 0, 0, TimeSpan.Zero));
        await replica.Record(acme.Id, "code", 10, "6");
        (await Thresholds()).ShouldBe([80, 80, 100, 100]);
    }

    [Fact]
    public async Task Many_at_once_on_two_replicas_tell_once()
    {
        await Task.WhenAll(Enumerable.Range(0, 40).Select(number => Task.Run(() =>
            (number % 2 == 0 ? replica : other).Record(acme.Id, "code", 1, $"{number}"))));

        (await Thresholds()).ShouldBe([80, 100]);
    }

    [Fact]
    public async Task Low_credit_is_told_once_until_it_was_above_again()
    {
        var ledger = replica.Get<Quoin.Ledger.Ledger>();
        await Grant(ledger, "first", 100, null);
        await SetAlert(50);
        await Watch();
        (await Low()).ShouldBe(0);

        await Use(ledger, 60, "use-1");
        await Watch();
        await Watch();
        (await Low()).ShouldBe(1);

        await Grant(ledger, "top-up", 100, null);
        await Watch();
        await Use(ledger, 100, "use-2");
        await Task.WhenAll(Watch(), other.Get<Pumps>().RunUntilIdle("limits.watch", CancellationToken.None));
        (await Low()).ShouldBe(2);
    }

    [Fact]
    public async Task An_expiring_grant_is_told_once_a_week_before()
    {
        var ledger = replica.Get<Quoin.Ledger.Ledger>();
        var due = replica.Get<IEnumerable<IDueWork>>().Single(kind => kind.Name == "limits.expiring_grants");
        await Grant(ledger, "soon", 100, Start.AddDays(20));
        await Grant(ledger, "later", 100, Start.AddDays(40));
        (await due.NextDue(acme.Id, CancellationToken.None)).ShouldBe(Start.AddDays(13));
        (await Due(Start.AddDays(12))).ShouldNotContain(acme.Id);
        (await Due(Start.AddDays(13))).ShouldContain(acme.Id);

        await due.RunUpTo(acme.Id, Start.AddDays(13), CancellationToken.None);
        await due.RunUpTo(acme.Id, Start.AddDays(13), CancellationToken.None);

        (await due.NextDue(acme.Id, CancellationToken.None)).ShouldBe(Start.AddDays(33));
        (await Due(Start.AddDays(14))).ShouldNotContain(acme.Id);
        var told = JsonNode.Parse((await replica.News(acme.Id, "grant.expiring")).ShouldHaveSingleItem())!;
        ((string)told["expires_at"]!).ShouldStartWith("2026-03-30T12:00:00");
        ((long)told["remaining"]!["amount_micros"]!).ShouldBe(100);

        async Task<IReadOnlyList<OrgId>> Due(DateTimeOffset at) => await due.OrganisationsDue(at, null, 1_000, CancellationToken.None);
    }

    [Fact]
    public async Task A_grant_that_expired_before_anybody_looked_is_no_news()
    {
        var due = replica.Get<IEnumerable<IDueWork>>().Single(kind => kind.Name == "limits.expiring_grants");
        await Grant(replica.Get<Quoin.Ledger.Ledger>(), "gone", 100, Start.AddDays(2));

        await due.RunUpTo(acme.Id, Start.AddDays(3), CancellationToken.None);

        (await due.NextDue(acme.Id, CancellationToken.None)).ShouldBeNull();
        (await replica.News(acme.Id, "grant.expiring")).ShouldBeEmpty();
    }

    private async Task<IEnumerable<int>> Thresholds() =>
        (await replica.News(acme.Id, "limit.reached")).Select(news => (int)JsonNode.Parse(news)!["threshold_percent"]!).Order();

    private async Task<int> Low() => (await replica.News(acme.Id, "balance.low")).Count;

    private Task Watch() => replica.Get<Pumps>().RunUntilIdle("limits.watch", CancellationToken.None);

    private async Task SetAlert(long micros)
    {
        await using var command = database.Owner.Sql(
            "insert into limits.balance_alerts values ($1, $2, 'USD', $3, true, $4)",
            acme.Id.Value,
            acme.DefaultBillingAccount.Id.Value,
            micros,
            Start);
        await command.ExecuteNonQueryAsync();
    }

    private async Task Grant(Quoin.Ledger.Ledger ledger, string key, long micros, DateTimeOffset? expiresAt) =>
        (await ledger.RunTogether(
            [
                new CreateGrant(
                    acme.Id,
                    acme.DefaultBillingAccount.Id,
                    key,
                    new Money(micros, Currency.Usd),
                    GrantSource.Purchased,
                    Start,
                    "test") { ExpiresAt = expiresAt },
            ],
            CancellationToken.None))[0].ShouldBeOfType<GrantOutcome.Granted>();

    private Task Use(Quoin.Ledger.Ledger ledger, long micros, string key) => ledger.RunTogether(
        [
            new PostTransfer(new TransferRequest(
                acme.Id,
                acme.DefaultBillingAccount.Id,
                key,
                new BusinessFact.Usage(new Money(micros, Currency.Usd), PaymentTerms.Prepaid),
                Start,
                "test")),
        ],
        CancellationToken.None);
}
