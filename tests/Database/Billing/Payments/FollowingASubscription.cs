using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Payments;
using Quoin.Pricing;

namespace Quoin.Tests.Database.Billing.Payments;

public sealed class FollowingASubscription(NewsHost host) : IClassFixture<NewsHost>, IAsyncLifetime
{
    private static readonly TimeSpan SomeMinutes = TimeSpan.FromMinutes(7);

    public Task InitializeAsync() => host.PricePlans();

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Charges_and_settles_a_plan_bought_and_renewed_twice_once_a_period()
    {
        var buyer = await host.CreateBuyer();
        var subscription = await Subscribe(buyer, "price_starter");
        var start = subscription.PeriodStart!.Value;

        foreach (var month in Enumerable.Range(1, 2))
        {
            host.Clock.Set(start.AddMonths(month) + SomeMinutes);
            await Renew(buyer, subscription, month);
        }

        (await buyer.Facts()).Where(fact => fact is "plan_period" or "payment_received").ShouldBe(
            ["plan_period", "payment_received", "plan_period", "payment_received", "plan_period", "payment_received"],
            ignoreOrder: true);
        (await buyer.Balance(AccountKind.Revenue)).ShouldBe(147_000_000);
        (await buyer.Balance(AccountKind.Receivable)).ShouldBe(0);
        (await buyer.Balance(AccountKind.ProcessorClearing)).ShouldBe(-147_000_000);
        (await buyer.Plan())!.Anchor.ShouldBe(QuarterHour.Of(start));
        (await buyer.State()).ShouldBe("active");
    }

    [Fact]
    public async Task Comes_to_the_same_when_news_comes_twice_and_the_wrong_way_round()
    {
        var buyer = await host.CreateBuyer();
        var subscription = At("price_starter", buyer.Subscription());
        var (bare, payment) = Billed(buyer, subscription, "price_starter");
        var invoice = bare with { Metadata = buyer.Metadata() };

        await host.Tell("invoice.paid", new ProviderEventSubject.Invoice(invoice));
        await host.Tell("customer.subscription.updated", new ProviderEventSubject.Subscription(subscription));
        await host.Tell("invoice.paid", new ProviderEventSubject.Invoice(invoice));
        await host.Tell("payment_intent.succeeded", new ProviderEventSubject.Payment(payment));
        await host.Tell("customer.subscription.created", new ProviderEventSubject.Subscription(subscription));
        await Settle(buyer);
        await Settle(buyer);

        (await buyer.Facts()).ShouldBe(["payment_received", "plan_period"], ignoreOrder: true);
        (await buyer.Balance(AccountKind.Receivable)).ShouldBe(0);
    }

    [Fact]
    public async Task Is_past_due_after_a_failed_payment_and_active_once_it_is_paid()
    {
        var buyer = await host.CreateBuyer();
        var subscription = await Subscribe(buyer, "price_starter");

        await Change(buyer, subscription with { Status = "past_due" });
        (await buyer.State()).ShouldBe("past_due");
        (await buyer.Plan())!.Plan!.Id.ShouldBe(MoneyTests.Starter);
        await Change(buyer, subscription);

        (await buyer.State()).ShouldBe("active");
    }

    [Fact]
    public async Task Stays_active_for_the_grace_the_operator_gives_and_is_past_due_after_it()
    {
        var buyer = await host.CreateBuyer();
        var late = (await Subscribe(buyer, "price_starter")) with { Status = "past_due" };
        await using var lenient = await host.Start(new PaymentsOptions { PastDueGrace = TimeSpan.FromDays(3) });
        host.Provider.KeptSubscriptions[late.Id] = late;
        await host.Deliver(host.Event("customer.subscription.updated", new ProviderEventSubject.Subscription(late)));
        await host.Process(lenient);
        await host.RunJobs(lenient);

        host.Clock.Advance(TimeSpan.FromDays(3) - SomeMinutes);
        await host.RunJobs(lenient);
        (await buyer.State()).ShouldBe("active");
        host.Clock.Advance(SomeMinutes);
        await host.RunJobs(lenient);

        (await buyer.State()).ShouldBe("past_due");
    }

