using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Payments;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Payments;

public sealed class GivingBack(NewsHost host) : IClassFixture<NewsHost>
{
    private const string Asking = "usr_asking";
    private const string Deciding = "usr_deciding";

    [Fact]
    public async Task Takes_part_of_a_purchase_from_its_grant_and_asks_the_provider_once()
    {
        var (buyer, payment) = await Bought(2_500);

        var refund = await Ask(buyer, payment, 1_000);
        await host.RunJobs();
        await host.RunJobs();

        refund.Status.ShouldBe(RefundStatus.Approved);
        (await Show(buyer, refund.Id)).Progress.ShouldBe(RefundProgress.Completed);
        (await buyer.Facts()).ShouldBe(["credit_purchased", "credit_refunded"]);
        (await buyer.Balance(AccountKind.Grants)).ShouldBe(15_000_000);
        (await buyer.Balance(AccountKind.ProcessorClearing)).ShouldBe(-15_000_000);
        (await PurchaseStatus(buyer)).ShouldBe("partially_refunded");
        host.Provider.KeptRefunds.Values.Count(one => one.Payment == payment.Id).ShouldBe(1);
    }

    [Fact]
    public async Task Is_asked_again_with_the_same_key_when_the_answer_was_lost()
    {
        var (buyer, payment) = await Bought(2_500);
        host.Provider.Next("Refund", new ScriptedStep(ScriptedEnding.LostAnswer));

        var refund = await Ask(buyer, payment, null);
        await host.RunJobs();
        (await Show(buyer, refund.Id)).Status.ShouldBe(RefundStatus.Processing);
        host.Clock.Advance(TimeSpan.FromMinutes(1));
        await host.RunJobs();

        (await Show(buyer, refund.Id)).Status.ShouldBe(RefundStatus.Succeeded);
        host.Provider.KeptRefunds.Values.Count(one => one.Payment == payment.Id).ShouldBe(1);
        (await buyer.Balance(AccountKind.ProcessorClearing)).ShouldBe(0);
        (await PurchaseStatus(buyer)).ShouldBe("refunded");
    }

