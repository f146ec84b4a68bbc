using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Payments;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Payments;

public sealed class ForgettingRequests(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private readonly SettableClock clock = new(new DateTimeOffset(2026, 4, 1, 12, 0, 0, TimeSpan.Zero));
    private PaymentsReplica replica = null!;
    private ScriptedProvider provider = null!;
    private BillingAccountProfile account = null!;

    public async Task InitializeAsync()
    {
        provider = new ScriptedProvider(clock);
        replica = new PaymentsReplica(database, clock, provider);
        account = await replica.CreateAccount();
        await replica.PricePlan();
    }

    public async Task DisposeAsync() => await replica.DisposeAsync();

    [Fact]
    public async Task Forgets_what_is_finished_and_old_and_never_makes_it_twice()
    {
        await replica.PayOnce(account, "k1");
        await replica.Execute(
            "update payments.checkouts set status = 'completed_reconciled' where org_id = $1", account.OrganisationId.Value);
        clock.Advance(TimeSpan.FromDays(30));
        await Forget();
        (await Kept()).ShouldBe(1);

        clock.Advance(TimeSpan.FromDays(2));
        await Forget();

        (await Kept()).ShouldBe(0);
        (await replica.CheckoutsOf(account)).ShouldHaveSingleItem()["request_id"].ShouldBeNull();
        (await replica.PayOnce(account, "k1")).ShouldBeRefused(PaymentsProblems.CheckoutRecoveryWindowElapsed);
        provider.CallsOf("CreateCheckout").Count.ShouldBe(1);
    }

    /// <summary>What the simulation of payments found: the purchase is kept, and the key ended as an error for ever.</summary>
    [Fact]
    public async Task Refuses_the_key_of_a_forgotten_purchase_of_credit()
    {
        (await TopUp()).ShouldBeOpened();
        await replica.Execute(
            "update payments.checkouts set status = 'expired' where org_id = $1", account.OrganisationId.Value);
        clock.Advance(TimeSpan.FromDays(32));
        await Forget();

        (await TopUp()).ShouldBeRefused(PaymentsProblems.CheckoutRecoveryWindowElapsed);
        provider.CallsOf("CreateCheckout").Count.ShouldBe(1);
    }

    [Fact]
    public async Task Keeps_what_is_pending_or_still_in_the_way()
    {
        await replica.Buy(account, "k1");
        await replica.Execute(
            "update payments.checkouts set status = 'completed_pending_subscription' where org_id = $1",
            account.OrganisationId.Value);
        provider.Next("CreateCheckout", new ScriptedStep(ScriptedEnding.LostRequest));
        await replica.PayOnce(account, "k2");
        clock.Advance(TimeSpan.FromDays(90));

        await Forget();

        (await Kept()).ShouldBe(2);
    }

    private Task<PaymentRequestOutcome> TopUp() => replica.Get<TopUps>().Open(
        new NewTopUp(account, MinorUnits.ToMoney(1_000, Currency.Usd), "/done", "/cancelled"),
        "t1",
        "usr_test",
        CancellationToken.None);

    private Task<int> Forget() => replica.Recovery.ForgetOld(CancellationToken.None);

    private async Task<int> Kept() => (await replica.Rows(
        "select row_to_json(r)::text from payments.requests r where org_id = $1", account.OrganisationId.Value)).Count;
}
