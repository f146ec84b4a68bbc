using System.Net;
using System.Net.Http.Json;
using Quoin.Payments;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Payments;

public sealed class ReconcilingWithTheProvider(NewsHost host) : IClassFixture<NewsHost>
{
    /// <summary>Case T64.</summary>
    [Fact]
    public async Task Runs_a_scope_once_at_a_time()
    {
        using var client = await host.First.OperatorClient();
        var first = await Start(client, "checkout_open");
        var second = await client.PostAsJsonAsync("/v1/payments/reconciliation-runs", Body("checkout_open"));

        first.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        (await second.Json())["code"]!.GetValue<string>().ShouldBe("active_run_exists");
        await host.RunJobs(host.Second);
        var shown = await (await client.GetAsync(first.Headers.Location)).Json();
        ((string)shown["status"]!).ShouldBe("succeeded");
    }

    /// <summary>Cases T65 and T66: a run that stopped is taken over, and whoever comes back late writes nothing.</summary>
    [Fact]
    public async Task Takes_over_a_run_that_stopped_and_fences_its_runner()
    {
        using var heard = host.Hear();
        var buyers = await GivenOverdue(3);
        using var client = await host.First.OperatorClient();
        await host.RunJobs();
        await Overdue(buyers);
        var started = await Start(client, "checkout_open");
        var gate = new ScriptedGate();
        host.Provider.Next("Checkout", new ScriptedStep(ScriptedEnding.Done) { Before = gate });
        var slow = Task.Run(() => host.RunJobs());
        await gate.Reached;
        await host.Run("update platform.leases set expires_at = '-infinity' where name like 'payments.reconcile/%'");
        await host.Run("update platform.jobs set due_at = '-infinity' where name = 'payments.reconcile_now'");

        await host.RunJobs(host.Second);

        var run = await (await client.GetAsync(started.Headers.Location)).Json();
        ((string)run["status"]!).ShouldBe("succeeded");
        ((long)run["repaired_count"]!).ShouldBe(3);
        var rows = await host.Ask("select string_agg(c::text, '' order by checkout_id) from payments.checkouts c");
        var findings = await host.Ask("select count(*) from payments.reconciliation_findings");
        gate.Open();
        await slow;
        (await host.Ask("select string_agg(c::text, '' order by checkout_id) from payments.checkouts c")).ShouldBe(rows);
        (await host.Ask("select count(*) from payments.reconciliation_findings")).ShouldBe(findings);
        ((long)(await (await client.GetAsync(started.Headers.Location)).Json())["repaired_count"]!).ShouldBe(3);
        heard.Codes.ShouldContain("BILLING_RECONCILIATION_LEASE_FENCED");
        heard.Codes.ShouldContain("BILLING_OUTBOX_LEASE_FENCED");
    }

    [Fact]
    public async Task Goes_on_where_a_dead_runner_left_the_list()
    {
        using var client = await host.First.OperatorClient();
        var buyers = await GivenOverdue(2);
        await host.RunJobs();
        await Overdue(buyers);
        var run = await Start(client, "checkout_open");
        var accounts = buyers.Select(buyer => buyer.Account.Value).ToArray();
        var place = await host.Ask(
            """
            select org_id || '/' || checkout_id
            from payments.checkouts
            where billing_account_id = any ($1)
            order by org_id, checkout_id
            limit 1
            """,
            accounts);
        await host.Run(
            "update payments.reconciliation_runs set cursor_org_id = $1, cursor_row_id = $2, scanned_count = 1 where status = 'running'",
            Guid.Parse(place!.Split('/')[0]),
            Guid.Parse(place.Split('/')[1]));

        await host.RunJobs();

        ((string)(await (await client.GetAsync(run.Headers.Location)).Json())["status"]!).ShouldBe("succeeded");
        (await host.Ask(
            "select checkout_id from payments.checkouts where billing_account_id = any ($1) and status = 'open'", accounts))
            .ShouldBe(place.Split('/')[1]);
    }