    [Fact]
    public async Task Is_never_more_than_was_paid_even_when_two_ask_at_once()
    {
        var (buyer, payment) = await Bought(2_500);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Request(buyer, payment, 1_000)));

        outcomes.OfType<RefundOutcome.Standing>().Count().ShouldBe(2);
        outcomes.OfType<RefundOutcome.TooMuch>().Select(one => one.Left.Micros).ShouldAllBe(left => left == 5_000_000);
    }

    [Fact]
    public async Task Needs_somebody_else_when_it_is_large_and_never_who_asked()
    {
        var (buyer, payment) = await Bought(50_000);
        var refund = await Ask(buyer, payment, 20_000);
        var refunds = host.First.Get<Refunds>();

        refund.Status.ShouldBe(RefundStatus.Requested);
        (await refunds.Approve(buyer.Org, refund.Id, "fine", Asking, CancellationToken.None))
            .ShouldBeOfType<RefundOutcome.SecondPersonNeeded>();
        await host.RunJobs();
        (await buyer.Facts()).ShouldBe(["credit_purchased"]);
        (await refunds.Approve(buyer.Org, refund.Id, "fine", Deciding, CancellationToken.None))
            .ShouldBeOfType<RefundOutcome.Standing>();
        await host.RunJobs();

        (await buyer.Facts()).ShouldBe(["credit_purchased", "credit_refunded"]);
        (await refunds.Reject(buyer.Org, refund.Id, "no", Deciding, CancellationToken.None))
            .ShouldBeOfType<RefundOutcome.Refused>();
    }

    [Fact]
    public async Task Puts_the_credit_back_when_the_provider_fails_and_may_be_tried_again()
    {
        var (buyer, payment) = await Bought(2_500);
        host.Provider.Next("Refund", new ScriptedStep(ScriptedEnding.Rejected));

        var refund = await Ask(buyer, payment, 1_000);
        await host.RunJobs();
        (await Show(buyer, refund.Id)).Status.ShouldBe(RefundStatus.Failed);
        (await buyer.Balance(AccountKind.Grants)).ShouldBe(25_000_000);
        await host.First.Get<Refunds>().Retry(buyer.Org, refund.Id, Asking, CancellationToken.None);
        await host.RunJobs();

        (await Show(buyer, refund.Id)).Status.ShouldBe(RefundStatus.Succeeded);
        (await buyer.Balance(AccountKind.Grants)).ShouldBe(15_000_000);
        (await buyer.Balance(AccountKind.ProcessorClearing)).ShouldBe(-15_000_000);
    }

    /// <summary>What is told late of the attempt before is neither the new one's end nor another refund.</summary>
    [Fact]
    public async Task Is_not_confused_with_the_attempt_before_it_when_it_is_tried_again()
    {
        var (buyer, payment) = await Bought(2_500);
        var refund = await Ask(buyer, payment, 1_000);
        await host.RunJobs();
        var first = host.Provider.KeptRefunds.Values.Single(one => one.Payment == payment.Id);
        var failed = first with { Status = ProviderRefundStatus.Failed };
        await host.Tell("refund.failed", new ProviderEventSubject.Refund(failed));
        (await Show(buyer, refund.Id)).Status.ShouldBe(RefundStatus.Failed);
        await host.First.Get<Refunds>().Retry(buyer.Org, refund.Id, Asking, CancellationToken.None);
        host.Provider.Next("Refund", new ScriptedStep(ScriptedEnding.LostAnswer));
        await host.RunJobs();

        await host.Tell("refund.updated", new ProviderEventSubject.Refund(failed));
        (await Show(buyer, refund.Id)).Status.ShouldBe(RefundStatus.Processing);
        host.Clock.Advance(TimeSpan.FromMinutes(1));
        await host.RunJobs();
        await host.Tell("refund.created", new ProviderEventSubject.Refund(first));

        (await Show(buyer, refund.Id)).Status.ShouldBe(RefundStatus.Succeeded);
        (await host.Ask("select count(*) from payments.refunds where org_id = $1", buyer.Org.Value)).ShouldBe("1");
        (await buyer.Balance(AccountKind.Grants)).ShouldBe(15_000_000);
        (await buyer.Balance(AccountKind.ProcessorClearing)).ShouldBe(-15_000_000);
    }

    /// <summary>Credit that was given between the retry and its job leaves nothing to send.</summary>
    [Fact]
    public async Task Sends_nothing_again_of_what_was_given_otherwise_meanwhile()
    {
        var (buyer, payment) = await Bought(2_500);
        host.Provider.Next("Refund", new ScriptedStep(ScriptedEnding.Rejected));
        var refund = await Ask(buyer, payment, null);
        await host.RunJobs();
        (await host.First.Get<Refunds>().Retry(buyer.Org, refund.Id, Asking, CancellationToken.None))
            .ShouldBeOfType<RefundOutcome.Standing>();

        await Ask(buyer, payment, null, RefundKind.InternalCredit);
        await host.RunJobs();

        (await Show(buyer, refund.Id)).Status.ShouldBe(RefundStatus.Failed);
        host.Provider.KeptRefunds.Values.ShouldNotContain(one => one.Payment == payment.Id);
        (await buyer.Balance(AccountKind.ProcessorClearing)).ShouldBe(-25_000_000);
    }

    /// <summary>An operator hears of it, and hears again if it happens again; the books keep what may have been given.</summary>
    [Fact]
    public async Task Becomes_a_finding_when_the_provider_never_says_what_came_of_it()
    {
        var (buyer, payment) = await Bought(2_500);
        using var heard = host.Hear();
        host.Provider.Next("Refund", new ScriptedStep(ScriptedEnding.LostAnswer), new ScriptedStep(ScriptedEnding.LostAnswer));
        var refund = await Ask(buyer, payment, 1_000);
        await host.RunJobs();
        await host.Run(
            "update platform.jobs set attempts = $1 where name = 'payments.send_refund'", Quoin.Payments.Limits.RefundAttemptsMax - 1);
        host.Clock.Advance(TimeSpan.FromMinutes(20));

        await host.RunJobs();

        (await Show(buyer, refund.Id)).Status.ShouldBe(RefundStatus.Processing);
        (await buyer.Findings()).ShouldBe("refund_unknown");
        heard.Codes.ShouldContain("BILLING_OUTBOX_DEAD_LETTER");
        (await buyer.Balance(AccountKind.Grants)).ShouldBe(15_000_000);

        var said = host.Provider.KeptRefunds.Values.Single(one => one.Payment == payment.Id);
        await host.Tell("refund.updated", new ProviderEventSubject.Refund(said));
        (await Show(buyer, refund.Id)).Status.ShouldBe(RefundStatus.Succeeded);
        (await buyer.Facts()).ShouldBe(["credit_purchased", "credit_refunded"]);
    }

    [Fact]
    public async Task Names_the_purchase_whoever_gave_it_back()
    {
        var (buyer, payment) = await Bought(2_500);
        var made = new ProviderRefund(
            host.Provider.NewId("re"), payment.Id, payment.Charge, ProviderRefundStatus.Succeeded, 500, "USD", null,
            new Dictionary<string, string>());

        await Ask(buyer, payment, 1_000);
        await host.Tell("refund.created", new ProviderEventSubject.Refund(made));

        (await host.Ask(
            "select count(*) from payments.refunds r join payments.purchases using (org_id, purchase_id) where r.org_id = $1",
            buyer.Org.Value)).ShouldBe("2");
    }

    [Fact]
    public async Task Takes_in_once_what_somebody_gave_back_at_the_provider()
    {
        var (buyer, payment) = await Bought(2_500);
        var made = new ProviderRefund(
            host.Provider.NewId("re"), payment.Id, payment.Charge, ProviderRefundStatus.Succeeded, 2_500, "USD", null,
            new Dictionary<string, string>());

        await host.Tell("refund.created", new ProviderEventSubject.Refund(made));
        await host.Tell("refund.updated", new ProviderEventSubject.Refund(made));

        (await buyer.Facts()).ShouldBe(["credit_purchased", "credit_refunded"]);
        (await PurchaseStatus(buyer)).ShouldBe("refunded");
        (await Request(buyer, payment, 100)).ShouldBeOfType<RefundOutcome.TooMuch>();
    }

    /// <summary>What the simulation of payments found: such money was never taken from the books.</summary>
    [Fact]
    public async Task Books_what_was_given_back_before_it_was_known_what_it_had_paid()
    {
        var buyer = await host.CreateBuyer();
        var payment = buyer.Payment();
        var made = new ProviderRefund(
            host.Provider.NewId("re"), payment.Id, payment.Charge, ProviderRefundStatus.Succeeded, 500, "USD", null,
            new Dictionary<string, string>());
        await host.Tell("payment_intent.succeeded", new ProviderEventSubject.Payment(payment));
        await host.Tell("refund.created", new ProviderEventSubject.Refund(made));

        await host.Tell("invoice.paid", new ProviderEventSubject.Invoice(buyer.Invoice(payment: payment.Id)));
        await host.Tell("refund.updated", new ProviderEventSubject.Refund(made));

        (await buyer.Facts()).ShouldBe(["payment_received", "payment_refunded", "credit_note"]);
    }

    [Fact]
    public async Task Is_asked_for_once_by_a_form_that_was_sent_twice()
    {
        var (buyer, payment) = await Bought(2_500);
        var id = new PaymentId(Guid.Parse((await host.Ask(
            "select payment_id::text from payments.payments where provider_payment_id = $1", payment.Id))!));
        var form = new NewRefund(buyer.Org, id, new Money(5_000_000, Currency.Usd), RefundKind.ProviderRefund, "Twice.")
        {
            FormMadeAt = host.Clock.GetUtcNow(),
        };

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => host.First.Get<Refunds>().Request(
            form, Asking, IdempotentRequest.None, CancellationToken.None)));
        host.Clock.Advance(TimeSpan.FromSeconds(1));
        var later = await host.First.Get<Refunds>().Request(
            form with { FormMadeAt = host.Clock.GetUtcNow() }, Asking, IdempotentRequest.None, CancellationToken.None);
        await host.RunJobs();

        outcomes.Cast<RefundOutcome.Standing>().Select(one => one.Refund.Id).Distinct().ShouldHaveSingleItem();
        later.ShouldBeOfType<RefundOutcome.Standing>().Refund.Id.ShouldNotBe(((RefundOutcome.Standing)outcomes[0]).Refund.Id);
    }

    [Fact]
    public async Task Gives_credit_instead_of_money()
    {
        var (buyer, payment) = await Bought(2_500);

        var refund = await Ask(buyer, payment, 1_000, RefundKind.InternalCredit);

        refund.Progress.ShouldBe(RefundProgress.Completed);
        (await buyer.Facts()).ShouldBe(["credit_purchased", "credit_promotional"]);
        (await buyer.Balance(AccountKind.Grants)).ShouldBe(35_000_000);
    }

    /// <summary>Whoever writes in the books has them before the audit log, here as where operators grant credit.</summary>
    [Fact]
    public async Task Waits_for_the_books_while_it_holds_nothing_of_the_audit_log()
    {
        var (buyer, payment) = await Bought(2_500);
        await using var connection = await host.Database.Owner.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var locking = transaction.Sql("select from ledger.books where org_id = $1 for update", buyer.Org.Value))
        {
            await locking.ExecuteNonQueryAsync();
        }

        var asking = Ask(buyer, payment, 500, RefundKind.InternalCredit);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (await host.Ask(
            "select true from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'") is null)
        {
            patience.Token.ThrowIfCancellationRequested();
        }

        await host.Run("select from accounts.audit_heads where org_id = $1 for update nowait", buyer.Org.Value);
        await transaction.RollbackAsync();
        (await asking).Progress.ShouldBe(RefundProgress.Completed);
    }

    private async Task<(Buyer Buyer, ProviderPayment Payment)> Bought(long minor)
    {
        var org = await host.First.CreateOrganisation();
        var buyer = new Buyer(host, org.Id, org.BillingAccount, host.Provider.NewId("cus"));
        return (buyer, await buyer.Buy(minor));
    }

    private async Task<Refund> Ask(
        Buyer buyer, ProviderPayment payment, long? minor, RefundKind kind = RefundKind.ProviderRefund) =>
        (await Request(buyer, payment, minor, kind)).ShouldBeOfType<RefundOutcome.Standing>().Refund;

    private async Task<RefundOutcome> Request(
        Buyer buyer, ProviderPayment payment, long? minor, RefundKind kind = RefundKind.ProviderRefund)
    {
        var id = await host.Ask(
            "select payment_id from payments.payments where provider_payment_id = $1", payment.Id);
        var amount = minor is { } some ? MinorUnits.ToMoney(some, Currency.Usd) : (Money?)null;
        return await host.First.Get<Refunds>().Request(
            new NewRefund(buyer.Org, new PaymentId(Guid.Parse(id!)), amount, kind, "unhappy"),
            Asking,
            IdempotentRequest.None,
            CancellationToken.None);
    }

    private async Task<Refund> Show(Buyer buyer, RefundId id) =>
        (await host.First.Get<Refunds>().Find(buyer.Org, id, CancellationToken.None))!;

    private Task<string?> PurchaseStatus(Buyer buyer) =>
        host.Ask("select status from payments.purchases where org_id = $1", buyer.Org.Value);
}
