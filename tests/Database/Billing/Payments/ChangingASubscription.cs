using System.Text.Json.Nodes;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Payments;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Payments;

public sealed class ChangingASubscription(NewsHost host) : IClassFixture<NewsHost>, IAsyncLifetime
{
    public Task InitializeAsync() => host.PricePlans();

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Takes_a_dearer_plan_at_once_from_the_quarter_hour_the_provider_counts_from()
    {
        var (buyer, subscription) = await Subscribed();
        host.Clock.Set(QuarterHour.Of(host.Clock.GetUtcNow().AddDays(3)).AddMinutes(14));
        var asked = host.Clock.GetUtcNow();

        var answer = await Ask(buyer, "up", SubscriptionChangeKind.Plan, "growth");
        ((string?)answer["mode"]).ShouldBe("applied");
        (await buyer.Plan())!.Plan!.Id.ShouldBe(MoneyTests.Starter);
        host.Clock.Advance(TimeSpan.FromMinutes(3));
        await Tell(buyer, host.Provider.KeptSubscriptions[subscription.Id]);

        var plan = (await buyer.Plan())!;
        plan.Plan!.Id.ShouldBe(MoneyTests.Growth);
        plan.InForce.Start.ShouldBe(QuarterHour.Of(asked));
    }

    /// <summary>
    /// The books count the difference to the micro and from quarter hours, the provider in whole cents and from the second
    /// its period began. What is between stays the account's, as receivable or as paid too much: at most a cent and the
    /// difference of a quarter hour for each change.
    /// </summary>
    [Theory]
    [InlineData(3)]
    [InlineData(11)]
    [InlineData(20)]
    public async Task Leaves_a_quarter_hours_difference_at_most_between_the_providers_proration_and_the_books(int days)
    {
        var (buyer, subscription) = await Subscribed();
        await Pay(buyer, subscription, 4_900);
        host.Clock.Set(QuarterHour.Of(host.Clock.GetUtcNow().AddDays(days)).AddMinutes(days));
        var at = QuarterHour.Of(host.Clock.GetUtcNow());

        await Ask(buyer, "up", SubscriptionChangeKind.Plan, "growth");
        await Tell(buyer, host.Provider.KeptSubscriptions[subscription.Id]);
        var left = (subscription.PeriodEnd!.Value - at) / (subscription.PeriodEnd!.Value - subscription.PeriodStart!.Value);
        var charged = (long)Math.Round(19_900 * left) - (long)Math.Round(4_900 * left);
        await Pay(buyer, subscription, charged);
        await host.RunJobs();
        await buyer.RunPeriods();

        (await buyer.Balance(AccountKind.ProcessorClearing)).ShouldBe(-(4_900 + charged) * 10_000);
        var quarterHour = (long)(150_000_000 / (subscription.PeriodEnd!.Value - subscription.PeriodStart!.Value).TotalMinutes * 15);
        Math.Abs(await buyer.Balance(AccountKind.Receivable)).ShouldBeLessThanOrEqualTo(10_000 + quarterHour);
        (await buyer.Balance(AccountKind.Revenue)).ShouldBe(
            ((4_900 + charged) * 10_000) - await buyer.Balance(AccountKind.Receivable));
    }

    [Theory]
    [InlineData("year", 1)]
    [InlineData("month", 3)]
    [InlineData("week", 1)]
    public async Task Is_refused_for_a_price_of_another_interval_than_fees_have(string interval, int count)
    {
        var (buyer, _) = await Subscribed();
        await host.Run(
            "update payments.plan_prices set interval_unit = $2, interval_count = $3 where plan_version_id = $1",
            MoneyTests.Growth.Value,
            interval,
            count);
        try
        {
            (await Request(buyer, "up", SubscriptionChangeKind.Plan, "growth"))
                .ShouldBeOfType<PaymentRequestOutcome.Refused>().Code.ShouldBe("checkout_configuration_invalid");
            var account = await host.First.Get<Organisations>().FindBillingAccount(buyer.Org, buyer.Account, CancellationToken.None);
            var plans = await host.First.Get<CustomerBilling>().Plans(account!, CancellationToken.None);
            plans.Plans.Single(plan => plan.Plan == "growth").SellablePrice.ShouldBeNull();
        }
        finally
        {
            await host.Run(
                "update payments.plan_prices set interval_unit = 'month', interval_count = 1 where plan_version_id = $1",
                MoneyTests.Growth.Value);
        }
    }