    /// <summary>Case T67: what no news told is found and written, invoices paid once among them.</summary>
    [Fact]
    public async Task Writes_subscriptions_and_invoices_whose_news_was_lost()
    {
        var buyer = await GivenCustomer();
        var subscription = buyer.Subscription();
        var payment = buyer.Payment(named: false);
        var invoice = buyer.Invoice(subscription: subscription.Id, payment: payment.Id);
        var single = buyer.Invoice(named: false, payment: buyer.Payment(named: false).Id);

        await Reconcile("subscriptions_active");
        await Reconcile("invoices_recent");

        (await buyer.SubscriptionStatus(subscription.Id)).ShouldBe("active*");
        (await host.Ask("select status from payments.invoices where provider_invoice_id = $1", invoice.Id)).ShouldBe("paid");
        (await host.Ask("select status from payments.invoices where provider_invoice_id = $1 and subscription_id is null",
            single.Id)).ShouldBe("paid");
        (await host.Ask("select count(*) from payments.payments where billing_account_id = $1 and status = 'succeeded'",
            buyer.Account.Value)).ShouldBe("2");
        (await host.Ask("select last_event_at is null and last_reconciled_at is not null from payments.subscriptions "
            + "where provider_subscription_id = $1", subscription.Id))
            .ShouldBe("True");
    }

    /// <summary>What the simulation of payments found: without its charge, a payment's fee is never anybody's.</summary>
    [Fact]
    public async Task Asks_for_the_charge_of_a_payment_that_only_its_invoice_told_of()
    {
        var buyer = await GivenCustomer();
        var payment = buyer.Payment();
        await host.Tell("invoice.paid", new ProviderEventSubject.Invoice(buyer.Invoice(payment: payment.Id)));

        await Reconcile("invoices_recent");

        (await host.Ask("select provider_charge_id from payments.payments where provider_payment_id = $1", payment.Id))
            .ShouldBe(payment.Charge);
    }

    /// <summary>What the simulation of payments found: what came back could not be given back again.</summary>
    [Fact]
    public async Task Asks_how_much_was_given_back_where_refunds_say_otherwise()
    {
        var buyer = await GivenCustomer();
        var payment = buyer.Payment();
        await host.Tell("payment_intent.succeeded", new ProviderEventSubject.Payment(payment));
        await host.Tell("charge.refunded", new ProviderEventSubject.Payment(payment with { RefundedMinor = 800 }));

        await Reconcile("invoices_recent");

        (await host.Ask("select refunded_minor from payments.payments where provider_payment_id = $1", payment.Id)).ShouldBe("0");
    }

    /// <summary>What the simulation of payments found: a payment older than the month that is compared kept nothing given back.</summary>
    [Fact]
    public async Task Asks_how_much_was_given_back_of_a_payment_however_old_it_is()
    {
        await Reconcile("invoices_recent");
        var buyer = await GivenCustomer();
        var payment = buyer.Payment();
        await host.Tell("payment_intent.succeeded", new ProviderEventSubject.Payment(payment));
        await Age(buyer, TimeSpan.FromDays(200));
        host.Provider.KeptPayments[payment.Id] = payment with { RefundedMinor = 800 };
        await host.Tell("refund.created", new ProviderEventSubject.Refund(new ProviderRefund(
            host.Provider.NewId("re"), payment.Id, payment.Charge, ProviderRefundStatus.Succeeded, 800, "USD", null,
            new Dictionary<string, string>())));

        await Reconcile("invoices_recent");

        (await host.Ask("select refunded_minor from payments.payments where provider_payment_id = $1", payment.Id)).ShouldBe("800");
    }

    /// <summary>What the simulation of payments found: what was lost before a month without a comparison stayed lost.</summary>
    [Fact]
    public async Task Looks_as_far_back_as_nobody_looked()
    {
        var buyer = await GivenCustomer();
        var payment = buyer.Payment(ProviderPaymentStatus.Failed);
        await host.Tell("payment_intent.payment_failed", new ProviderEventSubject.Payment(payment));
        var invoice = buyer.Invoice(payment: buyer.Payment(id: payment.Id).Id);
        host.Provider.KeptInvoices[invoice.Id] = invoice with { CreatedAt = invoice.CreatedAt.AddDays(-60) };
        await Age(buyer, TimeSpan.FromDays(60));
        await Reconcile("subscriptions_active");
        await host.Run(
            "update payments.reconciliation_runs set started_at = started_at - interval '61 days' where scope = 'invoices_recent'");

        await Reconcile("invoices_recent");

        (await host.Ask("select status from payments.payments where provider_payment_id = $1", payment.Id)).ShouldBe("succeeded");
    }

