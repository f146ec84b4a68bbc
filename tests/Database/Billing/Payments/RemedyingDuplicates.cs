using System.Net;
using System.Net.Http.Json;
using Quoin.Ledger;
using Quoin.Payments;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Payments;

public sealed class RemedyingDuplicates(NewsHost host) : IClassFixture<NewsHost>
{
    private const string Cancel = "CancelSubscription";

    /// <summary>Case T59: however often it is tried, the provider is told once, and what follows happens once.</summary>
    [Fact]
    public async Task Ends_the_duplicate_once_though_the_answer_is_lost()
    {
        var (buyer, duplicate) = await GivenDuplicate();
        host.Provider.Next(Cancel, new ScriptedStep(ScriptedEnding.LostAnswer));

        await host.RunJobs();
        (await State(buyer)).ShouldBe("failed/1");
        host.Clock.Advance(RemediationLimits.RetryStep);
        await host.RunJobs(host.Second);

        (await State(buyer)).ShouldBe("succeeded/2");
        host.Provider.CallsOf(Cancel).Where(call => call.Subject == duplicate).Select(call => call.Key).Distinct().ShouldHaveSingleItem();
        (await host.Ask("select count(*) from platform.outbox where org_id = $1 and topic = 'payments.duplicate_canceled'",
            buyer.Org.Value)).ShouldBe("1");
    }

    /// <summary>Case T60.</summary>
    [Fact]
    public async Task Lets_a_worker_that_was_overtaken_write_nothing()
    {
        using var heard = host.Hear();
        var (buyer, _) = await GivenDuplicate();
        var gate = new ScriptedGate();
        host.Provider.Next(Cancel, new ScriptedStep(ScriptedEnding.Done) { Before = gate });
        var slow = Task.Run(() => host.RunJobs());
        await gate.Reached;
        await host.Run("update platform.jobs set due_at = '-infinity' where name = 'payments.cancel_duplicate'");

        await host.RunJobs(host.Second);
        (await State(buyer)).ShouldBe("succeeded/2");
        gate.Open();
        await slow;

        (await State(buyer)).ShouldBe("succeeded/2");
        (await host.Ask("select count(*) from platform.outbox where org_id = $1 and topic = 'payments.duplicate_canceled'",
            buyer.Org.Value)).ShouldBe("1");
        heard.Codes.ShouldContain("BILLING_REMEDIATION_LEASE_FENCED");
    }

