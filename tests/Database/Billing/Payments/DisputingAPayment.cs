using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Quoin.Ledger;
using Quoin.Payments;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Payments;

public sealed class DisputingAPayment(NewsHost host) : IClassFixture<NewsHost>
{
    [Fact]
    public async Task Takes_the_money_once_and_gives_it_back_once_in_whatever_order_it_is_told()
    {
        var (buyer, payment) = await Bought(2_500);
        var dispute = Dispute(payment);

        await Tell(dispute with { IsWithdrawn = true });
        await Tell(dispute);
        await Tell(dispute with { IsWithdrawn = true });
        (await buyer.Facts()).ShouldBe(["credit_purchased", "chargeback"]);
        (await buyer.Balance(AccountKind.ProcessorClearing)).ShouldBe(0);
        (await PurchaseStatus(buyer)).ShouldBe("disputed");
        await Tell(dispute with { Status = "won", IsWithdrawn = true, IsReinstated = true });
        await Tell(dispute with { Status = "won", IsWithdrawn = true, IsReinstated = true });
        await Tell(dispute with { Status = "needs_response" });

        (await buyer.Facts()).ShouldBe(["credit_purchased", "chargeback", "chargeback_reversed"]);
        (await buyer.Balance(AccountKind.Grants)).ShouldBe(25_000_000);
        (await Status(dispute)).ShouldBe("won");
        (await PurchaseStatus(buyer)).ShouldBe("succeeded");
    }

    [Fact]
    public async Task Waits_until_its_payment_is_known()
    {
        var (buyer, _) = await Bought(2_500);
        var later = buyer.Payment() with { Metadata = buyer.Metadata() };
        var news = host.Event("charge.dispute.created", new ProviderEventSubject.Dispute(Dispute(later)));

        await host.Deliver(news);
        await host.Process();
        (await host.StateOf(news.Id)).ShouldBe("failed/account_unknown");
        await host.Tell("payment_intent.succeeded", new ProviderEventSubject.Payment(later));
        host.Clock.Advance(TimeSpan.FromHours(2));
        await host.Process();

        (await host.StateOf(news.Id)).ShouldBe("processed/applied");
    }

    /// <summary>What the simulation of payments found: such money was never taken from the books.</summary>
    [Fact]
    public async Task Takes_the_money_as_soon_as_it_is_known_what_it_had_paid()
    {
        var (buyer, _) = await Bought(2_500);
        var later = buyer.Payment();
        var dispute = Dispute(later) with { IsWithdrawn = true };
        await host.Tell("payment_intent.succeeded", new ProviderEventSubject.Payment(later));
        await Tell(dispute);
        (await buyer.Facts()).ShouldBe(["credit_purchased"]);

        await host.Tell("invoice.paid", new ProviderEventSubject.Invoice(buyer.Invoice(payment: later.Id)));
        await Tell(dispute);

        (await buyer.Facts()).ShouldBe(["credit_purchased", "payment_received", "chargeback"]);
    }

    /// <summary>What the simulation of payments found: what came back was never booked when the news of it was lost.</summary>
    [Fact]
    public async Task Is_asked_about_while_it_is_open_and_nothing_is_heard_of_it()
    {
        var (buyer, payment) = await Bought(2_500);
        var dispute = Dispute(payment);
        await Tell(dispute with { IsWithdrawn = true });
        host.Provider.Disputes[dispute.Id] = dispute with { Status = "won", IsWithdrawn = true, IsReinstated = true };

        host.Clock.Advance(TimeSpan.FromHours(2));
        await host.RunJobs();
        await host.RunJobs();

        (await Status(dispute)).ShouldBe("won");
        (await buyer.Facts()).ShouldBe(["credit_purchased", "chargeback", "chargeback_reversed"]);
    }