    /// <summary>What the simulation of payments found: an invoice paid after a month, unheard, stayed open for ever.</summary>
    [Fact]
    public async Task Asks_about_an_invoice_that_is_open_however_old_it_is()
    {
        var buyer = await GivenCustomer();
        var payment = buyer.Payment(named: false);
        var open = buyer.Invoice("open");
        await host.Tell("invoice.finalized", new ProviderEventSubject.Invoice(open));
        await host.Run(
            "update payments.invoices set issued_at = $2, updated_at = $2 where provider_invoice_id = $1",
            open.Id,
            host.Clock.GetUtcNow().AddDays(-40));
        buyer.Invoice(payment: payment.Id, id: open.Id);
        host.Provider.KeptInvoices[open.Id] = host.Provider.KeptInvoices[open.Id] with
        {
            CreatedAt = host.Clock.GetUtcNow().AddDays(-40),
        };

        await Reconcile("invoices_recent");

        (await host.Ask("select status from payments.invoices where provider_invoice_id = $1", open.Id)).ShouldBe("paid");
        (await host.Ask("select status from payments.payments where provider_payment_id = $1", payment.Id)).ShouldBe("succeeded");
    }

    [Fact]
    public async Task Ends_what_the_provider_ended_or_does_not_know()
    {
        using var heard = host.Hear();
        var (ended, gone) = (await GivenCustomer(), await GivenCustomer());
        var (one, other) = (ended.Subscription(), gone.Subscription());
        await host.Tell("customer.subscription.created", new ProviderEventSubject.Subscription(one));
        await host.Tell("customer.subscription.created", new ProviderEventSubject.Subscription(other));
        host.Provider.KeptSubscriptions[one.Id] = one with { Status = "canceled", EndedAt = host.Clock.GetUtcNow() };
        host.Provider.KeptSubscriptions.TryRemove(other.Id, out _);
        host.Clock.Advance(TimeSpan.FromMinutes(1));

        await Reconcile("subscriptions_active");

        (await ended.SubscriptionStatus(one.Id)).ShouldBe("canceled");
        (await gone.SubscriptionStatus(other.Id)).ShouldBe("canceled");
        heard.Codes.ShouldContain("BILLING_RECONCILIATION_DRIFT_COUNT");
        heard.Codes.ShouldContain("BILLING_RECONCILIATION_REPAIR_COUNT");
    }

    /// <summary>Case T53, found by comparing: the same choice, however often it is made.</summary>
    [Fact]
    public async Task Chooses_among_several_as_news_would_and_queues_the_rest()
    {
        var buyer = await GivenCustomer();
        var older = buyer.Subscription(createdAt: host.Clock.GetUtcNow().AddDays(-3));
        var younger = buyer.Subscription();

        await Reconcile("subscriptions_active");
        await Reconcile("subscriptions_active");

        (await buyer.SubscriptionStatus(older.Id)).ShouldBe("active*");
        (await buyer.SubscriptionStatus(younger.Id)).ShouldNotEndWith("*");
        (await buyer.Remediations()).ShouldBe("1");
    }

    [Fact]
    public async Task Never_overwrites_what_came_since_it_asked_and_never_makes_later_news_look_old()
    {
        var buyer = await GivenCustomer();
        var subscription = buyer.Subscription();
        await host.Tell("customer.subscription.created", new ProviderEventSubject.Subscription(subscription));
        host.Clock.Advance(TimeSpan.FromHours(1));
        host.Provider.KeptSubscriptions[subscription.Id] = subscription with { Status = "past_due" };
        await Reconcile("subscriptions_active");
        (await buyer.SubscriptionStatus(subscription.Id)).ShouldBe("past_due*");

        await host.Tell(
            "customer.subscription.updated",
            new ProviderEventSubject.Subscription(subscription with { Status = "unpaid" }),
            host.Clock.GetUtcNow().AddMinutes(-30));

        (await buyer.SubscriptionStatus(subscription.Id)).ShouldBe("unpaid*");
    }

