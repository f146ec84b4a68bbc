using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Payments;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Payments;

/// <summary>What customers may ask back, over HTTP, and what becomes of it; never more than is left of what they bought.</summary>
public sealed class AskingForARefund(NewsHost host) : IClassFixture<NewsHost>, IAsyncLifetime
{
    private const string Deciding = "usr_deciding";

    public Task InitializeAsync() => host.PricePlans();

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Is_in_review_until_somebody_else_decides_and_then_completed()
    {
        var (buyer, payment, client) = await Bought(2_500);
        using var customer = client;

        var offer = (await customer.GetJson("/v1/billing/refund-offers"))["data"]!.AsArray().ShouldHaveSingleItem()!;
        ((long)offer["most"]!["amount_micros"]!).ShouldBe(25_000_000);
        var asked = await Ok(await Ask(customer, payment, 15_000_000));
        ((string?)asked["status"]).ShouldBe("in_review");
        ((string?)(await Ok(await Ask(customer, payment, 15_000_000)))["id"]).ShouldBe((string?)asked["id"]);
        ((string?)(await Refused(await Ask(customer, payment, 5_000_000), "refund_not_offered"))["why"]).ShouldBe("asked");
        (await customer.GetJson("/v1/billing/refund-offers"))["data"]!.AsArray().ShouldBeEmpty();

        await Decide(buyer, asked, isApproved: true);
        await host.RunJobs();

        ((string?)(await Newest(customer))["status"]).ShouldBe("completed");
        (await buyer.Balance(AccountKind.Grants)).ShouldBe(10_000_000);
        (await buyer.Facts()).ShouldBe(["credit_purchased", "credit_refunded"]);
    }

    [Fact]
    public async Task Is_declined_with_the_reason_and_may_be_asked_again()
    {
        var (buyer, payment, client) = await Bought(2_500);
        using var customer = client;
        var asked = await Ok(await Ask(customer, payment, 10_000_000));

        await Decide(buyer, asked, isApproved: false);

        ((string?)(await Newest(customer))["status"]).ShouldBe("declined");
        await Ok(await Ask(customer, payment, 5_000_000));
        (await buyer.Facts()).ShouldBe(["credit_purchased"]);
    }

    [Fact]
    public async Task Is_never_of_credit_that_was_spent()
    {
        var (buyer, payment, client) = await Bought(2_500);
        using var customer = client;
        await Spend(buyer, 20_000_000);

        var spent = await Refused(await Ask(customer, payment, 10_000_000), "refund_credit_spent");
        ((long)spent["left"]!["amount_micros"]!).ShouldBe(5_000_000);
        var byOperator = await Request(buyer, payment, 10_000_000);
        byOperator.ShouldBeOfType<RefundOutcome.CreditSpent>().Left.Micros.ShouldBe(5_000_000);
        await Spend(buyer, 5_000_000);
        ((string?)(await Refused(await Ask(customer, payment, null), "refund_not_offered"))["why"]).ShouldBe("spent");

        (await buyer.Balance(AccountKind.Grants)).ShouldBe(0);
        (await buyer.Balance(AccountKind.Overdraft)).ShouldBe(0);
    }

    [Fact]
    public async Task Comes_to_nothing_when_the_credit_is_spent_before_it_is_sent()
    {
        var (buyer, payment, client) = await Bought(2_500);
        using var customer = client;
        var asked = await Ok(await Ask(customer, payment, 25_000_000));
        await Spend(buyer, 1_000_000);

        await Decide(buyer, asked, isApproved: true);
        await host.RunJobs();

        ((string?)(await Newest(customer))["status"]).ShouldBe("in_review");
        (await buyer.Balance(AccountKind.Grants)).ShouldBe(24_000_000);
        (await buyer.Balance(AccountKind.ProcessorClearing)).ShouldBe(-25_000_000);
        host.Provider.KeptRefunds.Values.ShouldAllBe(refund => refund.Payment != payment.Id);
    }

    [Fact]
    public async Task Goes_beyond_what_is_left_only_where_the_operator_says_so_and_then_it_is_owed()
    {
        var (buyer, payment, client) = await Bought(2_500);
        client.Dispose();
        await Spend(buyer, 20_000_000);
        await using var lenient = await TestHost.Start(host.Database, "api", host.Clock, configure: services =>
        {
            services.AddSingleton<IPaymentProviders>(
                built => new ScriptedProviders(host.Provider, built.GetRequiredService<Organisations>()));
            services.Replace(ServiceDescriptor.Singleton(new PaymentsOptions { RefundsSpentCredit = true }));
        });

        (await Request(buyer, payment, 10_000_000, lenient)).ShouldBeOfType<RefundOutcome.Standing>();
        await host.RunJobs(lenient);

        (await buyer.Facts()).ShouldBe(["credit_purchased", "usage_prepaid", "credit_returned"]);
        (await buyer.Findings()).ShouldBe("refund_beyond_credit");
        (await buyer.Balance(AccountKind.ProcessorClearing)).ShouldBe(-15_000_000);
    }