    [Fact]
    public async Task Takes_a_cheaper_plan_when_the_period_ends()
    {
        var (buyer, subscription) = await Subscribed("price_growth");

        var answer = await Ask(buyer, "down", SubscriptionChangeKind.Plan, "starter");
        await Tell(buyer, host.Provider.KeptSubscriptions[subscription.Id]);

        ((string?)answer["mode"]).ShouldBe("scheduled");
        (await buyer.Plan())!.Plan!.Id.ShouldBe(MoneyTests.Growth);
        (await buyer.Plan())!.InForce.End.ShouldBe(QuarterHour.Of(subscription.PeriodEnd!.Value));
    }

    [Fact]
    public async Task Asks_once_for_a_key_whatever_was_lost()
    {
        using var heard = host.Hear();
        var (buyer, subscription) = await Subscribed();
        host.Provider.Next("ChangeSubscription", new ScriptedStep(ScriptedEnding.LostAnswer));

        (await Request(buyer, "cancel", SubscriptionChangeKind.Cancel, null))
            .ShouldBeOfType<PaymentRequestOutcome.Refused>().Code.ShouldBe("request_in_progress");
        host.Clock.Advance(TimeSpan.FromSeconds(121));
        var answer = await Ask(buyer, "cancel", SubscriptionChangeKind.Cancel, null);
        var again = await Ask(buyer, "cancel", SubscriptionChangeKind.Cancel, null);

        ((string?)answer["mode"]).ShouldBe("scheduled");
        again.ToJsonString().ShouldBe(answer.ToJsonString());
        host.Provider.KeptSubscriptions[subscription.Id].EndsWithPeriod.ShouldBeTrue();
        (await Request(buyer, "cancel", SubscriptionChangeKind.Pause, null))
            .ShouldBeOfType<PaymentRequestOutcome.Refused>().Code.ShouldBe("idempotency_conflict");
        heard.Codes.ShouldContain("BILLING_SUBSCRIPTION_CHANGE_INDETERMINATE_PROVIDER_OUTCOME");
    }

    [Fact]
    public async Task Keeps_a_refusal_of_the_provider()
    {
        using var heard = host.Hear();
        var (buyer, subscription) = await Subscribed();
        host.Provider.Next("ChangeSubscription", new ScriptedStep(ScriptedEnding.Rejected));

        (await Request(buyer, "no", SubscriptionChangeKind.Cancel, null))
            .ShouldBeOfType<PaymentRequestOutcome.Refused>().Code.ShouldBe("checkout_provider_error");

        host.Provider.KeptSubscriptions[subscription.Id].EndsWithPeriod.ShouldBeFalse();
        heard.Codes.ShouldContain("BILLING_SUBSCRIPTION_CHANGE_PROVIDER_ERROR");
    }

    /// <summary>A price that somebody changed at the provider sells no change either.</summary>
    [Fact]
    public async Task Fails_closed_where_the_price_is_not_the_plans()
    {
        var (buyer, _) = await Subscribed();
        await host.Run("update payments.plan_prices set amount_minor = 1 where provider_price_id = 'price_growth'");

        (await Request(buyer, "cheap", SubscriptionChangeKind.Plan, "growth"))
            .ShouldBeOfType<PaymentRequestOutcome.Refused>().Code.ShouldBe("checkout_configuration_invalid");

        await host.Run("update payments.plan_prices set amount_minor = 19900 where provider_price_id = 'price_growth'");
    }