    /// <summary>Case T68.</summary>
    [Theory]
    [InlineData(ProviderCheckoutStatus.Expired, "expired")]
    [InlineData(ProviderCheckoutStatus.Complete, "completed_pending_subscription")]
    [InlineData(null, "abandoned")]
    public async Task Settles_open_checkouts_past_their_end(ProviderCheckoutStatus? said, string expected)
    {
        var buyer = await host.CreateBuyer();
        var (operation, id) = await buyer.GivenCheckout(expiresAt: host.Clock.GetUtcNow().AddHours(-1));
        if (said is { } status)
        {
            buyer.Checkout(operation, status, id: id);
        }

        await Reconcile("checkout_open");

        (await buyer.CheckoutStatus(operation)).ShouldBe(expected);
    }

    /// <summary>Case T69.</summary>
    [Theory]
    [InlineData("known", "completed_reconciled")]
    [InlineData("asked", "completed_reconciled")]
    [InlineData("none", "abandoned")]
    [InlineData("silent", "completed_pending_subscription")]
    public async Task Settles_checkouts_that_wait_too_long_for_their_subscription(string how, string expected)
    {
        // The loop that compares by itself has just run, so that it does not come before the run that is asked for.
        host.Clock.Advance(TimeSpan.FromMinutes(11));
        await host.RunJobs();
        var buyer = await host.CreateBuyer();
        var (operation, id) = await buyer.GivenCheckout("completed_pending_subscription");
        var subscription = buyer.Subscription();
        buyer.Checkout(operation, id: id, subscription: how is "none" ? null : subscription.Id);
        if (how == "known")
        {
            await host.Run("update payments.checkouts set provider_subscription_id = $2 where operation_key = $1", operation,
                subscription.Id);
        }

        host.Clock.Advance(TimeSpan.FromSeconds(301));
        if (how == "silent")
        {
            host.Provider.Next("Checkout", new ScriptedStep(ScriptedEnding.LostRequest));
        }

        using var heard = host.Hear();
        await Reconcile("checkout_completed_pending");

        (await buyer.CheckoutStatus(operation)).ShouldBe(expected);
        heard.Codes.ShouldContain("BILLING_BLOCKING_CHECKOUT_SESSIONS_OLDER_THAN_SLA");
        heard.Codes.Contains("BILLING_RECONCILIATION_REPAIR_FAILURE").ShouldBe(how == "silent");
        host.Provider.Checkouts.TryRemove(id, out _);
        await host.Run("update payments.checkouts set status = 'abandoned' where operation_key = $1", operation);
    }

    /// <summary>Case T70.</summary>
    [Theory]
    [InlineData(ProviderCheckoutStatus.Open, false, "open")]
    [InlineData(ProviderCheckoutStatus.Complete, false, "completed_pending_subscription")]
    [InlineData(ProviderCheckoutStatus.Expired, false, "expired")]
    [InlineData(null, true, "abandoned")]
    [InlineData(null, false, "recovery_verification_pending")]
    public async Task Settles_holds_by_what_the_provider_has_of_the_operation(ProviderCheckoutStatus? said, bool isOver, string expected)
    {
        var buyer = await host.CreateBuyer();
        var (operation, _) = await buyer.GivenCheckout(
            "recovery_verification_pending", providerId: null, expiresAt: host.Clock.GetUtcNow().AddMinutes(isOver ? -1 : 60));
        if (said is { } status)
        {
            buyer.Checkout(operation, status);
        }

        await Reconcile("checkout_recovery_verification");

        (await buyer.CheckoutStatus(operation)).ShouldBe(expected);
    }