    [Fact]
    public async Task Is_too_late_after_the_time_the_operator_gives()
    {
        var (_, payment, client) = await Bought(2_500);
        using var customer = client;
        host.Clock.Advance(TimeSpan.FromDays(14));

        ((string?)(await Refused(await Ask(customer, payment, null), "refund_not_offered"))["why"]).ShouldBe("too_late");
        (await customer.GetJson("/v1/billing/refund-offers"))["data"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task Of_an_invoice_is_the_operators_to_give_and_forgives_what_was_owed_or_leaves_it_owed()
    {
        var (buyer, payment, client) = await Invoiced();
        using var customer = client;

        ((string?)(await Refused(await Ask(customer, payment, null), "refund_not_offered"))["why"]).ShouldBe("not_credit");
        (await Request(buyer, payment, 19_000_000, forgives: true)).ShouldBeOfType<RefundOutcome.Standing>();
        await host.RunJobs();
        (await buyer.Balance(AccountKind.Receivable)).ShouldBe(0);
        (await buyer.Balance(AccountKind.Revenue)).ShouldBe(30_000_000);
        (await Request(buyer, payment, 10_000_000, forgives: false)).ShouldBeOfType<RefundOutcome.Standing>();
        await host.RunJobs();

        (await buyer.Balance(AccountKind.Receivable)).ShouldBe(-10_000_000);
        (await buyer.Balance(AccountKind.Revenue)).ShouldBe(30_000_000);
        (await buyer.Balance(AccountKind.ProcessorClearing)).ShouldBe(-20_000_000);
        (await buyer.Facts()).ShouldBe(
            ["plan_period", "payment_received", "payment_refunded", "credit_note", "payment_refunded"], ignoreOrder: true);
    }

    private async Task<(Buyer Buyer, ProviderPayment Payment, HttpClient Client)> Bought(long minor)
    {
        var org = await host.First.CreateOrganisation(Settlement.Prepaid);
        var buyer = new Buyer(host, org.Id, org.BillingAccount, host.Provider.NewId("cus"));
        var payment = await buyer.Buy(minor);
        return (buyer, payment, await Customer(org.Id));
    }

    private async Task<(Buyer Buyer, ProviderPayment Payment, HttpClient Client)> Invoiced()
    {
        var buyer = await host.CreateBuyer();
        var made = buyer.Subscription();
        var subscription = made with { Items = [made.Items[0] with { Price = "price_starter" }] };
        host.Provider.KeptSubscriptions[subscription.Id] = subscription;
        host.Clock.Advance(TimeSpan.FromMinutes(7));
        await host.Tell("customer.subscription.created", new ProviderEventSubject.Subscription(subscription));
        var payment = buyer.Payment() with { AmountMinor = 4_900 };
        var invoice = buyer.Invoice(subscription: subscription.Id, payment: payment.Id) with
        {
            DueMinor = 4_900,
            PaidMinor = 4_900,
        };
        (host.Provider.KeptPayments[payment.Id], host.Provider.KeptInvoices[invoice.Id]) = (payment, invoice);
        await host.Tell("invoice.paid", new ProviderEventSubject.Invoice(invoice));
        await host.Tell("payment_intent.succeeded", new ProviderEventSubject.Payment(payment));
        await host.RunJobs();
        await buyer.RunPeriods();
        return (buyer, payment, await Customer(buyer.Org));
    }

    private async Task<HttpClient> Customer(OrgId org)
    {
        var client = await host.First.OperatorClient();
        client.DefaultRequestHeaders.Add("Quoin-Org", org.ToString());
        return client;
    }

    private async Task<HttpResponseMessage> Ask(HttpClient customer, ProviderPayment payment, long? micros) =>
        await customer.PostAsJsonAsync("/v1/billing/refunds", new
        {
            payment_id = (await IdOf(payment)).ToString(),
            reason = "unspent",
            amount = micros is { } some ? new { currency = "USD", amount_micros = some } : null,
        });

    private async Task<RefundOutcome> Request(
        Buyer buyer, ProviderPayment payment, long micros, TestHost? by = null, bool forgives = true) =>
        await (by ?? host.First).Get<Refunds>().Request(
            new NewRefund(
                buyer.Org, await IdOf(payment), new Money(micros, Currency.Usd), RefundKind.ProviderRefund, "unhappy")
            {
                Forgives = forgives,
            },
            "usr_asking",
            IdempotentRequest.None,
            CancellationToken.None);

    private async Task Decide(Buyer buyer, JsonNode asked, bool isApproved)
    {
        var (refunds, id) = (host.First.Get<Refunds>(), Id.Parse<RefundId>((string)asked["id"]!));
        var outcome = isApproved
            ? await refunds.Approve(buyer.Org, id, "fine", Deciding, CancellationToken.None)
            : await refunds.Reject(buyer.Org, id, "no", Deciding, CancellationToken.None);
        outcome.ShouldBeOfType<RefundOutcome.Standing>();
    }

    private async Task Spend(Buyer buyer, long micros) =>
        (await host.First.Get<Quoin.Ledger.Ledger>().Run(
            new PostTransfer(new TransferRequest(
                buyer.Org,
                buyer.Account,
                $"usage/{NewsHost.Ids.Next()}",
                new BusinessFact.Usage(new Money(micros, Currency.Usd), PaymentTerms.Prepaid),
                host.Clock.GetUtcNow(),
                "test")),
            CancellationToken.None)).ShouldBeOfType<PostOutcome.Posted>();

    private async Task<PaymentId> IdOf(ProviderPayment payment) => new(Guid.Parse((await host.Ask(
        "select payment_id from payments.payments where provider_payment_id = $1", payment.Id))!));

    private static async Task<JsonNode> Newest(HttpClient customer) =>
        (await customer.GetJson("/v1/billing/refunds"))["data"]![0]!;

    private static async Task<JsonNode> Ok(HttpResponseMessage answer)
    {
        using (answer)
        {
            var body = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
            answer.StatusCode.ShouldBe(HttpStatusCode.OK, body.ToJsonString());
            return body;
        }
    }

    private static async Task<JsonNode> Refused(HttpResponseMessage answer, string code)
    {
        using (answer)
        {
            var body = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
            ((string?)body["code"]).ShouldBe(code, body.ToJsonString());
            return body;
        }
    }
}