    [Fact]
    public async Task Ends_with_the_period_while_it_pauses_and_goes_on_without_a_fee_until_the_next_one()
    {
        var (buyer, subscription) = await Subscribed();

        await Ask(buyer, "pause", SubscriptionChangeKind.Pause, null);
        await Tell(buyer, host.Provider.KeptSubscriptions[subscription.Id]);
        (await buyer.Plan())!.InForce.End.ShouldBe(QuarterHour.Of(subscription.PeriodEnd!.Value));
        host.Clock.Set(subscription.PeriodEnd!.Value.AddDays(5));
        await Ask(buyer, "unpause", SubscriptionChangeKind.Unpause, null);
        await Tell(buyer, host.Provider.KeptSubscriptions[subscription.Id] with
        {
            PeriodStart = subscription.PeriodEnd,
            PeriodEnd = subscription.PeriodStart!.Value.AddMonths(2),
        });

        (await buyer.Plan())!.Plan!.Id.ShouldBe(MoneyTests.Starter);
        (await buyer.Balance(AccountKind.Revenue)).ShouldBe(49_000_000);
    }

    [Fact]
    public async Task Is_refused_without_a_subscription_or_for_a_plan_nobody_sells()
    {
        var org = await host.First.CreateOrganisation();
        var nobody = new Buyer(host, org.Id, org.BillingAccount, host.Provider.NewId("cus"));
        var (buyer, _) = await Subscribed();

        (await Request(nobody, "none", SubscriptionChangeKind.Cancel, null))
            .ShouldBeOfType<PaymentRequestOutcome.Refused>().Code.ShouldBe("portal_subscription_required");
        (await Request(buyer, "none", SubscriptionChangeKind.Plan, "golden"))
            .ShouldBeOfType<PaymentRequestOutcome.Refused>().Code.ShouldBe("checkout_plan_not_found");
        (await Request(buyer, "named", SubscriptionChangeKind.Cancel, "growth"))
            .ShouldBeOfType<PaymentRequestOutcome.Invalid>();
    }

    private async Task<(Buyer Buyer, ProviderSubscription Subscription)> Subscribed(string price = "price_starter")
    {
        var buyer = await host.CreateBuyer();
        var made = buyer.Subscription();
        var subscription = made with { Items = [made.Items[0] with { Price = price }] };
        await Tell(buyer, subscription);
        return (buyer, subscription);
    }

    private async Task Pay(Buyer buyer, ProviderSubscription subscription, long minor)
    {
        var payment = buyer.Payment(named: false) with { AmountMinor = minor };
        var invoice = buyer.Invoice(subscription: subscription.Id, payment: payment.Id, named: false) with
        {
            DueMinor = minor,
            PaidMinor = minor,
        };
        (host.Provider.KeptPayments[payment.Id], host.Provider.KeptInvoices[invoice.Id]) = (payment, invoice);
        await host.Tell("invoice.paid", new ProviderEventSubject.Invoice(invoice));
        await host.Tell("payment_intent.succeeded", new ProviderEventSubject.Payment(payment));
    }

    private async Task Tell(Buyer buyer, ProviderSubscription said)
    {
        host.Provider.KeptSubscriptions[said.Id] = said;
        await host.Tell("customer.subscription.updated", new ProviderEventSubject.Subscription(said));
        await host.RunJobs();
        await buyer.RunPeriods();
    }

    private async Task<JsonNode> Ask(Buyer buyer, string key, SubscriptionChangeKind kind, string? plan) =>
        JsonNode.Parse((await Request(buyer, key, kind, plan)).ShouldBeOfType<PaymentRequestOutcome.Answered>().Response)!;

    private async Task<PaymentRequestOutcome> Request(Buyer buyer, string key, SubscriptionChangeKind kind, string? plan)
    {
        var account = await host.First.Get<Organisations>().FindBillingAccount(buyer.Org, buyer.Account, CancellationToken.None);
        return await host.First.Get<SubscriptionChanges>().Ask(
            new NewSubscriptionChange(account!, kind, plan), key, "usr_test", CancellationToken.None);
    }
}