    [Fact]
    public async Task Ends_with_the_period_when_it_was_cancelled_and_goes_on_when_that_is_taken_back()
    {
        var buyer = await host.CreateBuyer();
        var subscription = await Subscribe(buyer, "price_starter");

        await Change(buyer, subscription with { EndsWithPeriod = true });
        (await buyer.Plan())!.InForce.End.ShouldBe(QuarterHour.Of(subscription.PeriodEnd!.Value));
        await Change(buyer, subscription);
        (await buyer.Plan())!.InForce.End.ShouldBe(DateTimeOffset.MaxValue);

        await Change(buyer, subscription with { EndsWithPeriod = true });
        host.Clock.Set(subscription.PeriodEnd!.Value + SomeMinutes);
        await Change(buyer, subscription with
        {
            EndsWithPeriod = true,
            Status = "canceled",
            EndedAt = subscription.PeriodEnd,
        });

        (await buyer.Plan()).ShouldBeNull();
        (await buyer.State()).ShouldBe("canceled");
        (await buyer.Facts()).ShouldBe(["payment_received", "plan_period"], ignoreOrder: true);
        (await buyer.Balance(AccountKind.Receivable)).ShouldBe(0);
    }

    /// <summary>What the simulation of payments found: it was ended a month later each time, and never followed.</summary>
    [Fact]
    public async Task Ends_where_its_period_did_when_that_is_heard_only_afterwards()
    {
        var buyer = await host.CreateBuyer();
        var subscription = await Subscribe(buyer, "price_starter");
        host.Clock.Set(subscription.PeriodEnd!.Value.AddDays(1));

        await Change(buyer, subscription with { EndsWithPeriod = true });

        (await buyer.Plan()).ShouldBeNull();
        (await buyer.Findings()).ShouldBeNullOrEmpty();
        (await buyer.Balance(AccountKind.Receivable)).ShouldBe(0);
    }

    [Fact]
    public async Task Keeps_what_was_paid_when_it_is_ended_at_once()
    {
        var buyer = await host.CreateBuyer();
        var subscription = await Subscribe(buyer, "price_starter");
        host.Clock.Advance(TimeSpan.FromDays(3));

        await Change(buyer, subscription with { Status = "canceled", EndedAt = host.Clock.GetUtcNow() });

        (await buyer.Plan())!.InForce.End.ShouldBe(QuarterHour.Of(subscription.PeriodEnd!.Value));
        (await buyer.Balance(AccountKind.Receivable)).ShouldBe(0);
    }

    [Fact]
    public async Task Takes_a_dearer_plan_at_once_and_a_cheaper_one_when_the_period_ends()
    {
        var buyer = await host.CreateBuyer();
        var subscription = await Subscribe(buyer, "price_starter");
        host.Clock.Advance(TimeSpan.FromDays(3));

        await Change(buyer, At("price_growth", subscription));
        (await buyer.Plan())!.Plan!.Id.ShouldBe(MoneyTests.Growth);
        await Change(buyer, At("price_starter", subscription));
        (await buyer.Plan())!.Plan!.Id.ShouldBe(MoneyTests.Growth);
        (await buyer.Plan())!.InForce.End.ShouldBe(QuarterHour.Of(subscription.PeriodEnd!.Value));
        await Change(buyer, At("price_growth", subscription));

        (await buyer.Plan())!.InForce.End.ShouldBe(DateTimeOffset.MaxValue);
    }

