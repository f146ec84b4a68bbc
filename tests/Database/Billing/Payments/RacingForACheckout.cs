using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Payments;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Payments;

public sealed class RacingForACheckout(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
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

    /// <summary>Case T30. Case T63.</summary>
    [Fact]
    public async Task Gives_a_page_up_when_a_subscription_came_meanwhile()
    {
        var session = await SubscribeBetween();

        var checkout = (await replica.CheckoutsOf(account)).ShouldHaveSingleItem();
        ((string)checkout["status"]!).ShouldBe("abandoned");
        ((string)checkout["provider_checkout_id"]!).ShouldBe(session);
        ((string)checkout["url"]!).ShouldContain(session);
        ((string)(await replica.Request(account, "k1"))["failure_code"]!).ShouldBe("subscription_exists_use_portal");
        var job = (await replica.Jobs(account.OrganisationId, "payments.expire_checkout")).ShouldHaveSingleItem();
        ((string)job["unique_key"]!).ShouldBe($"expire_checkout_session:scripted/test/{session}");
        (await replica.Buy(account, "k1")).ShouldBeRefused(PaymentsProblems.SubscriptionExists);
        (await replica.Jobs(account.OrganisationId, "payments.expire_checkout")).Count.ShouldBe(1);
    }

    /// <summary>Case T31.</summary>
    [Fact]
    public async Task Closes_the_page_so_that_nobody_subscribes_twice()
    {
        await replica.Execute("delete from platform.jobs where name = 'payments.expire_checkout'");
        var session = await SubscribeBetween();
        var gate = new ScriptedGate();
        provider.Next("ExpireCheckout", new ScriptedStep(ScriptedEnding.Done) { After = gate });

        await replica.Start();
        replica.Get<Jobs>().Hint();
        await gate.Reached.WaitAsync(TimeSpan.FromSeconds(30));
        gate.Open();
        await replica.Services.Stop();

        var call = provider.CallsOf("ExpireCheckout").ShouldHaveSingleItem();
        call.Subject.ShouldBe(session);
        call.Key.ShouldNotBeNullOrEmpty();
        provider.Checkouts[session].Status.ShouldBe(ProviderCheckoutStatus.Expired);
        provider.KeptSubscriptions.ShouldBeEmpty();
    }

    /// <summary>What the simulation of payments found: the customer was told what was made, and then that nobody knows.</summary>
    [Fact]
    public async Task Tells_whoever_was_slow_what_recovery_learnt_meanwhile()
    {
        var gate = new ScriptedGate();
        provider.Next("CreateCheckout", new ScriptedStep(ScriptedEnding.LostAnswer) { After = gate });
        var slow = Task.Run(() => replica.Buy(account, "k1"));
        await gate.Reached.WaitAsync(TimeSpan.FromSeconds(30));
        var answer = (await replica.RecoverLater(account, "k1")).ShouldBeOpened();

        gate.Open();

        (await slow).ShouldBeOpened().ShouldBe(answer);
    }

    /// <summary>A page that was paid all the same cannot be closed: somebody must give that back.</summary>
    [Fact]
    public async Task Tells_of_a_page_that_was_paid_before_it_could_be_closed()
    {
        await replica.Execute("delete from platform.jobs where name = 'payments.expire_checkout'");
        using var heard = replica.Hear();
        provider.Pay(await SubscribeBetween());

        await replica.Get<JobRunner>().RunDue(CancellationToken.None);

        heard.Codes.ShouldContain("BILLING_ORPHAN_CHECKOUT_SESSION_CLEANUP_ATTEMPT");
        heard.Codes.ShouldContain("BILLING_ORPHAN_CHECKOUT_SESSION_CLEANUP_FAILURE");
    }

    /// <summary>What nobody could close is counted when it is given up, and stays for an operator to revive.</summary>
    [Fact]
    public async Task Tells_of_a_page_that_nobody_can_close()
    {
        await replica.Execute("delete from platform.jobs where name = 'payments.expire_checkout'");
        using var heard = replica.Hear();
        await SubscribeBetween();
        provider.Next("ExpireCheckout", [.. Enumerable.Repeat(new ScriptedStep(ScriptedEnding.LostRequest), 8)]);

        for (var attempt = 1; attempt <= 8; attempt++)
        {
            heard.Codes.ShouldNotContain("BILLING_OUTBOX_DEAD_LETTER");
            await replica.Get<JobRunner>().RunDue(CancellationToken.None);
            clock.Advance(TimeSpan.FromHours(1));
        }

        heard.Codes.ShouldContain("BILLING_OUTBOX_DEAD_LETTER");
        (await replica.Get<Jobs>().Dead(0, 200, CancellationToken.None)).ShouldContain(job => job.Name == "payments.expire_checkout");
    }

    /// <summary>The subscription that came is the page's own: all is well.</summary>
    [Fact]
    public async Task Is_done_when_its_own_subscription_came_first()
    {
        provider.Next("CreateCheckout", new ScriptedStep(ScriptedEnding.LostAnswer));
        await replica.Buy(account, "k1");
        var paid = provider.Pay(provider.Checkouts.Keys.Single());
        var local = await replica.Subscribe(account);
        await replica.Execute(
            "update payments.subscriptions set provider_subscription_id = $2 where provider_subscription_id = $1",
            local,
            paid.Subscription!);

        var answer = (await replica.RecoverLater(account, "k1")).ShouldBeOpened();

        answer.Checkout.Status.ShouldBe(CheckoutStatus.CompletedReconciled);
        (await replica.Jobs(account.OrganisationId, "payments.expire_checkout")).ShouldBeEmpty();
    }

    /// <summary>Case T37: a writer of news on another connection takes the same locks in the same order.</summary>
    [Fact]
    public async Task Never_waits_in_a_circle_with_a_writer_of_news()
    {
        await using var second = new PaymentsReplica(database, clock, provider);
        var operations = new List<Task>();
        for (var round = 0; round < 15; round++)
        {
            var buyer = await replica.CreateAccount();
            provider.Next("CreateCheckout", new ScriptedStep(ScriptedEnding.LostAnswer));
            await replica.Buy(buyer, "k1");
            clock.Advance(TimeSpan.FromSeconds(121));
            operations.AddRange(
                replica.RecoverNow(buyer, "k1"),
                second.RecoverNow(buyer, "k1"),
                second.Buy(buyer, "k1"),
                second.Buy(buyer, "k2"),
                WriteNews(buyer),
                WriteNews(buyer));
        }

        await Task.WhenAll(operations).WaitAsync(TimeSpan.FromSeconds(60));

        (await Deadlocks()).ShouldBe(0);
        provider.Checkouts.Values.Select(one => one.Metadata["operation_key"]).ShouldBeUnique();
    }

    /// <summary>Case T38.</summary>
    [Fact]
    public async Task Bears_many_writers_of_few_accounts()
    {
        await using var second = new PaymentsReplica(database, clock, provider);
        var accounts = new[] { account, await replica.CreateAccount(), await replica.CreateAccount() };
        var dice = new Random(20260401);
        var moves = Enumerable.Range(0, 150).Select(index => (
            Where: index % 2 == 0 ? replica : second,
            Account: accounts[dice.Next(accounts.Length)],
            Key: $"k{dice.Next(6)}",
            What: dice.Next(5),
            Ending: dice.Next(3))).ToList();

        await Parallel.ForEachAsync(moves, new ParallelOptions { MaxDegreeOfParallelism = 12 }, async (move, token) =>
        {
            provider.Next("CreateCheckout", new ScriptedStep((ScriptedEnding)move.Ending));
            switch (move.What)
            {
                case 0:
                    clock.Advance(TimeSpan.FromSeconds(30));
                    await move.Where.Recovery.RecoverAll(token);
                    break;
                case 1:
                    await WriteNews(move.Account);
                    break;
                case 2:
                    await move.Where.PayOnce(move.Account, $"o{move.Key}");
                    break;
                default:
                    await move.Where.Buy(move.Account, move.Key);
                    break;
            }
        }).WaitAsync(TimeSpan.FromSeconds(120));

        (await Deadlocks()).ShouldBe(0);
        foreach (var one in accounts)
        {
            (await replica.CheckoutsOf(one)).Count(checkout => (string)checkout["flow"]! == "subscription"
                && (string)checkout["status"]! is "open" or "recovery_verification_pending").ShouldBeLessThanOrEqualTo(1);
        }
    }

    private async Task<string> SubscribeBetween()
    {
        var gate = new ScriptedGate();
        provider.Next("CreateCheckout", new ScriptedStep(ScriptedEnding.Done) { After = gate });
        var buying = replica.Buy(account, "k1");
        await gate.Reached;
        await replica.Subscribe(account);
        gate.Open();
        (await buying).ShouldBeRefused(PaymentsProblems.SubscriptionExists);
        return provider.Checkouts.Keys.Single();
    }

    // What every writer of news does: the account, its subscriptions, its requests, its checkouts.
    private async Task WriteNews(BillingAccountProfile of)
    {
        await using var connection = await database.App.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        foreach (var table in new[] { "billing_accounts", "subscriptions", "requests", "checkouts" })
        {
            await using var command = transaction.Sql(
                $"select from payments.{table} where org_id = $1 and billing_account_id = $2 for update",
                of.OrganisationId.Value,
                of.Id.Value);
            await command.ExecuteNonQueryAsync();
        }

        await transaction.CommitAsync();
    }

    private async Task<long> Deadlocks()
    {
        await using var command = database.Owner.Sql("select deadlocks from pg_stat_database where datname = current_database()");
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