    /// <summary>Case T61, and the operator's way out of it.</summary>
    [Fact]
    public async Task Gives_up_after_its_attempts_and_goes_on_when_an_operator_says_so()
    {
        using var heard = host.Hear();
        var (buyer, duplicate) = await GivenDuplicate();
        host.Provider.Next(Cancel, [.. Enumerable.Range(0, RemediationLimits.AttemptsMax).Select(_ =>
            new ScriptedStep(ScriptedEnding.LostRequest))]);
        for (var attempt = 0; attempt < RemediationLimits.AttemptsMax; attempt++)
        {
            await host.RunJobs();
            host.Clock.Advance(RemediationLimits.RetryStep * RemediationLimits.AttemptsMax);
        }

        (await State(buyer)).ShouldBe("dead_letter/6");
        using var client = await host.First.OperatorClient();
        client.DefaultRequestHeaders.Add("Quoin-Org", buyer.Org.ToString());
        var listed = await (await client.GetAsync("/v1/payments/remediations?status=dead_letter")).Json();
        var id = (string)listed["data"]![0]!["id"]!;
        (await client.PostAsJsonAsync($"/v1/payments/remediations/{id}/retry", new { reason = "The provider is back." }))
            .StatusCode.ShouldBe(HttpStatusCode.OK);
        await host.RunJobs();

        (await State(buyer)).ShouldBe("succeeded/1");
        host.Provider.KeptSubscriptions[duplicate].Status.ShouldBe("canceled");
        (await client.PostAsJsonAsync($"/v1/payments/remediations/{id}/retry", new { reason = "Again." }))
            .StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await host.Ask("select count(*) from accounts.audit_log where subject = $1", id)).ShouldBe("1");
        heard.Codes.ShouldContain("BILLING_REMEDIATION_DEAD_LETTER");
    }

    [Fact]
    public async Task Is_laid_aside_by_an_operator_and_never_tried_again()
    {
        var (buyer, duplicate) = await GivenDuplicate();
        host.Provider.Next(Cancel, new ScriptedStep(ScriptedEnding.LostRequest));
        await host.RunJobs();
        using var client = await host.First.OperatorClient();
        client.DefaultRequestHeaders.Add("Quoin-Org", buyer.Org.ToString());
        var listed = await (await client.GetAsync("/v1/payments/remediations?status=failed")).Json();
        var id = (string)listed["data"]![0]!["id"]!;

        var discarded = await (await client.PostAsJsonAsync(
            $"/v1/payments/remediations/{id}/discard", new { reason = "Ended by hand." })).Json();
        host.Clock.Advance(RemediationLimits.RetryStep * RemediationLimits.AttemptsMax);
        await host.RunJobs();

        ((string)discarded["status"]!).ShouldBe("discarded");
        (await State(buyer)).ShouldStartWith("discarded");
        host.Provider.KeptSubscriptions[duplicate].Status.ShouldBe("active");
        (await client.PostAsJsonAsync($"/v1/payments/remediations/{id}/retry", new { reason = "Again." }))
            .StatusCode.ShouldBe(HttpStatusCode.Conflict);
    }

    /// <summary>Case T62: one for each duplicate, for ever, done or not.</summary>
    [Fact]
    public async Task Is_asked_for_once_and_not_again_when_it_is_done()
    {
        var (buyer, duplicate) = await GivenDuplicate();
        await host.RunJobs();
        (await State(buyer)).ShouldBe("succeeded/1");

        await host.Tell("customer.subscription.updated",
            new ProviderEventSubject.Subscription(host.Provider.KeptSubscriptions[duplicate] with { Status = "active" }));

        (await buyer.Remediations()).ShouldBe("1");
        (await State(buyer)).ShouldBe("succeeded/1");
    }

    [Fact]
    public async Task Gives_back_what_was_paid_for_the_duplicate_once_and_what_is_paid_late_as_well()
    {
        var (buyer, duplicate) = await GivenDuplicate();
        var early = await Pay(buyer, duplicate);

        await host.RunJobs();
        var late = await Pay(buyer, duplicate);
        await host.RunJobs();
        await host.RunJobs();

        host.Provider.KeptRefunds.Values.Where(one => one.Payment == early || one.Payment == late)
            .Select(one => one.AmountMinor).ShouldBe([2_000, 2_000]);
        (await buyer.Balance(AccountKind.ProcessorClearing)).ShouldBe(0);
        (await buyer.Balance(AccountKind.Receivable)).ShouldBe(0);
        (await host.Ask("select string_agg(distinct requested_by || ' ' || status, ';') from payments.refunds where org_id = $1",
            buyer.Org.Value)).ShouldBe("system succeeded");
        (await buyer.Findings())!.ShouldNotContain("duplicate_paid");
    }

    [Fact]
    public async Task Gives_back_nothing_for_a_duplicate_that_was_spared()
    {
        var (buyer, duplicate) = await GivenDuplicate();
        var first = await host.Ask("select provider_subscription_id from payments.subscriptions where "
            + "billing_account_id = $1 and is_current", buyer.Account.Value);
        await host.Tell("customer.subscription.deleted",
            new ProviderEventSubject.Subscription(host.Provider.KeptSubscriptions[first!] with { Status = "canceled" }));
        await host.RunJobs();

        await Pay(buyer, duplicate);
        await host.RunJobs();

        (await host.Ask("select count(*) from payments.refunds where org_id = $1", buyer.Org.Value)).ShouldBe("0");
    }

    [Fact]
    public async Task Counts_a_duplicate_the_provider_does_not_know_as_ended()
    {
        var (buyer, duplicate) = await GivenDuplicate();
        host.Provider.KeptSubscriptions.TryRemove(duplicate, out _);

        await host.RunJobs();

        (await State(buyer)).ShouldBe("succeeded/1");
    }

    [Fact]
    public async Task Spares_a_duplicate_that_became_the_current_one()
    {
        var (buyer, duplicate) = await GivenDuplicate();
        var first = await host.Ask("select provider_subscription_id from payments.subscriptions where "
            + "billing_account_id = $1 and is_current", buyer.Account.Value);
        await host.Tell("customer.subscription.deleted",
            new ProviderEventSubject.Subscription(host.Provider.KeptSubscriptions[first!] with { Status = "canceled" }));

        await host.RunJobs();

        (await buyer.SubscriptionStatus(duplicate)).ShouldBe("active*");
        host.Provider.CallsOf(Cancel).ShouldNotContain(call => call.Subject == duplicate);
    }

    private async Task<string> Pay(Buyer buyer, string subscription)
    {
        var payment = buyer.Payment(named: false);
        var invoice = buyer.Invoice(subscription: subscription, payment: payment.Id);
        await host.Tell("invoice.paid", new ProviderEventSubject.Invoice(invoice));
        await host.Tell("payment_intent.succeeded", new ProviderEventSubject.Payment(payment));
        return payment.Id;
    }

    private async Task<(Buyer Buyer, string Duplicate)> GivenDuplicate()
    {
        await host.RunJobs();
        var buyer = await host.CreateBuyer();
        var (first, second) = (buyer.Subscription(), buyer.Subscription());
        await host.Tell("customer.subscription.created", new ProviderEventSubject.Subscription(first));
        await host.Tell("customer.subscription.created", new ProviderEventSubject.Subscription(second));
        return (buyer, second.Id);
    }

    private Task<string?> State(Buyer buyer) =>
        host.Ask("select status || '/' || attempts from payments.remediations where billing_account_id = $1", buyer.Account.Value);
}
