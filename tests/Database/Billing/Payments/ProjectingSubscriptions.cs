using Quoin.Payments;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Payments;

public sealed class ProjectingSubscriptions(NewsHost host) : IClassFixture<NewsHost>
{
    private const string Created = "customer.subscription.created";
    private const string Updated = "customer.subscription.updated";

    private static ProviderEventSubject Of(ProviderSubscription subscription) => new ProviderEventSubject.Subscription(subscription);

    /// <summary>Case T47: late news never undoes newer news.</summary>
    [Fact]
    public async Task Keeps_the_newest_whatever_order_it_is_told_in()
    {
        var buyer = await host.CreateBuyer();
        var subscription = buyer.Subscription();
        var now = host.Clock.GetUtcNow();

        await host.Tell(Updated, Of(subscription with { Status = "past_due" }), now.AddSeconds(30));
        await host.Tell(Created, Of(subscription with { Status = "incomplete" }), now);
        await host.Tell(Updated, Of(subscription), now.AddSeconds(20));

        (await buyer.SubscriptionStatus(subscription.Id)).ShouldBe("past_due*");
        await host.Tell(Updated, Of(subscription), now.AddSeconds(40));
        (await buyer.SubscriptionStatus(subscription.Id)).ShouldBe("active*");
    }

    /// <summary>Case T47: two in one second are settled by the provider, asked outside of every transaction.</summary>
    [Theory]
    [InlineData("evt_a", "evt_b")]
    [InlineData("evt_b", "evt_a")]
    public async Task Asks_the_provider_which_of_two_in_one_second_was_last(string first, string second)
    {
        var buyer = await host.CreateBuyer();
        var subscription = buyer.Subscription(status: "active");
        var (at, mark) = (host.Clock.GetUtcNow().AddSeconds(5), NewsHost.Ids.Next().ToString("N"));
        await host.Tell(Updated, Of(subscription), at, first + mark);
        host.Provider.During = async call =>
        {
            if (call is { Operation: "Subscription" } && call.Subject == subscription.Id)
            {
                (await host.Ask("select count(*) from pg_stat_activity where datname = current_database() and state = "
                    + "'idle in transaction'"))
                    .ShouldBe("0");
            }
        };

        await host.Tell(Created, Of(subscription with { Status = "incomplete" }), at, second + mark);

        host.Provider.During = null;
        host.Provider.CallsOf("Subscription").Count(call => call.Subject == subscription.Id).ShouldBe(1);
        (await buyer.SubscriptionStatus(subscription.Id)).ShouldBe("active*");
        (await host.Ask("select last_event_id from payments.subscriptions where provider_subscription_id = $1", subscription.Id))
            .ShouldBe("evt_b" + mark);
    }

    [Theory]
    [InlineData("evt_a", "evt_b", "incomplete*")]
    [InlineData("evt_b", "evt_a", "active*")]
    public async Task Lets_ids_decide_between_two_in_one_second_when_the_provider_is_silent(string first, string second, string expected)
    {
        var buyer = await host.CreateBuyer();
        var subscription = buyer.Subscription();
        var (at, mark) = (host.Clock.GetUtcNow().AddSeconds(5), NewsHost.Ids.Next().ToString("N"));
        await host.Tell(Updated, Of(subscription), at, first + mark);
        host.Provider.Next("Subscription", new ScriptedStep(ScriptedEnding.LostRequest));

        await host.Tell(Updated, Of(subscription with { Status = "incomplete" }), at, second + mark);

        (await buyer.SubscriptionStatus(subscription.Id)).ShouldBe(expected);
    }

    /// <summary>Case T52: a duplicate is queued to be ended, never ended on the spot.</summary>
    [Fact]
    public async Task Queues_the_end_of_a_second_one_and_calls_nobody_for_it()
    {
        using var heard = host.Hear();
        var buyer = await host.CreateBuyer();
        var (first, second) = (buyer.Subscription(), buyer.Subscription());
        await host.Tell(Created, Of(first));
        var calls = host.Provider.Calls.Count;

        await host.Tell(Created, Of(second));
        await host.Tell(Updated, Of(second));

        host.Provider.Calls.Count.ShouldBe(calls);
        (await buyer.SubscriptionStatus(first.Id)).ShouldBe("active*");
        (await buyer.SubscriptionStatus(second.Id)).ShouldBe("active");
        (await buyer.Remediations()).ShouldBe("1");
        (await host.Ask("select duplicate_provider_id || '/' || algorithm from payments.remediations where "
            + "billing_account_id = $1", buyer.Account.Value))
            .ShouldBe($"{second.Id}/dup_canonical_v1");
        heard.Codes.ShouldContain("BILLING_DUPLICATE_ACTIVE_SUBSCRIPTIONS_DETECTED");
    }

    /// <summary>Case T53: both orders of arrival keep the one that was current before the event.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Keeps_the_current_one_whichever_is_older(bool isYoungerFirst)
    {
        var buyer = await host.CreateBuyer();
        var older = buyer.Subscription(createdAt: host.Clock.GetUtcNow().AddDays(-10));
        var younger = buyer.Subscription();
        var (first, second) = isYoungerFirst ? (younger, older) : (older, younger);

        await host.Tell(Created, Of(first));
        await host.Tell(Created, Of(second));
        await host.Tell(Updated, Of(first));
        await host.Tell(Updated, Of(second));

        (await buyer.SubscriptionStatus(first.Id)).ShouldBe("active*");
        (await buyer.SubscriptionStatus(second.Id)).ShouldBe("active");
        (await host.Ask("select string_agg(duplicate_provider_id, ',') from payments.remediations where "
            + "billing_account_id = $1", buyer.Account.Value))
            .ShouldBe(second.Id);
    }