    [Fact]
    public async Task Asks_about_one_checkout_when_an_operator_wants_to_know()
    {
        var buyer = await host.CreateBuyer();
        var (operation, id) = await buyer.GivenCheckout();
        buyer.Checkout(operation, ProviderCheckoutStatus.Expired, id: id);
        using var client = await host.First.OperatorClient();
        client.DefaultRequestHeaders.Add("Quoin-Org", buyer.Org.ToString());
        var uuid = Guid.Parse((await host.Ask("select checkout_id from payments.checkouts where operation_key = $1", operation))!);

        var answer = await client.PostAsJsonAsync($"/v1/payments/checkouts/{new CheckoutId(uuid)}/requery",
            new { reason = "The customer asks." });

        ((string)(await answer.Json())["status"]!).ShouldBe("expired");
        (await host.Ask("select count(*) from accounts.audit_log where action = 'checkout.requeried' and subject = $1",
            new CheckoutId(uuid).ToString())).ShouldBe("1");
    }

    /// <summary>Asking about one checkout is no comparison of the scope: a run that was begun is gone on with.</summary>
    [Fact]
    public async Task Ends_no_run_that_was_left_when_an_operator_asks_about_one_checkout()
    {
        await host.RunJobs();
        var buyer = await host.CreateBuyer();
        var (operation, id) = await buyer.GivenCheckout();
        buyer.Checkout(operation, ProviderCheckoutStatus.Expired, id: id);
        using var client = await host.First.OperatorClient();
        var run = await Start(client, "checkout_open");
        client.DefaultRequestHeaders.Add("Quoin-Org", buyer.Org.ToString());
        var uuid = Guid.Parse((await host.Ask("select checkout_id from payments.checkouts where operation_key = $1", operation))!);

        await client.PostAsJsonAsync($"/v1/payments/checkouts/{new CheckoutId(uuid)}/requery", new { reason = "Now." });

        ((string)(await (await client.GetAsync(run.Headers.Location)).Json())["status"]!).ShouldBe("running");
        await host.RunJobs();
        ((string)(await (await client.GetAsync(run.Headers.Location)).Json())["status"]!).ShouldBe("succeeded");
    }

    // As if all that is known of the money had been told so long ago.
    private async Task Age(Buyer buyer, TimeSpan age)
    {
        foreach (var table in new[] { "payments", "invoices" })
        {
            await host.Run(
                $"update payments.{table} set updated_at = updated_at - $2 where billing_account_id = $1", buyer.Account.Value, age);
        }
    }

    private async Task<Buyer> GivenCustomer()
    {
        var buyer = await host.CreateBuyer();
        await host.Run(
            """
            insert into payments.customers
                (org_id, customer_id, billing_account_id, provider, mode, provider_customer_id, is_active, created_at, updated_at)
            values ($1, $2, $3, 'scripted', 'test', $4, true, $5, $5)
            """,
            buyer.Org.Value,
            NewsHost.Ids.Next(),
            buyer.Account.Value,
            buyer.Customer,
            host.Clock.GetUtcNow());
        return buyer;
    }

    private async Task<Buyer[]> GivenOverdue(int count)
    {
        // What other tests left open is not what this one counts.
        await host.Run("update payments.checkouts set status = 'abandoned' where status = 'open'");
        var buyers = new Buyer[count];
        for (var index = 0; index < count; index++)
        {
            buyers[index] = await host.CreateBuyer();
            var (operation, id) = await buyers[index].GivenCheckout();
            buyers[index].Checkout(operation, ProviderCheckoutStatus.Expired, id: id);
        }

        return buyers;
    }

    private async Task Overdue(Buyer[] buyers)
    {
        foreach (var buyer in buyers)
        {
            await host.Run(
                "update payments.checkouts set expires_at = $2, status = 'open' where billing_account_id = $1",
                buyer.Account.Value,
                host.Clock.GetUtcNow().AddHours(-1));
        }
    }

    private async Task Reconcile(string scope)
    {
        using var client = await host.First.OperatorClient();
        (await Start(client, scope)).StatusCode.ShouldBe(HttpStatusCode.Accepted);
        await host.RunJobs();
    }

    private static Task<HttpResponseMessage> Start(HttpClient client, string scope) =>
        client.PostAsJsonAsync("/v1/payments/reconciliation-runs", Body(scope));

    private static object Body(string scope) => new { scope, mode = "test", reason = "A test asks." };
}
