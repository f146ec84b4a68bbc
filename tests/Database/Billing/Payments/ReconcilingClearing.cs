using System.Text.Json.Nodes;
using Quoin.Ledger;
using Quoin.Payments;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Payments;

public sealed class ReconcilingClearing(NewsHost host) : IClassFixture<NewsHost>
{
    [Fact]
    public async Task Comes_to_zero_when_what_was_paid_has_left_with_a_payout()
    {
        var org = await host.First.CreateOrganisation();
        var buyer = new Buyer(host, org.Id, org.BillingAccount, host.Provider.NewId("cus"));
        var payment = await buyer.Buy(10_000);
        (await Report(buyer))["is_matched"]!.GetValue<bool>().ShouldBeFalse();
        var payout = new ProviderPayout(
            host.Provider.NewId("po"), "paid", 9_680, "USD", host.Clock.GetUtcNow(), host.Clock.GetUtcNow());
        host.Provider.Moves.Add(new ProviderBalanceMove(
            host.Provider.NewId("txn"), "charge", 10_000, 320, "USD", payment.Charge, payout.Id, host.Clock.GetUtcNow()));
        host.Provider.KeptPayouts.Add(payout);

        await host.Tell("payout.paid", new ProviderEventSubject.Payout(payout));
        await host.RunJobs();
        await host.Tell("payout.paid", new ProviderEventSubject.Payout(payout));
        await host.RunJobs();

        (await buyer.Facts()).ShouldBe(["credit_purchased", "processor_fee", "payout"]);
        (await buyer.Balance(AccountKind.ProcessorClearing)).ShouldBe(0);
        (await buyer.Balance(AccountKind.Fees)).ShouldBe(-3_200_000);
        (await buyer.Balance(AccountKind.Bank)).ShouldBe(-96_800_000);
        var report = await Report(buyer);
        report["is_matched"]!.GetValue<bool>().ShouldBeTrue(report.ToJsonString());

        await host.Tell("payout.failed", new ProviderEventSubject.Payout(payout with { Status = "failed" }));
        await host.RunJobs();
        (await buyer.Balance(AccountKind.ProcessorClearing)).ShouldBe(-96_800_000);
    }

    /// <summary>What the simulation of payments found: such money stayed in the books for ever.</summary>
    [Fact]
    public async Task Books_what_a_payout_carried_of_whom_nobody_knew_when_it_was_booked()
    {
        var org = await host.First.CreateOrganisation();
        var buyer = new Buyer(host, org.Id, org.BillingAccount, host.Provider.NewId("cus"));
        var known = await buyer.Buy(10_000);
        var late = buyer.Payment() with { AmountMinor = 5_000 };
        var payout = new ProviderPayout(
            host.Provider.NewId("po"), "paid", 14_500, "USD", host.Clock.GetUtcNow(), host.Clock.GetUtcNow());
        foreach (var (charge, amount, fee) in new[] { (known.Charge, 10_000, 320), (late.Charge, 5_000, 180) })
        {
            host.Provider.Moves.Add(new ProviderBalanceMove(
                host.Provider.NewId("txn"), "charge", amount, fee, "USD", charge, payout.Id, host.Clock.GetUtcNow()));
        }

        host.Provider.KeptPayouts.Add(payout);
        host.Clock.Advance(TimeSpan.FromDays(20));
        await host.RunJobs();
        (await buyer.Balance(AccountKind.Bank)).ShouldBe(-96_800_000);

        await host.Tell("payment_intent.succeeded", new ProviderEventSubject.Payment(late));
        await host.Tell("invoice.paid", new ProviderEventSubject.Invoice(buyer.Invoice(payment: late.Id) with
        {
            DueMinor = 5_000,
            PaidMinor = 5_000,
        }));
        host.Clock.Advance(TimeSpan.FromHours(2));
        await host.RunJobs();
        await host.RunJobs(host.Second);

        (await buyer.Balance(AccountKind.ProcessorClearing)).ShouldBe(0);
        (await buyer.Balance(AccountKind.Fees)).ShouldBe(-5_000_000);
        (await buyer.Balance(AccountKind.Bank)).ShouldBe(-145_000_000);
    }

    /// <summary>What the simulation of payments found: a dispute all of whose news was lost was never heard of.</summary>
    [Fact]
    public async Task Asks_about_refunds_and_disputes_that_moved_money_and_of_which_no_news_came()
    {
        var org = await host.First.CreateOrganisation();
        var buyer = new Buyer(host, org.Id, org.BillingAccount, host.Provider.NewId("cus"));
        var (disputed, given) = (await buyer.Buy(2_500), await buyer.Buy(4_000));
        var now = host.Clock.GetUtcNow();
        var dispute = new ProviderDispute(
            host.Provider.NewId("du"), disputed.Id, disputed.Charge, "needs_response", "fraudulent", 2_500, "USD", now.AddDays(7),
            now, IsWithdrawn: true, IsReinstated: false);
        var refund = new ProviderRefund(
            host.Provider.NewId("re"), given.Id, given.Charge, ProviderRefundStatus.Succeeded, 500, "USD", null,
            new Dictionary<string, string>());
        (host.Provider.Disputes[dispute.Id], host.Provider.KeptRefunds[refund.Id]) = (dispute, refund);
        host.Provider.Moves.Add(new ProviderBalanceMove(
            host.Provider.NewId("txn"), "dispute", -2_500, 1_500, "USD", dispute.Id, null, now));
        host.Provider.Moves.Add(new ProviderBalanceMove(
            host.Provider.NewId("txn"), "refund", -500, 0, "USD", refund.Id, null, now));

        host.Clock.Advance(TimeSpan.FromHours(2));
        await host.RunJobs();

        (await buyer.Facts()).ShouldBe(
            ["credit_purchased", "credit_purchased", "chargeback", "credit_refunded", "processor_fee"], ignoreOrder: true);
        (await host.Ask(
            "select count(*) from payments.balance_moves where mode = 'test' and source in ($1, $2) and org_id is null",
            dispute.Id,
            refund.Id))
            .ShouldBe("0");
    }

    [Fact]
    public async Task Lists_what_the_provider_does_not_know()
    {
        var org = await host.First.CreateOrganisation();
        var buyer = new Buyer(host, org.Id, org.BillingAccount, host.Provider.NewId("cus"));
        var payment = await buyer.Buy(10_000);

        var report = await Report(buyer);

        var difference = report["differences"]!.AsArray().ShouldHaveSingleItem()!;
        ((string?)difference["source"]).ShouldBe(payment.Id);
        ((long)difference["books_minor"]!).ShouldBe(10_000);
        ((long)difference["provider_minor"]!).ShouldBe(0);
    }

    private async Task<JsonNode> Report(Buyer buyer)
    {
        using var client = await host.First.OperatorClient();
        client.DefaultRequestHeaders.Add("Quoin-Org", buyer.Org.ToString());
        return await client.GetJson("/v1/payments/clearing");
    }
}