    [Fact]
    public async Task Makes_the_oldest_current_when_none_is()
    {
        using var heard = host.Hear();
        var buyer = await host.CreateBuyer();
        var older = buyer.Subscription(createdAt: host.Clock.GetUtcNow().AddDays(-10));
        var (first, younger) = (buyer.Subscription(), buyer.Subscription());
        await host.Tell(Created, Of(first));
        await host.Tell(Created, Of(younger));
        await host.Tell(Created, Of(older));

        await host.Tell("customer.subscription.deleted", Of(first with { Status = "canceled" }));

        (await buyer.SubscriptionStatus(first.Id)).ShouldBe("canceled");
        (await buyer.SubscriptionStatus(older.Id)).ShouldBe("active*");
        (await buyer.SubscriptionStatus(younger.Id)).ShouldBe("active");
        heard.Codes.ShouldContain("BILLING_CANONICAL_SELECTION_FALLBACK");
    }

    /// <summary>Case T54.</summary>
    [Fact]
    public async Task Asks_once_when_candidates_were_made_and_keeps_it()
    {
        var buyer = await host.CreateBuyer();
        var (first, second, third) = (buyer.Subscription(), buyer.Subscription(), buyer.Subscription());
        foreach (var one in new[] { first, second, third })
        {
            await host.Tell(Created, Of(one));
        }

        await host.Run(
            "update payments.subscriptions set provider_created_at = null where provider_subscription_id in ($1, $2)",
                second.Id, third.Id);
        await host.Tell("customer.subscription.deleted", Of(first with { Status = "canceled" }));

        (await host.Ask("select count(*) from payments.subscriptions where billing_account_id = $1 and "
            + "provider_created_at is null", buyer.Account.Value))
            .ShouldBe("0");
        (await host.Ask("select count(*) from payments.subscriptions where billing_account_id = $1 and is_current",
            buyer.Account.Value)).ShouldBe("1");
    }

    [Fact]
    public async Task Retires_parts_that_are_not_named_any_more()
    {
        var buyer = await host.CreateBuyer();
        var subscription = buyer.Subscription();
        await host.Tell(Created, Of(subscription with
        {
            Items = [.. subscription.Items,
            new ProviderSubscriptionItem("si_extra_" + subscription.Id, "price_extra", 2)]
        }));
        await host.Tell(Updated, Of(subscription));

        (await host.Ask(
            "select string_agg(provider_price_id || '/' || component || '/' || is_active, ',' order by "
                + "provider_price_id) from payments.subscription_items join payments.subscriptions s using (org_id, "
                    + "subscription_id) where s.provider_subscription_id = $1",
            subscription.Id)).ShouldBe("price_extra/base/false,price_plan/base/true");
    }

    [Fact]
    public async Task Waits_for_a_plan_it_does_not_know()
    {
        var buyer = await host.CreateBuyer();
        var subscription = buyer.Subscription();
        var news = host.Event(Created, Of(subscription with
        {
            Items = [new ProviderSubscriptionItem("si_unknown",
            "price_unknown", 1)]
        }));

        await host.Deliver(news);
        await host.Process();

        (await host.StateOf(news.Id)).ShouldBe("failed/plan_unknown");
        (await buyer.SubscriptionStatus(subscription.Id)).ShouldBeNull();
    }

    [Fact]
    public async Task Goes_through_the_rest_when_one_event_is_poisoned()
    {
        var buyers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => host.CreateBuyer()));
        var news = buyers.Select(buyer => host.Event(Created, Of(buyer.Subscription()))).ToArray();
        var poisoned = ((ProviderEventSubject.Subscription)news[2].Subject!).Value;
        news[2] = news[2] with { Subject = Of(poisoned with { LatestInvoice = "in_\0broken" }) };
        foreach (var one in news)
        {
            await host.Deliver(one);
        }

        await host.Process();

        (await Task.WhenAll(news.Select(one => host.StateOf(one.Id)))).Count(state => state == "processed/applied").ShouldBe(5);
        (await host.StateOf(news[2].Id)).ShouldBe("failed/threw");
        (await buyers[2].SubscriptionStatus(poisoned.Id)).ShouldBeNull();
    }

    [Fact]
    public async Task Parks_news_of_nobody_and_gives_it_up_with_its_reason()
    {
        using var heard = host.Hear();
        var buyer = await host.CreateBuyer();
        var news = host.Event(Created, Of(buyer.Subscription() with { Metadata = new Dictionary<string, string>() }));
        await host.Deliver(news);
        await host.Process();
        (await host.StateOf(news.Id)).ShouldBe("failed/account_unknown");

        for (var attempt = 1; attempt < WebhookLimits.AttemptsMax; attempt++)
        {
            host.Clock.Advance(WebhookLimits.RetryLongest);
            await host.Process(attempt % 2 == 0 ? host.First : host.Second);
        }

        (await host.StateOf(news.Id)).ShouldBe("dead/account_unknown");
        heard.Codes.ShouldContain("BILLING_WEBHOOK_FAILURE_RETRY");
        heard.Codes.ShouldContain("BILLING_WEBHOOK_REPLAY_FAILED");
    }
}
