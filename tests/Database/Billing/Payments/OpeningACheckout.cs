using System.Text.Json;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Payments;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Payments;

public sealed class OpeningACheckout(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private readonly SettableClock clock = new(new DateTimeOffset(2026, 4, 1, 12, 0, 0, 250, TimeSpan.Zero));
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

    /// <summary>Case T6.</summary>
    [Fact]
    public async Task Gives_the_account_a_customer_first_and_opens_nothing_while_the_provider_is_silent_about_it()
    {
        provider.Next("CreateCustomer", new ScriptedStep(ScriptedEnding.LostAnswer));

        (await replica.Buy(account, "k1")).ShouldBeRefused(PaymentsProblems.RequestInProgress);
        provider.CallsOf("CreateCheckout").ShouldBeEmpty();
        (await replica.Buy(account, "k1")).ShouldBeOpened();
        (await replica.PayOnce(account, "k2", 1_000)).ShouldBeOpened();

        provider.CallsOf("CreateCustomer").Select(call => call.Key).Distinct().ShouldHaveSingleItem();
        provider.CallsOf("CreateCustomer").Count.ShouldBe(2);
        provider.CallsOf("CreateCheckout").ShouldAllBe(call => call.Subject.Contains("cus_", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Is_refused_when_the_provider_keeps_no_customer_and_may_be_tried_again()
    {
        provider.Next("CreateCustomer", new ScriptedStep(ScriptedEnding.Rejected));

        (await replica.Buy(account, "k1")).ShouldBeRefused(PaymentsProblems.CheckoutProviderError);
        (await replica.Buy(account, "k1")).ShouldBeOpened();
    }

    [Fact]
    public async Task Gives_the_same_key_and_body_the_first_answer()
    {
        var first = await replica.Buy(account, "k1");
        var second = await replica.Buy(account, "k1");

        first.ShouldBeOpened().Checkout.Status.ShouldBe(CheckoutStatus.Open);
        second.ShouldBeOfType<PaymentRequestOutcome.Answered>().IsReplayed.ShouldBeTrue();
        second.ShouldBeOfType<PaymentRequestOutcome.Answered>().Response
            .ShouldBe(first.ShouldBeOfType<PaymentRequestOutcome.Answered>().Response);
        provider.CallsOf("CreateCheckout").Count.ShouldBe(1);
    }

    /// <summary>Case T7.</summary>
    [Fact]
    public async Task Refuses_the_same_key_with_another_body()
    {
        await replica.Buy(account, "k1");

        (await replica.Buy(account, "k1", success: "/elsewhere")).ShouldBeRefused(PlatformProblems.IdempotencyConflict);
        provider.CallsOf("CreateCheckout").Count.ShouldBe(1);
    }

    /// <summary>Case T8.</summary>
    [Fact]
    public async Task Keeps_the_same_key_of_two_accounts_apart()
    {
        var other = await replica.CreateAccount();

        var first = (await replica.Buy(account, "k1")).ShouldBeOpened();
        var second = (await replica.Buy(other, "k1")).ShouldBeOpened();

        second.OperationKey.ShouldNotBe(first.OperationKey);
        second.Checkout.ProviderCheckoutId.ShouldNotBe(first.Checkout.ProviderCheckoutId);
        provider.CallsOf("CreateCheckout").Select(call => call.Key).ShouldBeUnique();
    }

    /// <summary>Case T9.</summary>
    [Fact]
    public async Task Lets_one_of_two_keys_in_parallel_through()
    {
        var gate = new ScriptedGate();
        provider.Next("CreateCheckout", new ScriptedStep(ScriptedEnding.Done) { Before = gate });
        var first = replica.Buy(account, "k1");
        await gate.Reached;

        var second = await replica.Buy(account, "k2");
        gate.Open();

        second.ShouldBeRefused(PaymentsProblems.CheckoutInProgress);
        (await first).ShouldBeOpened();
    }

    /// <summary>Extra: two callers with one key at once.</summary>
    [Fact]
    public async Task Makes_one_request_of_one_key_sent_many_times_at_once()
    {
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => replica.Buy(account, "k1")));

        provider.CallsOf("CreateCheckout").Count.ShouldBe(1);
        outcomes.OfType<PaymentRequestOutcome.Answered>().ShouldNotBeEmpty();
        outcomes.OfType<PaymentRequestOutcome.Refused>()
            .ShouldAllBe(refused => refused.Code == PaymentsProblems.RequestInProgress.Code);
        (await replica.Buy(account, "k1")).ShouldBeOpened();
    }

    /// <summary>Case T11. Case T12.</summary>
    [Fact]
    public async Task Ends_the_page_a_day_after_freezing_and_knows_it_as_the_upper_bound()
    {
        await replica.Buy(account, "k1");

        var request = await replica.Request(account, "k1");
        var frozenAt = (DateTimeOffset)request["frozen_at"]!;
        var sent = JsonSerializer.Deserialize<CheckoutParameters>((string)request["frozen_params"]!)!;
        sent.ExpiresAt.ShouldBe(frozenAt + TimeSpan.FromHours(24));
        sent.ExpiresAt.Millisecond.ShouldBe(0);
        ((DateTimeOffset)request["expires_upper_bound_at"]!).ShouldBe(sent.ExpiresAt);
        ((DateTimeOffset)request["replay_deadline_at"]!).ShouldBe(frozenAt + TimeSpan.FromHours(23));
    }

    /// <summary>Case T16.</summary>
    [Fact]
    public async Task Has_the_checkout_whenever_the_request_has_succeeded()
    {
        var answer = (await replica.Buy(account, "k1")).ShouldBeOpened();

        var checkout = (await replica.CheckoutsOf(account)).ShouldHaveSingleItem();
        ((string)checkout["provider_checkout_id"]!).ShouldBe(answer.Checkout.ProviderCheckoutId);
        var pairs = await replica.Rows(
            """
            select json_build_object('request', r.xmin::text, 'checkout', c.xmin::text)::text
            from payments.requests r
            join payments.checkouts c using (org_id, request_id)
            where r.org_id = $1
            """,
            account.OrganisationId.Value);
        pairs.ShouldAllBe(pair => (string)pair["request"]! == (string)pair["checkout"]!);
    }

    /// <summary>Case T23.</summary>
    [Theory]
    [InlineData(ProviderFailureCategory.Network)]
    [InlineData(ProviderFailureCategory.Provider)]
    [InlineData(ProviderFailureCategory.RateLimited)]
    [InlineData(ProviderFailureCategory.KeyInUse)]
    public async Task Stays_pending_when_nobody_knows_what_was_done(ProviderFailureCategory category)
    {
        using var heard = replica.Hear();
        provider.Next("CreateCheckout", new ScriptedStep(ScriptedEnding.LostRequest) { Category = category });

        (await replica.Buy(account, "k1")).ShouldBeRefused(PaymentsProblems.RequestInProgress);

        ((string)(await replica.Request(account, "k1"))["status"]!).ShouldBe("pending");
        (await replica.Buy(account, "k1")).ShouldBeRefused(PaymentsProblems.RequestInProgress);
        (await replica.Buy(account, "k2")).ShouldBeRefused(PaymentsProblems.CheckoutInProgress);
        (await replica.CheckoutsOf(account)).ShouldBeEmpty();
        heard.Codes.ShouldContain("BILLING_CHECKOUT_INDETERMINATE_PROVIDER_OUTCOME");
    }

    /// <summary>Case T24.</summary>
    [Fact]
    public async Task Keeps_a_refusal_of_the_provider_and_tells_it_again()
    {
        using var heard = replica.Hear();
        provider.Next("CreateCheckout", new ScriptedStep(ScriptedEnding.Rejected));

        (await replica.Buy(account, "k1")).ShouldBeRefused(PaymentsProblems.CheckoutProviderError);

        PaymentsProblems.CheckoutProviderError.Status.ShouldBe(502);
        ((string)(await replica.Request(account, "k1"))["failure_code"]!).ShouldBe("checkout_provider_error");
        (await replica.Buy(account, "k1")).ShouldBeRefused(PaymentsProblems.CheckoutProviderError);
        provider.CallsOf("CreateCheckout").Count.ShouldBe(1);
        (await replica.Buy(account, "k2")).ShouldBeOpened();
        heard.Codes.ShouldContain("BILLING_CHECKOUT_PROVIDER_ERROR");
    }

    /// <summary>Case T29. Case T14.</summary>
    [Fact]
    public async Task Sends_a_key_of_its_own_with_each_request_and_the_same_with_each_repetition()
    {
        provider.Next("CreateCheckout", new ScriptedStep(ScriptedEnding.LostAnswer), new ScriptedStep(ScriptedEnding.LostAnswer));
        provider.Next("CheckoutsOf", new ScriptedStep(ScriptedEnding.LostRequest));
        await replica.Buy(account, "k1");
        var before = await replica.Request(account, "k1");
        await replica.RecoverLater(account, "k1");
        await replica.RecoverLater(account, "k1");

        var calls = provider.CallsOf("CreateCheckout");
        calls.Count.ShouldBe(3);
        calls.Select(call => call.Key).Distinct().ShouldHaveSingleItem().ShouldNotBeNullOrEmpty();
        calls.Select(call => call.Subject).Distinct().ShouldHaveSingleItem();
        var after = await replica.Request(account, "k1");
        ((string)after["frozen_hash"]!).ShouldBe((string)before["frozen_hash"]!);
        ((string)after["provider_key"]!).ShouldBe(calls[0].Key);
        provider.Checkouts.Values.Count(one => one.Metadata["operation_key"] == (string)after["operation_key"]!).ShouldBe(1);
    }

    /// <summary>Case T33. Extra: details of the open checkout.</summary>
    [Fact]
    public async Task Is_refused_while_a_checkout_is_open_and_says_where_to_pay()
    {
        var open = (await replica.Buy(account, "k1")).ShouldBeOpened();

        var refused = (await replica.Buy(account, "k2")).ShouldBeRefused(PaymentsProblems.CheckoutSessionOpen);

        refused.Details!.ShouldContain(open.Checkout.CheckoutUrl!);
        refused.Details!.ShouldContain(open.Checkout.Id.ToString());
        provider.CallsOf("CreateCheckout").Count.ShouldBe(1);
    }

    /// <summary>Case T34. Extra: a refusal of the first transaction is told again.</summary>
    [Fact]
    public async Task Is_refused_for_a_grace_after_the_page_ended_and_open_after_it()
    {
        await replica.Buy(account, "k1");
        clock.Advance(TimeSpan.FromHours(24) + TimeSpan.FromSeconds(80));
        (await replica.Buy(account, "k2")).ShouldBeRefused(PaymentsProblems.CheckoutSessionOpen);

        clock.Advance(TimeSpan.FromSeconds(15));

        (await replica.Buy(account, "k2")).ShouldBeRefused(PaymentsProblems.CheckoutSessionOpen);
        (await replica.Buy(account, "k3")).ShouldBeOpened();
        (await replica.CheckoutsOf(account)).Select(one => (string)one["status"]!).ShouldBe(["expired", "open"]);
    }

    /// <summary>Case T35.</summary>
    [Fact]
    public async Task Is_refused_while_a_finished_checkout_waits_for_its_subscription()
    {
        provider.Next("CreateCheckout", new ScriptedStep(ScriptedEnding.LostAnswer));
        await replica.Buy(account, "k1");
        provider.Pay(provider.Checkouts.Values.Single(one => one.Metadata["org_id"] == account.OrganisationId.ToString()).Id);
        provider.Next("CreateCheckout", new ScriptedStep(ScriptedEnding.Done));
        await Complete();

        (await replica.Buy(account, "k2")).ShouldBeRefused(PaymentsProblems.CheckoutCompletionPending);
        clock.Advance(TimeSpan.FromDays(3));
        (await replica.Buy(account, "k3")).ShouldBeRefused(PaymentsProblems.CheckoutCompletionPending);
    }

    /// <summary>Case T36.</summary>
    [Fact]
    public async Task Is_refused_while_a_hold_stands_and_open_after_it()
    {
        provider.Next("CreateCheckout", new ScriptedStep(ScriptedEnding.LostAnswer));
        await replica.Buy(account, "k1");
        await replica.RecoverLater(account, "k1", TimeSpan.FromHours(23) + TimeSpan.FromMinutes(1));

        (await replica.Buy(account, "k2")).ShouldBeRefused(PaymentsProblems.CheckoutRecoveryVerificationPending);

        clock.Advance(TimeSpan.FromHours(1) + TimeSpan.FromMinutes(2));
        (await replica.Buy(account, "k3")).ShouldBeOpened();
    }

    /// <summary>Extra: who pays once is in nobody's way, and nobody in theirs.</summary>
    [Fact]
    public async Task Never_blocks_with_one_payment()
    {
        (await replica.PayOnce(account, "o1")).ShouldBeOpened().Flow.ShouldBe(CheckoutFlow.OneOff);
        (await replica.PayOnce(account, "o2")).ShouldBeOpened();
        (await replica.Buy(account, "k1")).ShouldBeOpened();
        (await replica.PayOnce(account, "o3")).ShouldBeOpened();
        await replica.Subscribe(account);
        (await replica.PayOnce(account, "o4")).ShouldBeOpened();

        (await replica.CheckoutsOf(account)).Count(one => (string)one["status"]! == "open").ShouldBe(5);
    }

    /// <summary>A set-up leaves a method and buys nothing.</summary>
    [Fact]
    public async Task Opens_a_page_to_leave_a_payment_method()
    {
        var answer = (await replica.Get<Checkouts>().Open(
            new NewCheckout(account, CheckoutFlow.Setup, null, null, "/done", "/cancelled"),
            "s1",
            "usr_test",
            CancellationToken.None)).ShouldBeOpened();

        answer.Flow.ShouldBe(CheckoutFlow.Setup);
        provider.Checkouts[answer.Checkout.ProviderCheckoutId].Purpose.ShouldBe(CheckoutPurpose.Setup);
        ((string)(await replica.Request(account, "s1"))["action"]!).ShouldBe("setup");
    }

    /// <summary>Case T40.</summary>
    [Fact]
    public async Task Fails_closed_where_a_plan_has_no_price()
    {
        using var heard = replica.Hear();
        provider.Next("CreatePrice", new ScriptedStep(ScriptedEnding.Rejected));
        var refused = await replica.Buy(account, "k1", plan: "enterprise");

        refused.ShouldBeRefused(PaymentsProblems.CheckoutConfigurationInvalid);
        (await replica.Buy(account, "k1", plan: "enterprise")).ShouldBeRefused(PaymentsProblems.CheckoutConfigurationInvalid);
        (await replica.Buy(account, "k2", plan: "nonsense")).ShouldBeRefused(PaymentsProblems.CheckoutPlanNotFound);
        (await replica.Buy(account, "k3", plan: "internal-dev")).ShouldBeRefused(PaymentsProblems.CheckoutPlanNotFound);
        provider.Calls.Select(call => call.Operation).ShouldBe(["CreateCustomer", "CreatePrice"]);
        heard.Codes.ShouldContain("BILLING_PRICING_CONFIGURATION_INVALID");
    }

    /// <summary>Case T41.</summary>
    [Fact]
    public async Task Fails_where_the_price_is_in_another_currency()
    {
        await replica.PricePlan("growth", "EUR");

        (await replica.Buy(account, "k1", plan: "growth")).ShouldBeRefused(PaymentsProblems.CheckoutConfigurationInvalid);
        provider.CallsOf("CreateCheckout").ShouldBeEmpty();
    }

    /// <summary>Case T74, of what is read, whoever wrote it: an unknown schema, or a payload that is not its own.</summary>
    [Theory]
    [InlineData("""[{"key":"seats","schema_version":"entitlement.quota.v9","value":{"limit":1}}]""")]
    [InlineData("""[{"key":"seats","schema_version":"entitlement.quota.v2","value":{"limit":"many"}}]""")]
    public async Task Fails_closed_where_a_plan_promises_what_nobody_can_read(string entitlements)
    {
        var family = $"odd-{replica.Get<IdSource>().Next():n}";
        await replica.Execute(
            """
            with made as (
                insert into pricing.plan_families
                values ($1, 'Odd', '', 'public', $2)
            )
            insert into pricing.plan_versions
            select $3, $1, 1, status, currency, fee_micros, price_book_id, trial_days, $4, grants, content_hash, created_at,
                published_at
            from pricing.plan_versions
            where family = 'starter'
            limit 1
            """,
            family,
            clock.GetUtcNow(),
            replica.Get<IdSource>().Next(),
            entitlements);
        await using var other = new PaymentsReplica(database, clock, provider);

        (await other.Buy(account, "k1", family)).ShouldBeRefused(PaymentsProblems.CheckoutConfigurationInvalid);

        provider.CallsOf("CreateCheckout").ShouldBeEmpty();
    }

    /// <summary>Case T57.</summary>
    [Fact]
    public async Task Writes_what_made_the_request_with_the_request()
    {
        provider.Next("CreateCheckout", new ScriptedStep(ScriptedEnding.LostRequest));
        await replica.Buy(account, "k1");

        var request = await replica.Request(account, "k1");
        ((string)request["frozen_client"]!).ShouldBe("quoin-scripted");
        ((string)request["frozen_client_version"]!).ShouldBe("1.2.3");
        ((string)request["frozen_api_version"]!).ShouldBe("2026-01-01");
        ((string)request["frozen_schema"]!).ShouldBe("checkout_params_v1");
    }

    /// <summary>Locked decision L3; the code of an account that has what it asks for.</summary>
    [Fact]
    public async Task Is_refused_where_there_is_a_subscription()
    {
        await replica.Subscribe(account, "incomplete");

        (await replica.Buy(account, "k1")).ShouldBeRefused(PaymentsProblems.SubscriptionExists);
        provider.Calls.ShouldBeEmpty();
    }

    /// <summary>Metadata name everything; a trial is for the first subscription only.</summary>
    [Fact]
    public async Task Names_what_it_is_for_at_the_provider()
    {
        var answer = (await replica.Buy(account, "k1")).ShouldBeOpened();

        var made = provider.Checkouts[answer.Checkout.ProviderCheckoutId];
        made.Metadata["operation_key"].ShouldBe(answer.OperationKey);
        made.Metadata["org_id"].ShouldBe(account.OrganisationId.ToString());
        made.Metadata["billing_account_id"].ShouldBe(account.Id.ToString());
        made.Metadata["request_id"].ShouldBe(answer.RequestId.ToString());
        made.Metadata["flow"].ShouldBe("subscription");
        made.Metadata["plan"].ShouldBe("starter");
        made.Metadata["plan_version"].ShouldBe("1");
    }

    /// <summary>§1.10's path rule.</summary>
    [Theory]
    [InlineData("done")]
    [InlineData("//evil.example")]
    [InlineData("/\\evil.example")]
    [InlineData("https://evil.example/")]
    [InlineData("/%2fevil.example")]
    [InlineData("/%252fevil.example")]
    [InlineData("/%5cevil.example")]
    [InlineData("/a\r\nb")]
    [InlineData("/a%0d%0ab")]
    public async Task Refuses_to_send_a_customer_elsewhere(string path)
    {
        var outcome = await replica.Buy(account, "k1", success: path);

        outcome.ShouldBeOfType<PaymentRequestOutcome.Invalid>().Errors.Keys.ShouldBe(["success_path"]);
        provider.Calls.ShouldBeEmpty();
    }

    // A webhook's part, done by hand: the checkout is through.
    private async Task Complete() => await replica.RecoverLater(account, "k1", TimeSpan.FromSeconds(121)).ContinueWith(
        _ => replica.Execute(
            "update payments.checkouts set status = 'completed_pending_subscription' where org_id = $1",
            account.OrganisationId.Value),
        TaskScheduler.Default).Unwrap();
}
