using System.Net;
using System.Net.Http.Json;
using Quoin.Payments;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Payments;

public sealed class OperatingOnNews(NewsHost host) : IClassFixture<NewsHost>
{
    [Fact]
    public async Task Finds_news_by_what_it_is_about_and_goes_through_it_again()
    {
        var buyer = await host.CreateBuyer();
        var subscription = buyer.Subscription() with { Items = [new ProviderSubscriptionItem("si_late", "price_late", 1)] };
        var news = host.Event("customer.subscription.created", new ProviderEventSubject.Subscription(subscription));
        await host.Deliver(news);
        await host.Process();
        using var client = await host.First.OperatorClient();
        var found = (await (await client.GetAsync($"/v1/payments/webhook-events?provider_object_id={subscription.Id}"))
            .Json())["data"]![0]!;
        ((string)found["state"]!).ShouldBe("failed");
        ((bool)found["is_replayable"]!).ShouldBeTrue();

        await host.Run("update payments.plan_prices set provider_price_id = 'price_late' where provider_price_id = 'price_plan'");
        var replayed = await client.PostAsJsonAsync($"/v1/payments/webhook-events/{(string)found["id"]!}/replay",
            new { reason = "The price is here." });
        await host.Process(host.Second);
        await host.Run("update payments.plan_prices set provider_price_id = 'price_plan' where provider_price_id = 'price_late'");

        replayed.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await buyer.SubscriptionStatus(subscription.Id)).ShouldBe("active*");
        var again = await client.PostAsJsonAsync($"/v1/payments/webhook-events/{(string)found["id"]!}/replay", new { reason = "Again." });
        ((string)(await again.Json())["code"]!).ShouldBe("webhook_not_replayable");
        (await host.Ask("select count(*) from accounts.audit_log where subject = $1", (string)found["id"]!)).ShouldBe("1");
    }

    [Fact]
    public async Task Revives_all_that_was_given_up()
    {
        var buyer = await host.CreateBuyer();
        var invoices = Enumerable.Range(0, 3).Select(_ => host.Event("invoice.paid",
            new ProviderEventSubject.Invoice(buyer.Invoice()))).ToArray();
        foreach (var news in invoices)
        {
            await host.Deliver(news);
            await host.Run("update payments.webhook_events set state = 'dead', due_at = null where provider_event_id = $1", news.Id);
        }

        using var client = await host.First.OperatorClient();
        var answer = await client.PostAsJsonAsync("/v1/payments/webhook-events/replay-dead", new { reason = "All of them." });
        await host.Process();

        ((int)(await answer.Json())["count"]!).ShouldBe(3);
        (await Task.WhenAll(invoices.Select(news => host.StateOf(news.Id)))).ShouldAllBe(state => state == "processed/applied");
    }

    [Fact]
    public async Task Forgets_what_is_done_with_and_keeps_what_failed_or_is_still_needed()
    {
        var buyer = await host.CreateBuyer();
        var (done, failed) = (
            host.Event("invoice.paid", new ProviderEventSubject.Invoice(buyer.Invoice())),
            host.Event("invoice.paid", new ProviderEventSubject.Invoice((await host.CreateBuyer()).Invoice(named: false))));
        await host.Deliver(done);
        await host.Deliver(failed);
        await host.Process();
        var (blocking, _) = await buyer.GivenCheckout("completed_pending_subscription");
        var (over, _) = await (await host.CreateBuyer()).GivenCheckout("expired");
        host.Clock.Advance(TimeSpan.FromDays(32));
        using var client = await host.First.OperatorClient();

        var counted = await (await client.PostAsJsonAsync("/v1/payments/retention-sweeps", new
        {
            dry_run = true,
            reason = "How much?"
        })).Json();
        (await Payloads(done)).ShouldBe("1");
        var swept = await (await client.PostAsJsonAsync("/v1/payments/retention-sweeps", new
        {
            dry_run = false,
            reason = "Now."
        })).Json();

        ((long)swept["payloads"]!).ShouldBe((long)counted["payloads"]!);
        (await Payloads(done)).ShouldBe("0");
        (await Payloads(failed)).ShouldBe("1");
        (await host.StateOf(done.Id)).ShouldBe("processed/applied");
        (await buyer.RequestStatus(blocking)).ShouldBe("succeeded");
        (await buyer.RequestStatus(over)).ShouldBeNull();
        (await host.Deliver(done)).ShouldBe(HttpStatusCode.OK);
        (await host.StateOf(done.Id)).ShouldBe("processed/applied");
    }

    private Task<string?> Payloads(ProviderEvent news) => host.Ask(
        "select count(*) from payments.webhook_payloads join payments.webhook_events using (webhook_event_id) where "
            + "provider_event_id = $1", news.Id);
}
