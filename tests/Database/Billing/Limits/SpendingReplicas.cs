using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Limiting;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Limiting;

/// <summary>Two replicas on one database, and an organisation with credit that spends on both.</summary>
internal sealed class SpendingReplicas : IAsyncDisposable
{
    private static readonly TimeSpan GivenBackLongest = TimeSpan.FromSeconds(30);

    // One may just be made for the last who asked.
    private static readonly TimeSpan FreeShortest = TimeSpan.FromMilliseconds(300);

    private readonly TestDatabase database;
    private readonly SettableClock clock;

    public SpendingReplicas(TestDatabase database, SettableClock clock, Action<IServiceCollection>? configure = null)
    {
        (this.database, this.clock) = (database, clock);
        (First, Second) = (new LimitsReplica(database, clock, null, configure), new LimitsReplica(database, clock, null, configure));
    }

    public LimitsReplica First { get; }

    public LimitsReplica Second { get; }

    public OrganisationProfile Acme { get; private set; } = null!;

    public OrgId Org => Acme.Id;

    public async Task Open(long creditMicros = 1_000_000_000)
    {
        Acme = await First.CreateOrganisation();
        if (creditMicros > 0)
        {
            await Grant(creditMicros);
        }
    }

    public async Task Grant(long micros) => (await First.Get<Quoin.Ledger.Ledger>().Run(
        new CreateGrant(
            Org,
            Acme.DefaultBillingAccount.Id,
            new IdSource(TimeProvider.System).Next().ToString(),
            Usd(micros),
            GrantSource.Purchased,
            clock.GetUtcNow(),
            "test"),
        CancellationToken.None)).ShouldBeOfType<GrantOutcome.Granted>();

    public static Money Usd(long micros) => new(micros, Currency.Usd);

    public SpendRequest Request(string key, long most, params SpendScope[] scopes) => new(
        Org,
        Acme.DefaultBillingAccount.Id,
        key,
        scopes,
        Usd(most),
        null,
        SpendPosture.Hard,
        TimeSpan.FromMinutes(1),
        "a call",
        """{"request":"1"}""");

    public Task<SpendOutcome> Reserve(SpendRequest request, LimitsReplica? on = null) =>
        (on ?? First).Get<Spending>().Reserve(request, CancellationToken.None).AsTask();

    public async Task<SpendOutcome.Reserved> Reserved(SpendRequest request) =>
        (await Reserve(request)).ShouldBeOfType<SpendOutcome.Reserved>();

    public async Task<Budget> Budget(
        SpendScope scope, long micros, BudgetWindow? window = null, SpendPosture posture = SpendPosture.Hard)
    {
        var outcome = await First.Get<Budgets>().Create(
            Org, new NewBudget(scope, Usd(micros), window ?? BudgetWindow.Month, posture), "test", CancellationToken.None);
        return outcome.ShouldBeOfType<BudgetOutcome.Kept>().Budget;
    }

    public async Task<BudgetStanding> Standing(BudgetId budget) =>
        (await Second.Get<Budgets>().Find(Org, budget, CancellationToken.None)).ShouldNotBeNull();

    public Task<SpendChange> Cancel(string key, LimitsReplica? on = null) =>
        (on ?? First).Get<Spending>().Cancel(Org, key, CancellationToken.None).AsTask();

    public Task<SpendChange> Renew(string key, TimeSpan heldFor, string? details = null) =>
        First.Get<Spending>().Renew(Org, key, heldFor, details, CancellationToken.None).AsTask();

    public async Task<SpendChange> Settle(string key, decimal micros, LimitsReplica? on = null) =>
        (await (on ?? First).InTransaction(transaction => (on ?? First).Get<Spending>().SettleWithin(
            transaction, [new SpendSettlement(Org, key, micros)], CancellationToken.None)))[0];

    /// <summary>What holds reserve now.</summary>
    public async Task<long> Held() => (await First.Get<Quoin.Ledger.Ledger>().Holds(
        Org, new HoldFilter(null, HoldState.Open), null, 500, CancellationToken.None)).Sum(hold => hold.Parts.Sum(part => part.Micros));

    private const string FreeSql = """
        select coalesce((
                select sum(amount_micros)
                from limits.spend_reservations
                where org_id = $1
                    and key like 'allowance:%'
                    and ended_at is null), 0)
            - coalesce((select sum(amount_micros) from limits.spend_draws where org_id = $1), 0)
        """;

    /// <summary>
    /// Waits until what was reserved ahead is given back, but for what is drawn on it: as soon as nobody draws, by the
    /// machine's own time.
    /// </summary>
    public async Task GivenBack()
    {
        var (waited, isFreeSince) = (Stopwatch.StartNew(), Stopwatch.StartNew());
        while (isFreeSince.Elapsed < FreeShortest)
        {
            if (await Free() > 0)
            {
                isFreeSince.Restart();
            }

            waited.Elapsed.ShouldBeLessThan(GivenBackLongest, "What was reserved ahead is still reserved.");
        }
    }

    private async Task<decimal> Free()
    {
        await using var command = database.Owner.CreateCommand(FreeSql);
        command.Parameters.AddWithValue(Org.Value);
        return (decimal)(await command.ExecuteScalarAsync())!;
    }

    public async ValueTask DisposeAsync()
    {
        await First.DisposeAsync();
        await Second.DisposeAsync();
    }
}
