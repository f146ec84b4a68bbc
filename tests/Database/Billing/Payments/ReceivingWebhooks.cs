using System.Net;
using System.Text;
using Quoin.Payments;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Payments;

public sealed class ReceivingWebhooks(NewsHost host) : IClassFixture<NewsHost>
{
    /// <summary>Case T45.</summary>
    [Fact]
    public async Task Takes_only_what_is_signed_over_exactly_these_bytes()
    {
        var buyer = await host.CreateBuyer();
        var news = host.Event("customer.subscription.created", new ProviderEventSubject.Subscription(buyer.Subscription()));
        var body = host.Provider.BodyOf(news);
        var signature = ScriptedProvider.SignatureOf(body);

        (await host.Post(body, null)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await host.Post([.. body, (byte)' '], signature)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var forged = await host.Post(body, "0000");
        (await forged.Json())["code"]!.GetValue<string>().ShouldBe("webhook_refused");
        (await host.StateOf(news.Id)).ShouldBeNull();
        (await host.Post(body, signature)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await host.StateOf(news.Id)).ShouldBe("received");
    }

    [Fact]
    public async Task Tells_every_stranger_the_same()
    {
        var unreadable = Encoding.UTF8.GetBytes("""{"nobody":"knows this"}""");

        var answers = new[]
        {
            await (await host.Post(unreadable, null)).Json(),
            await (await host.Post(unreadable, "0000")).Json(),
            await (await host.Post(unreadable, ScriptedProvider.SignatureOf(unreadable))).Json(),
            await (await host.Post([], null)).Json(),
        };

        answers.Select(answer => (string)answer["detail"]!).Distinct().ShouldHaveSingleItem();
        answers.Select(answer => (string)answer["code"]!).Distinct().ShouldBe(["webhook_refused"]);
    }

    [Fact]
    public async Task Refuses_news_of_the_other_mode()
    {
        var buyer = await host.CreateBuyer();
        var live = host.Event("invoice.paid", new ProviderEventSubject.Invoice(buyer.Invoice())) with { IsLive = true };

        (await host.Deliver(live)).ShouldBe(HttpStatusCode.OK);
        await host.Process();

        (await host.StateOf(live.Id)).ShouldBe("failed/mode_mismatch");
    }

    /// <summary>Case T46.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Refuses_more_than_a_delivery_holds_whether_its_length_is_said_or_not(bool saysLength)
    {
        using var client = host.First.Client(null);
        using HttpContent content = saysLength
            ? new ByteArrayContent(new byte[WebhookLimits.BodyBytesMax + 1])
            : new StreamContent(new MemoryStream(new byte[WebhookLimits.BodyBytesMax + 1]));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/webhooks/stripe") { Content = content };
        request.Headers.TransferEncodingChunked = !saysLength;

        var answer = await client.SendAsync(request);

        answer.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task Answers_what_it_does_not_follow_and_keeps_nothing_of_it()
    {
        var news = new ProviderEvent("evt_unfollowed", "topup.created", host.Clock.GetUtcNow(), IsLive: false, Subject: null);

        (await host.Deliver(news)).ShouldBe(HttpStatusCode.OK);

        (await host.StateOf(news.Id)).ShouldBeNull();
    }

    /// <summary>Case T47: the same event once, however often and wherever it arrives.</summary>
    [Fact]
    public async Task Stores_the_same_event_once_whichever_replica_it_comes_to()
    {
        var buyer = await host.CreateBuyer();
        var news = host.Event("invoice.paid", new ProviderEventSubject.Invoice(buyer.Invoice()));

        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(
            index => host.Deliver(news, index % 2 == 0 ? host.First : host.Second)));

        answers.Distinct().ShouldBe([HttpStatusCode.OK]);
        (await host.Ask("select count(*) from payments.webhook_events where provider_event_id = $1", news.Id)).ShouldBe("1");
        await host.Process();
        (await host.Deliver(news)).ShouldBe(HttpStatusCode.OK);
        await host.Process();
        (await host.Ask("select attempts from payments.webhook_events where provider_event_id = $1", news.Id)).ShouldBe("1");
        (await host.Ask("select count(*) from payments.webhook_payloads payload join payments.webhook_events event "
            + "using (webhook_event_id) where provider_event_id = $1", news.Id))
            .ShouldBe("1");
    }
}
