using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Payments;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Payments;

public sealed class RecoveringACheckout(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private static readonly TimeSpan PastDeadline = TimeSpan.FromHours(23) + TimeSpan.FromMinutes(1);
    private static readonly TimeSpan PastEverything = TimeSpan.FromHours(25);

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

    /// <summary>Case T10.</summary>
    [Fact]
    public async Task Goes_on_after_the_lease_without_a_second_page()
    {
        await LoseTheAnswer();
        (await replica.RecoverNow(account, "k1")).ShouldBeRefused(PaymentsProblems.RequestInProgress);

        var answer = (await replica.RecoverLater(account, "k1")).ShouldBeOpened();

        answer.Checkout.ProviderCheckoutId.ShouldBe(Made().ShouldHaveSingleItem().Id);
        var request = await replica.Request(account, "k1");
        ((string)request["status"]!).ShouldBe("succeeded");
        ((int)request["recovery_attempts"]!).ShouldBe(1);
        (await replica.Buy(account, "k1")).ShouldBeOpened().ShouldBe(answer);
    }

    /// <summary>Case T13.</summary>
    [Fact]
    public async Task Sends_the_very_same_parameters_with_the_very_same_key()
    {
        await LoseTheRequest();
        var kept = await replica.Request(account, "k1");
        await replica.PricePlan("growth");

        (await replica.Buy(account, "k1")).ShouldBeRefused(PaymentsProblems.RequestInProgress);
        clock.Advance(TimeSpan.FromMinutes(10));
        (await replica.Buy(account, "k1")).ShouldBeOpened();

        var calls = provider.CallsOf("CreateCheckout");
        calls.Count.ShouldBe(2);
        calls[1].Subject.ShouldBe((string)kept["frozen_params"]!);
        calls[1].Key.ShouldBe((string)kept["provider_key"]!);
    }

    /// <summary>Case T15.</summary>
    [Fact]
    public async Task Holds_no_transaction_while_it_waits_for_the_provider()
    {
        var open = new List<long>();
        provider.During = async _ =>
        {
            await using var command = database.Owner.Sql(
                """
                select count(*)
                from pg_stat_activity
                where datname = current_database()
                  and (state like 'idle in transaction%' or backend_xid is not null)
                """);
            open.Add((long)(await command.ExecuteScalarAsync())!);
        };

        await LoseTheRequest();
        await replica.RecoverLater(account, "k1");

        open.ShouldBe([0, 0, 0, 0]);
    }

    /// <summary>Case T17.</summary>
    [Fact]
    public async Task Finds_a_page_that_ended_meanwhile_and_blocks_nobody()
    {
        await LoseTheAnswer();
        provider.LetExpire(provider.Checkouts.Keys.Single());

        (await replica.RecoverLater(account, "k1")).ShouldBeRefused(PaymentsProblems.CheckoutRecoveryWindowElapsed);

        ((string)(await replica.CheckoutsOf(account)).ShouldHaveSingleItem()["status"]!).ShouldBe("expired");
        ((string)(await replica.Request(account, "k1"))["status"]!).ShouldBe("expired");
        (await replica.Buy(account, "k2")).ShouldBeOpened();
    }

    /// <summary>A customer who paid before the answer came is not asked to pay again.</summary>
    [Fact]
    public async Task Finds_a_page_that_was_paid_meanwhile()
    {
        await LoseTheAnswer();
        provider.Pay(provider.Checkouts.Keys.Single());

        var answer = (await replica.RecoverLater(account, "k1")).ShouldBeOpened();

        answer.Checkout.Status.ShouldBe(CheckoutStatus.CompletedPendingSubscription);
        (await replica.Buy(account, "k2")).ShouldBeRefused(PaymentsProblems.CheckoutCompletionPending);
    }

    /// <summary>Case T18. Case T26.</summary>
    [Fact]
    public async Task Never_repeats_after_the_deadline_but_holds_the_place()
    {
        using var heard = replica.Hear();
        await LoseTheAnswer();
        var calls = provider.Calls.Count;

        (await replica.RecoverLater(account, "k1", PastDeadline))
            .ShouldBeRefused(PaymentsProblems.CheckoutRecoveryWindowElapsed);

        provider.Calls.Count.ShouldBe(calls);
        var request = await replica.Request(account, "k1");
        ((string)request["status"]!).ShouldBe("expired");
        var hold = (await replica.CheckoutsOf(account)).ShouldHaveSingleItem();
        ((string)hold["status"]!).ShouldBe("recovery_verification_pending");
        hold["provider_checkout_id"].ShouldBeNull();
        ((DateTimeOffset)hold["expires_at"]!)
            .ShouldBe((DateTimeOffset)request["expires_upper_bound_at"]! + TimeSpan.FromSeconds(90));
        (await HoldAndEndAreOneCommit()).ShouldBeTrue();
        (await replica.Buy(account, "k1")).ShouldBeRefused(PaymentsProblems.CheckoutRecoveryWindowElapsed);
        heard.Codes.ShouldContain("BILLING_CHECKOUT_RECOVERY_VERIFICATION_PENDING");
        heard.Codes.ShouldContain("BILLING_RECOVERY_FAILURE");
    }

    /// <summary>Case T19.</summary>
    [Fact]
    public async Task Holds_nothing_once_nobody_can_pay_any_more()
    {
        await LoseTheAnswer();

        (await replica.RecoverLater(account, "k1", PastEverything))
            .ShouldBeRefused(PaymentsProblems.CheckoutRecoveryWindowElapsed);

        (await replica.CheckoutsOf(account)).ShouldBeEmpty();
        (await replica.Buy(account, "k2")).ShouldBeOpened();
    }

    /// <summary>Case T20. Case T58.</summary>
    [Theory]
    [InlineData("quoin-scripted", "2.0.0", "2026-01-01")]
    [InlineData("quoin-scripted", "1.2.3", "2027-01-01")]
    [InlineData("another", "1.2.3", "2026-01-01")]
    public async Task Never_repeats_what_another_release_made(string client, string version, string api)
    {
        using var heard = replica.Hear();
        await LoseTheAnswer();
        var calls = provider.Calls.Count;
        provider.Provenance = new ProviderProvenance(client, version, api);

        (await replica.RecoverLater(account, "k1")).ShouldBeRefused(PaymentsProblems.CheckoutReplayProvenanceMismatch);

        provider.Calls.Count.ShouldBe(calls);
        ((string)(await replica.Request(account, "k1"))["status"]!).ShouldBe("failed");
        ((string)(await replica.CheckoutsOf(account)).ShouldHaveSingleItem()["status"]!)
            .ShouldBe("recovery_verification_pending");
        (await HoldAndEndAreOneCommit()).ShouldBeTrue();
        (await replica.Buy(account, "k2")).ShouldBeRefused(PaymentsProblems.CheckoutRecoveryVerificationPending);
        heard.Codes.ShouldContain("BILLING_STRIPE_SDK_API_BASELINE_DRIFT");
        heard.Codes.ShouldContain("BILLING_CHECKOUT_REPLAY_PROVENANCE_MISMATCH");
    }

    /// <summary>A release that differs in its minor version alone means the same.</summary>
    [Fact]
    public async Task Repeats_what_a_like_release_made()
    {
        await LoseTheAnswer();
        provider.Provenance = provider.Provenance with { ClientVersion = "1.9.0" };

        (await replica.RecoverLater(account, "k1")).ShouldBeOpened();
    }

    /// <summary>Case T25.</summary>
    [Theory]
    [InlineData(24, 23)]
    [InlineData(2, 5)]
    public async Task Holds_until_the_later_of_page_and_deadline(int openHours, int replayHours)
    {
        await using var other = new PaymentsReplica(database, clock, provider, new PaymentsOptions
        {
            CheckoutOpenFor = TimeSpan.FromHours(openHours),
            ReplayWindow = TimeSpan.FromHours(replayHours),
        });
        provider.Next("CreateCheckout", new ScriptedStep(ScriptedEnding.LostAnswer));
        var frozenAt = clock.GetUtcNow();
        await other.Buy(account, "k1");
        provider.Provenance = provider.Provenance with { ClientVersion = "2.0.0" };

        await other.RecoverLater(account, "k1");

        var hold = (await replica.CheckoutsOf(account)).ShouldHaveSingleItem();
        ((DateTimeOffset)hold["expires_at"]!)
            .ShouldBe(frozenAt + TimeSpan.FromHours(Math.Max(openHours, replayHours)) + TimeSpan.FromSeconds(90));
    }

    /// <summary>Case T21. Case T22.</summary>
    [Theory]
    [InlineData("completed_reconciled")]
    [InlineData("expired")]
    [InlineData("abandoned")]
    [InlineData("open")]
    [InlineData("completed_pending_subscription")]
    public async Task Leaves_a_checkout_that_is_there_as_it_is(string status)
    {
        await LoseTheAnswer();
        await KeepCheckout(status, clock.GetUtcNow() + TimeSpan.FromHours(48));

        await replica.RecoverLater(account, "k1", PastDeadline);

        var checkout = (await replica.CheckoutsOf(account)).ShouldHaveSingleItem();
        ((string)checkout["status"]!).ShouldBe(status);
        ((string)(await replica.Request(account, "k1"))["status"]!).ShouldBe("expired");
    }

    /// <summary>A hold that is there is extended, never shortened.</summary>
    [Theory]
    [InlineData(23.5, 24)]
    [InlineData(30, 30)]
    public async Task Extends_a_hold_only(double hours, double expected)
    {
        await LoseTheAnswer();
        var start = clock.GetUtcNow();
        await KeepCheckout("recovery_verification_pending", start + TimeSpan.FromHours(hours));

        await replica.RecoverLater(account, "k1", PastDeadline);

        var until = (DateTimeOffset)(await replica.CheckoutsOf(account)).ShouldHaveSingleItem()["expires_at"]!;
        until.ShouldBe(start + TimeSpan.FromHours(expected) + (expected == 24 ? TimeSpan.FromSeconds(90) : TimeSpan.Zero));
    }

    /// <summary>Case T27: whoever was taken over while the request is still pending.</summary>
    [Fact]
    public async Task Lets_nobody_finish_whose_lease_was_taken()
    {
        using var heard = replica.Hear();
        var gate = new ScriptedGate();
        provider.Next(
            "CreateCheckout",
            new ScriptedStep(ScriptedEnding.Done) { After = gate },
            new ScriptedStep(ScriptedEnding.LostRequest));
        provider.Next("CheckoutsOf", new ScriptedStep(ScriptedEnding.LostRequest));
        var slow = replica.Buy(account, "k1");
        await gate.Reached;
        (await replica.RecoverLater(account, "k1")).ShouldBeRefused(PaymentsProblems.RequestInProgress);

        gate.Open();

        (await slow).ShouldBeRefused(PaymentsProblems.RequestInProgress);
        (await replica.CheckoutsOf(account)).ShouldBeEmpty();
        ((string)(await replica.Request(account, "k1"))["status"]!).ShouldBe("pending");
        (await replica.RecoverLater(account, "k1")).ShouldBeOpened();
        Made().Count.ShouldBe(1);
        heard.Codes.ShouldContain("BILLING_IDEMPOTENCY_LEASE_FENCED");
    }

    /// <summary>Case T27: whoever comes after another finished tells that one's answer.</summary>
    [Fact]
    public async Task Tells_who_comes_late_what_another_finished()
    {
        var gate = new ScriptedGate();
        provider.Next("CreateCheckout", new ScriptedStep(ScriptedEnding.Done) { After = gate });
        var slow = replica.Buy(account, "k1");
        await gate.Reached;
        var answer = (await replica.RecoverLater(account, "k1")).ShouldBeOpened();

        gate.Open();

        (await slow).ShouldBeOpened().ShouldBe(answer);
        (await replica.CheckoutsOf(account)).Count.ShouldBe(1);
    }

    /// <summary>Extra: a lease that is alive is nobody else's.</summary>
    [Fact]
    public async Task Steals_no_lease_that_is_alive()
    {
        await LoseTheAnswer();
        clock.Advance(TimeSpan.FromSeconds(119));

        (await replica.RecoverNow(account, "k1")).ShouldBeRefused(PaymentsProblems.RequestInProgress);
        await replica.Recovery.RecoverAll(CancellationToken.None);

        ((int)(await replica.Request(account, "k1"))["lease_version"]!).ShouldBe(1);
        Made().Count.ShouldBe(1);
    }

    /// <summary>Case T28.</summary>
    [Fact]
    public async Task Sends_nothing_that_is_not_what_was_frozen_and_holds_the_place()
    {
        using var heard = replica.Hear();
        await LoseTheAnswer();
        await replica.Execute(
            "update payments.requests set frozen_params = replace(frozen_params, 'done', 'gone') where org_id = $1",
            account.OrganisationId.Value);

        (await replica.RecoverLater(account, "k1")).ShouldBeRefused(PaymentsProblems.CheckoutConfigurationInvalid);

        provider.CallsOf("CreateCheckout").Count.ShouldBe(1);
        ((string)(await replica.CheckoutsOf(account)).ShouldHaveSingleItem()["status"]!)
            .ShouldBe("recovery_verification_pending");
        (await HoldAndEndAreOneCommit()).ShouldBeTrue();
        heard.Codes.ShouldContain("BILLING_PROVIDER_REQUEST_HASH_MISMATCH");
    }

    /// <summary>Case T32.</summary>
    [Fact]
    public async Task Keeps_a_second_purchase_out_however_long_nobody_knows()
    {
        await LoseTheAnswer();
        (await replica.Buy(account, "k2")).ShouldBeRefused(PaymentsProblems.CheckoutInProgress);
        clock.Advance(TimeSpan.FromHours(5));
        (await replica.Buy(account, "k2")).ShouldBeRefused(PaymentsProblems.CheckoutInProgress);

        await replica.Recovery.RecoverAll(CancellationToken.None);

        (await replica.Buy(account, "k2")).ShouldBeRefused(PaymentsProblems.CheckoutSessionOpen);
        Made().Count.ShouldBe(1);
    }

    /// <summary>A secret key that is no longer let in learns nothing of what the call before it did.</summary>
    [Theory]
    [InlineData(ProviderFailureCategory.Authentication)]
    [InlineData(ProviderFailureCategory.Permission)]
    public async Task Stays_pending_when_it_may_not_ask(ProviderFailureCategory category)
    {
        await LoseTheAnswer();
        provider.Next("CreateCheckout", new ScriptedStep(ScriptedEnding.Rejected) { Category = category });
        provider.Next("CheckoutsOf", new ScriptedStep(ScriptedEnding.Rejected) { Category = category });

        (await replica.RecoverLater(account, "k1")).ShouldBeRefused(PaymentsProblems.RequestInProgress);
        (await replica.RecoverLater(account, "k1")).ShouldBeOpened();
    }

    /// <summary>What a repetition does not tell, the provider's list does.</summary>
    [Fact]
    public async Task Finds_in_the_list_what_a_repetition_does_not_tell()
    {
        await LoseTheAnswer();
        provider.Next("CreateCheckout", new ScriptedStep(ScriptedEnding.LostRequest));

        (await replica.RecoverLater(account, "k1")).ShouldBeOpened().Checkout.ProviderCheckoutId
            .ShouldBe(Made().ShouldHaveSingleItem().Id);
    }

    /// <summary>A key the provider knows with other parameters made something nobody can name.</summary>
    [Fact]
    public async Task Holds_the_place_when_the_provider_knows_the_key_otherwise()
    {
        await LoseTheAnswer();
        provider.Next(
            "CreateCheckout",
            new ScriptedStep(ScriptedEnding.Rejected) { Category = ProviderFailureCategory.KeyReused });

        (await replica.RecoverLater(account, "k1")).ShouldBeRefused(PaymentsProblems.CheckoutProviderError);

        (await replica.Buy(account, "k2")).ShouldBeRefused(PaymentsProblems.CheckoutRecoveryVerificationPending);
    }

    /// <summary>Who looks at the numbers hears of requests nobody finishes before, and after, they can be repeated.</summary>
    [Fact]
    public async Task Tells_of_requests_by_how_late_they_are()
    {
        await LoseTheRequest();
        clock.Advance(TimeSpan.FromMinutes(10));
        provider.Next("CreateCheckout", new ScriptedStep(ScriptedEnding.LostRequest));
        await replica.Buy(await replica.CreateAccount(), "k1");
        clock.Advance(PastDeadline - TimeSpan.FromMinutes(10));
        using var heard = replica.Hear();

        await replica.Recovery.RecoverAll(CancellationToken.None);

        heard.Codes.ShouldContain("BILLING_PENDING_CHECKOUT_IDEMPOTENCY_OLDER_THAN_2X_LEASE_TTL");
        heard.Codes.ShouldContain("BILLING_PENDING_CHECKOUT_REPLAY_DEADLINE_NEARING");
        heard.Codes.ShouldContain("BILLING_PENDING_CHECKOUT_REPLAY_DEADLINE_EXCEEDED");
    }

    /// <summary>One turn goes through many, each once, on however many replicas.</summary>
    [Fact]
    public async Task Goes_through_all_that_are_overdue_each_once()
    {
        await using var second = new PaymentsReplica(database, clock, provider);
        var accounts = new List<BillingAccountProfile>();
        for (var index = 0; index < 12; index++)
        {
            accounts.Add(await replica.CreateAccount());
            provider.Next("CreateCheckout", new ScriptedStep(ScriptedEnding.LostAnswer));
            await replica.Buy(accounts[^1], "k1");
        }

        clock.Advance(TimeSpan.FromMinutes(5));
        await Task.WhenAll(
            replica.Recovery.RecoverAll(CancellationToken.None), second.Recovery.RecoverAll(CancellationToken.None));

        foreach (var one in accounts)
        {
            ((string)(await replica.Request(one, "k1"))["status"]!).ShouldBe("succeeded");
        }

        provider.Checkouts.Values.Select(one => one.Metadata["operation_key"]).ShouldBeUnique();
    }

    // Of this test's account: others of the class leave pending ones behind.
    private List<ProviderCheckout> Made() =>
        [.. provider.Checkouts.Values.Where(one => one.Metadata["org_id"] == account.OrganisationId.ToString())];

    private async Task LoseTheAnswer()
    {
        provider.Next("CreateCheckout", new ScriptedStep(ScriptedEnding.LostAnswer));
        (await replica.Buy(account, "k1")).ShouldBeRefused(PaymentsProblems.RequestInProgress);
    }

    private async Task LoseTheRequest()
    {
        provider.Next("CreateCheckout", new ScriptedStep(ScriptedEnding.LostRequest));
        (await replica.Buy(account, "k1")).ShouldBeRefused(PaymentsProblems.RequestInProgress);
    }

    // As news of the provider would have written it.
    private async Task KeepCheckout(string status, DateTimeOffset expiresAt)
    {
        var request = await replica.Request(account, "k1");
        await replica.Execute(
            """
            insert into payments.checkouts
                (org_id, checkout_id, billing_account_id, flow, provider, mode, operation_key, is_of_link, status, metadata,
                expires_at, created_at, updated_at)
            values ($1, $2, $3, 'subscription', 'scripted', 'test', $4, false, $5, '{}', $6, $7, $7)
            """,
            account.OrganisationId.Value,
            replica.Get<IdSource>().Next(),
            account.Id.Value,
            (string)request["operation_key"]!,
            status,
            expiresAt,
            clock.GetUtcNow());
    }

    private async Task<bool> HoldAndEndAreOneCommit()
    {
        var pairs = await replica.Rows(
            """
            select json_build_object('same', r.xmin = c.xmin)::text
            from payments.requests r
            join payments.checkouts c using (org_id, operation_key)
            where r.org_id = $1
            """,
            account.OrganisationId.Value);
        return (bool)pairs.ShouldHaveSingleItem()["same"]!;
    }
}