    /// <summary>What the simulation of payments found: what is heard of later than plans reach back was never followed.</summary>
    [Fact]
    public async Task Takes_a_dearer_plan_from_as_early_as_plans_reach_back()
    {
        var buyer = await host.CreateBuyer();
        var subscription = await Subscribe(buyer, "price_starter");
        await host.Run(
            "update payments.followed_accounts set changes_to = $2, changes_at = $3 where org_id = $1",
            buyer.Org.Value,
            MoneyTests.Growth.Value,
            subscription.PeriodStart!.Value.AddHours(1));

        host.Clock.Set(subscription.PeriodStart.Value.AddMonths(2) + SomeMinutes);
        await Change(buyer, At("price_growth", subscription) with
        {
            PeriodStart = subscription.PeriodStart.Value.AddMonths(2),
            PeriodEnd = subscription.PeriodStart.Value.AddMonths(3),
        });

        (await buyer.Plan())!.Plan!.Id.ShouldBe(MoneyTests.Growth);
        (await buyer.Findings()).ShouldBeNull();
    }

    [Fact]
    public async Task Charges_a_trial_nothing_and_then_whole_months()
    {
        var buyer = await host.CreateBuyer();
        var made = At("price_starter", buyer.Subscription(status: "trialing"));
        var trialEnd = made.PeriodStart!.Value.AddDays(10);
        var subscription = made with { TrialEnd = trialEnd, PeriodEnd = trialEnd };
        await Change(buyer, subscription);
        (await buyer.Facts()).ShouldBeEmpty();

        host.Clock.Set(trialEnd + SomeMinutes);
        await Change(buyer, subscription with
        {
            Status = "active",
            PeriodStart = trialEnd,
            PeriodEnd = trialEnd.AddMonths(1),
        });

        (await buyer.Balance(AccountKind.Revenue)).ShouldBe(49_000_000);
        (await buyer.State()).ShouldBe("active");
    }

    private async Task<ProviderSubscription> Subscribe(Buyer buyer, string price)
    {
        var subscription = At(price, buyer.Subscription());
        var (invoice, payment) = Billed(buyer, subscription, price);
        host.Clock.Advance(SomeMinutes);
        await host.Tell("customer.subscription.created", new ProviderEventSubject.Subscription(subscription));
        await host.Tell("payment_intent.succeeded", new ProviderEventSubject.Payment(payment));
        await host.Tell("invoice.paid", new ProviderEventSubject.Invoice(invoice));
        await Settle(buyer);
        return subscription with { LatestInvoice = invoice.Id };
    }

    private async Task Renew(Buyer buyer, ProviderSubscription subscription, int month)
    {
        var renewed = subscription with
        {
            PeriodStart = subscription.PeriodStart!.Value.AddMonths(month),
            PeriodEnd = subscription.PeriodStart!.Value.AddMonths(month + 1),
        };
        var (invoice, payment) = Billed(buyer, renewed, "price_starter");
        await host.Tell("invoice.paid", new ProviderEventSubject.Invoice(invoice));
        await host.Tell("payment_intent.succeeded", new ProviderEventSubject.Payment(payment));
        await Change(buyer, renewed);
        await host.Tell("invoice.paid", new ProviderEventSubject.Invoice(invoice));
    }

    private async Task Change(Buyer buyer, ProviderSubscription said)
    {
        host.Provider.KeptSubscriptions[said.Id] = said;
        await host.Tell("customer.subscription.updated", new ProviderEventSubject.Subscription(said));
        await Settle(buyer);
    }

    private async Task Settle(Buyer buyer)
    {
        await host.RunJobs();
        await buyer.RunPeriods();
    }

    private static ProviderSubscription At(string price, ProviderSubscription subscription) =>
        subscription with { Items = [subscription.Items[0] with { Price = price }] };

    private (ProviderInvoice Invoice, ProviderPayment Payment) Billed(
        Buyer buyer, ProviderSubscription subscription, string price)
    {
        var minor = price == "price_starter" ? 4_900 : 19_900;
        var payment = buyer.Payment(named: false) with { AmountMinor = minor };
        var invoice = buyer.Invoice(subscription: subscription.Id, payment: payment.Id, named: false) with
        {
            DueMinor = minor,
            PaidMinor = minor,
        };
        host.Provider.KeptPayments[payment.Id] = payment;
        host.Provider.KeptInvoices[invoice.Id] = invoice;
        return (invoice, payment);
    }
}