    [Fact]
    public async Task Restricts_who_disputes_much_until_the_bank_has_decided()
    {
        var (buyer, payment) = await Bought(9_000);
        var dispute = Dispute(payment);

        await Tell(dispute with { IsWithdrawn = true });
        await host.RunJobs();
        (await buyer.State()).ShouldBe("past_due");
        await Tell(dispute with { Status = "won", IsWithdrawn = true, IsReinstated = true });
        await host.RunJobs();

        (await buyer.State()).ShouldBe("active");
    }

    [Fact]
    public async Task Is_answered_once_with_files_that_are_hashed()
    {
        var (buyer, payment) = await Bought(2_500);
        var dispute = Dispute(payment);
        await Tell(dispute);
        using var client = await host.First.OperatorClient();
        client.DefaultRequestHeaders.Add("Quoin-Org", buyer.Org.ToString());
        var id = (string)(await client.GetJson("/v1/payments/disputes"))["data"]![0]!["id"]!;

        (await Send(client, HttpMethod.Post, $"/v1/payments/disputes/{id}/submit", new { })).ShouldBe("evidence_missing");
        await Send(client, HttpMethod.Put, $"/v1/payments/disputes/{id}/evidence", new { explanation = "They used it." });
        await Send(
            client,
            HttpMethod.Post,
            $"/v1/payments/disputes/{id}/files",
            new { name = "log.pdf", content_type = "application/pdf", content = Convert.ToBase64String("usage"u8) });
        (await Send(client, HttpMethod.Post, $"/v1/payments/disputes/{id}/submit", new { })).ShouldBeNull();
        await host.RunJobs();

        var shown = await client.GetJson($"/v1/payments/disputes/{id}");
        ((string?)shown["status"]).ShouldBe("evidence_submitted");
        ((string?)shown["evidence"]!["status"]).ShouldBe("submitted");
        ((string?)shown["evidence"]!["files"]![0]!["sha256"]).ShouldBe(
            Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("usage"u8)));
        (await Send(client, HttpMethod.Put, $"/v1/payments/disputes/{id}/evidence", new { explanation = "More." }))
            .ShouldBe("evidence_submitted");
        (await buyer.Facts()).ShouldBe(["credit_purchased"]);
    }

    /// <summary>What the provider refuses is a draft again, with its words; sent anew it has another key.</summary>
    [Fact]
    public async Task Returns_to_the_operator_with_the_words_of_who_refused_it()
    {
        var (client, id) = await Written();
        host.Provider.Next("SubmitEvidence", new ScriptedStep(ScriptedEnding.Rejected));
        await Send(client, HttpMethod.Post, $"/v1/payments/disputes/{id}/submit", new { });
        await host.RunJobs();

        var shown = (await client.GetJson($"/v1/payments/disputes/{id}"))["evidence"]!;
        ((string?)shown["status"]).ShouldBe("draft");
        ((string?)shown["refusal"]).ShouldNotBeNullOrEmpty();
        shown["submitted_by"].ShouldBeNull();
        await Send(client, HttpMethod.Put, $"/v1/payments/disputes/{id}/evidence", new { explanation = "They used all of it." });
        (await Send(client, HttpMethod.Post, $"/v1/payments/disputes/{id}/submit", new { })).ShouldBeNull();
        await host.RunJobs();

        shown = (await client.GetJson($"/v1/payments/disputes/{id}"))["evidence"]!;
        ((string?)shown["status"]).ShouldBe("submitted");
        shown["refusal"].ShouldBeNull();
        host.Provider.CallsOf("SubmitEvidence").TakeLast(2).Select(call => call.Key).ShouldBeUnique();
        client.Dispose();
    }

    [Fact]
    public async Task Becomes_a_finding_when_the_provider_never_says_whether_it_took_the_evidence()
    {
        var (client, id) = await Written();
        host.Provider.Next("SubmitEvidence", new ScriptedStep(ScriptedEnding.LostRequest), new ScriptedStep(ScriptedEnding.LostRequest));
        await Send(client, HttpMethod.Post, $"/v1/payments/disputes/{id}/submit", new { });
        await host.RunJobs();
        await host.Run(
            "update platform.jobs set attempts = $1 where name = 'payments.submit_evidence'", Quoin.Platform.JobLimits.AttemptsMax - 1);
        host.Clock.Advance(TimeSpan.FromMinutes(20));

        await host.RunJobs();

        ((string?)(await client.GetJson("/v1/payments/findings"))["data"]![0]!["kind"]).ShouldBe("evidence_unknown");
        ((string?)(await client.GetJson($"/v1/payments/disputes/{id}"))["evidence"]!["status"]).ShouldBe("submitting");
        client.Dispose();
    }

    [Fact]
    public async Task Is_told_of_when_its_time_is_nearly_over_and_when_it_is_over()
    {
        using var heard = host.Hear();
        var (_, payment) = await Bought(2_500);
        var dispute = Dispute(payment) with { EvidenceDueAt = host.Clock.GetUtcNow().AddDays(4) };
        await Tell(dispute);

        await WatchDeadlines();
        (await Status(dispute)).ShouldBe("needs_response");
        host.Clock.Advance(TimeSpan.FromDays(2));
        await WatchDeadlines();
        (await Status(dispute)).ShouldBe("evidence_due");
        (await Overdue(dispute)).ShouldBeNull();
        host.Clock.Advance(TimeSpan.FromDays(3));
        await WatchDeadlines();

        (await Overdue(dispute)).ShouldNotBeNull();
        heard.Codes.ShouldContain("BILLING_DISPUTE_EVIDENCE_OVERDUE");
    }

    private async Task<(HttpClient Client, string Dispute)> Written()
    {
        var (buyer, payment) = await Bought(2_500);
        await Tell(Dispute(payment));
        var client = await host.First.OperatorClient();
        client.DefaultRequestHeaders.Add("Quoin-Org", buyer.Org.ToString());
        var id = (string)(await client.GetJson("/v1/payments/disputes"))["data"]![0]!["id"]!;
        await Send(client, HttpMethod.Put, $"/v1/payments/disputes/{id}/evidence", new { explanation = "They used it." });
        return (client, id);
    }

    private async Task WatchDeadlines()
    {
        host.Clock.Advance(TimeSpan.FromMinutes(6));
        await host.RunJobs();
    }

    private async Task<(Buyer Buyer, ProviderPayment Payment)> Bought(long minor)
    {
        var org = await host.First.CreateOrganisation();
        var buyer = new Buyer(host, org.Id, org.BillingAccount, host.Provider.NewId("cus"));
        return (buyer, await buyer.Buy(minor));
    }

    private ProviderDispute Dispute(ProviderPayment payment)
    {
        var dispute = new ProviderDispute(
            host.Provider.NewId("dp"), payment.Id, payment.Charge, "needs_response", "fraudulent", payment.AmountMinor, "USD",
            host.Clock.GetUtcNow().AddDays(10), host.Clock.GetUtcNow(), IsWithdrawn: false, IsReinstated: false);
        host.Provider.Disputes[dispute.Id] = dispute;
        return dispute;
    }

    private Task Tell(ProviderDispute dispute) =>
        host.Tell("charge.dispute.updated", new ProviderEventSubject.Dispute(dispute));

    private Task<string?> Status(ProviderDispute dispute) =>
        host.Ask("select status from payments.disputes where provider_dispute_id = $1", dispute.Id);

    private Task<string?> Overdue(ProviderDispute dispute) =>
        host.Ask("select overdue_told_at from payments.disputes where provider_dispute_id = $1", dispute.Id);

    private Task<string?> PurchaseStatus(Buyer buyer) =>
        host.Ask("select status from payments.purchases where org_id = $1", buyer.Org.Value);

    private static async Task<string?> Send(HttpClient client, HttpMethod method, string address, object body)
    {
        using var request = new HttpRequestMessage(method, address) { Content = JsonContent.Create(body) };
        using var answer = await client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode ? null : (string?)JsonNode.Parse(text)!["code"];
    }
}
