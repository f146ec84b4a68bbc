using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Quoin.Kernel;
using Quoin.Payments;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Payments;

public sealed class RecoveringSessions(NewsHost host) : IClassFixture<NewsHost>
{
    [Fact]
    public async Task Shows_those_that_do_not_end_by_themselves_and_why()
    {
        var (buyer, other) = (await host.CreateBuyer(), await host.CreateBuyer());
        var (missing, _) = await buyer.GivenCheckout("completed_pending_subscription");
        var (done, _) = await buyer.GivenCheckout("completed_reconciled");
        await other.GivenCheckout("recovery_verification_pending", providerId: null);
        using var client = await Operator(buyer.Org);

        var stuck = await Data(client, "/v1/payments/sessions?stuck=true");
        var all = await Data(client, "/v1/payments/sessions");

        var session = stuck.ShouldHaveSingleItem()!;
        ((string)session["trouble"]!).ShouldBe("subscription_missing");
        ((string)session["operation_key"]!).ShouldBe(missing);
        all.Select(row => (string)row!["operation_key"]!).ShouldBe([done, missing]);
        var first = await (await client.GetAsync("/v1/payments/sessions?limit=1")).Json();
        (await Data(client, $"/v1/payments/sessions?limit=1&cursor={(string)first["next_cursor"]!}"))
            .Select(row => (string)row!["operation_key"]!).ShouldBe([missing]);

        using var everywhere = await host.First.OperatorClient();
        (await Data(everywhere, "/v1/payments/sessions?stuck=true"))
            .Select(row => (string)row!["organisation_id"]!).ShouldContain(other.Org.ToString());
        using var stranger = await Operator(other.Org);
        (await stranger.GetAsync($"/v1/payments/sessions/{(string)session["id"]!}")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await client.GetAsync($"/v1/payments/sessions/{(string)session["checkout_id"]!}")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await client.GetAsync("/v1/payments/sessions?stuck=perhaps")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        using var customer = host.First.Client(buyer.Key);
        (await customer.GetAsync("/v1/payments/sessions")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Goes_on_with_a_request_whose_worker_stopped_and_keeps_who_said_so()
    {
        var buyer = await host.CreateBuyer();
        var operation = await buyer.PendingRequest();
        using var client = await Operator(buyer.Org);
        var session = (await Data(client, "/v1/payments/sessions")).ShouldHaveSingleItem()!;
        ((string)session["trouble"]!).ShouldBe("none");
        var address = $"/v1/payments/requests/{(string)session["request_id"]!}/recover";
        ((string)(await (await client.PostAsJsonAsync(address, Because)).Json())["code"]!).ShouldBe("request_in_progress");

        host.Clock.Advance(TimeSpan.FromMinutes(3));
        ((string)(await Data(client, "/v1/payments/sessions?stuck=true")).ShouldHaveSingleItem()!["trouble"]!).ShouldBe("worker_stopped");
        (await client.PostAsJsonAsync(address, new { reason = "" })).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        using var stranger = await Operator((await host.CreateBuyer()).Org);
        (await stranger.PostAsJsonAsync(address, Because)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        var recovered = await (await client.PostAsJsonAsync(address, Because)).Json();

        ((string)recovered["request_status"]!).ShouldBe("failed");
        (await buyer.RequestStatus(operation)).ShouldBe("failed/checkout_configuration_invalid");
        (await Audited(buyer, "payment_request.recovered")).ShouldBe("1");
        ((string)(await (await client.PostAsJsonAsync(address, Because)).Json())["code"]!).ShouldBe("checkout_session_transition_invalid");
    }

    [Fact]
    public async Task Has_an_open_page_closed_at_the_provider()
    {
        var buyer = await host.CreateBuyer();
        var (operation, providerId) = await buyer.GivenCheckout();
        buyer.Checkout(operation, ProviderCheckoutStatus.Open, id: providerId);
        using var client = await Operator(buyer.Org);
        var session = (await Data(client, "/v1/payments/sessions")).ShouldHaveSingleItem()!;

        var answer = await client.PostAsJsonAsync($"/v1/payments/checkouts/{(string)session["checkout_id"]!}/expire", Because);
        await host.RunJobs();

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        host.Provider.Checkouts[providerId].Status.ShouldBe(ProviderCheckoutStatus.Expired);
        (await Audited(buyer, "checkout.closing_asked")).ShouldBe("1");
    }

    [Fact]
    public async Task Lays_aside_news_that_was_given_up()
    {
        var buyer = await host.CreateBuyer();
        var news = host.Event("invoice.paid", new ProviderEventSubject.Invoice(buyer.Invoice()));
        await host.Deliver(news);
        await host.Run("update payments.webhook_events set state = 'dead', due_at = null where provider_event_id = $1", news.Id);
        using var client = await host.First.OperatorClient();
        var id = (string)(await Data(client, $"/v1/payments/webhook-events?provider_event_id={news.Id}"))[0]!["id"]!;

        (await client.PostAsJsonAsync($"/v1/payments/webhook-events/{id}/discard", new { reason = "" }))
            .StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var discarded = await client.PostAsJsonAsync($"/v1/payments/webhook-events/{id}/discard", Because);
        await host.Process();

        discarded.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await host.StateOf(news.Id)).ShouldBe("processed/discarded");
        (await host.Ask("select count(*) from payments.invoices where org_id = $1", buyer.Org.Value)).ShouldBe("0");
        (await host.Ask("select count(*) from accounts.audit_log where subject = $1 and action = 'webhook_event.discarded'", id))
            .ShouldBe("1");
        ((string)(await (await client.PostAsJsonAsync($"/v1/payments/webhook-events/{id}/discard", Because)).Json())["code"]!)
            .ShouldBe("webhook_not_replayable");
    }

    [Fact]
    public async Task Shows_movements_that_belong_to_nobody_page_by_page()
    {
        for (var number = 1; number <= 3; number++)
        {
            await host.Run(
                """
                insert into payments.balance_moves
                    (provider, mode, provider_move_id, kind, amount_minor, fee_minor, currency, source, moved_at, seen_at)
                values ('scripted', 'test', $1, 'charge', 1500, 50, 'USD', 'ch_strange', $2, $2)
                """,
                $"txn_{number}",
                host.Clock.GetUtcNow().AddMinutes(number));
        }

        using var client = await host.First.OperatorClient();
        var first = await (await client.GetAsync("/v1/payments/unattributed-movements?mode=test&limit=2")).Json();
        var rest = await Data(client, $"/v1/payments/unattributed-movements?mode=test&limit=2&cursor={(string)first["next_cursor"]!}");

        first["data"]!.AsArray().Select(row => (string)row!["provider_move_id"]!).ShouldBe(["txn_3", "txn_2"]);
        rest.Select(row => (string)row!["provider_move_id"]!).ShouldBe(["txn_1"]);
        ((long)rest[0]!["amount"]!["amount_micros"]!).ShouldBe(15_000_000);
        (await Data(client, "/v1/payments/unattributed-movements?mode=live")).ShouldBeEmpty();
    }

    private static object Because => new { reason = "A customer asked." };

    private Task<string?> Audited(Buyer buyer, string action) => host.Ask(
        "select count(*) from accounts.audit_log where org_id = $1 and action = $2 and reason = 'A customer asked.'",
        buyer.Org.Value,
        action);

    private async Task<HttpClient> Operator(OrgId org)
    {
        var client = await host.First.OperatorClient();
        client.DefaultRequestHeaders.Add("Quoin-Org", org.ToString());
        return client;
    }

    private static async Task<JsonArray> Data(HttpClient client, string address)
    {
        using var answer = await client.GetAsync(address);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return (await answer.Json())["data"]!.AsArray();
    }
}
