using Quoin.Payments;
using Shouldly;
using Xunit;

namespace Quoin.Tests.Unit.Billing.Payments.Stripe;

/// <summary>What goes over the wire, and how often.</summary>
public sealed class CallingStripe : IAsyncLifetime
{
    private static readonly CancellationToken Never = CancellationToken.None;
    private static readonly Dictionary<string, string> Metadata = new() { ["operation_key"] = "op1", ["flow"] = "one_off" };
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private LoopbackStripe stripe = null!;

    public async Task InitializeAsync() => stripe = await LoopbackStripe.Start();

    public async Task DisposeAsync() => await stripe.DisposeAsync();

    [Fact]
    public async Task Every_call_names_key_version_and_secret()
    {
        using var provider = stripe.Then(200, StripeShapes.Checkout, "Request-Id: req_7").Provider();
        var frozen = provider.Freeze(Subscribing());

        var outcome = await provider.CreateCheckout(frozen, "key-1", Never);

        outcome.ShouldBeOfType<ProviderOutcome<ProviderCheckout>.Done>().RequestId.ShouldBe("req_7");
        var sent = stripe.Requests.Single();
        sent.Method.ShouldBe("POST");
        sent.Path.ShouldBe("/v1/checkout/sessions");
        sent.Headers["Authorization"].ShouldBe("Bearer sk_test_secret");
        sent.Headers["Stripe-Version"].ShouldBe(provider.Provenance.ApiVersion);
        sent.Headers["Idempotency-Key"].ShouldBe("key-1");
        sent.Headers["Content-Type"].ShouldStartWith("application/x-www-form-urlencoded");
        sent.Headers["User-Agent"].ShouldBe("quoin-stripe/1.0.0");
    }

    [Fact]
    public async Task Nested_parameters_become_names_in_brackets()
    {
        using var provider = stripe.Then(200, StripeShapes.Checkout).Provider();

        await provider.CreateCheckout(provider.Freeze(Subscribing()), "key-1", Never);

        Uri.UnescapeDataString(stripe.Requests.Single().Body).Split('&').ShouldBe(
        [
            "cancel_url=https://q.example/cancel?a=1", "client_reference_id=ba_1", "customer=cus_1", "expires_at=1767312000",
            "line_items[0][price]=price_1", "line_items[0][quantity]=1", "line_items[1][price]=price_metered",
            "metadata[flow]=one_off", "metadata[operation_key]=op1", "mode=subscription",
            "subscription_data[metadata][flow]=one_off", "subscription_data[metadata][operation_key]=op1",
            "subscription_data[trial_period_days]=14", "success_url=https://q.example/done",
        ]);
    }

    [Fact]
    public void Frozen_parameters_do_not_depend_on_the_order_of_metadata()
    {
        using var provider = stripe.Provider();
        var turned = new Dictionary<string, string> { ["flow"] = "one_off", ["operation_key"] = "op1" };

        var (one, other) = (provider.Freeze(Subscribing()), provider.Freeze(Subscribing() with { Metadata = turned }));

        other.ShouldBe(one);
    }

    [Fact]
    public void A_payment_names_its_own_amount_and_asks_for_an_invoice()
    {
        using var provider = stripe.Provider();

        var frozen = provider.Freeze(new CheckoutParameters(
            CheckoutPurpose.Payment, "USD", [new CheckoutItem(null, "Credit “10”", 1000, 2)], null, "a@example.com", "ba_1",
            "https://q/s", "https://q/c", Start, 0, new Dictionary<string, string> { ["operation_key"] = "op1" }));

        frozen.ShouldBe(
            """
            {"cancel_url":"https://q/c","client_reference_id":"ba_1","customer_creation":"always",
            "customer_email":"a@example.com","expires_at":1767225600,
            "invoice_creation":{"enabled":true,"invoice_data":{"metadata":{"operation_key":"op1"}}},
            "line_items":[{"price_data":{"currency":"usd","product_data":{"name":"Credit “10”"},"unit_amount":1000},"quantity":2}],
            "metadata":{"operation_key":"op1"},"mode":"payment","payment_intent_data":{"metadata":{"operation_key":"op1"}},
            "success_url":"https://q/s"}
            """.ReplaceLineEndings(""));
    }

    [Fact]
    public void A_set_up_says_its_currency_since_nothing_is_sold()
    {
        using var provider = stripe.Provider();

        var frozen = provider.Freeze(Subscribing() with { Purpose = CheckoutPurpose.Setup, Items = [] });

        frozen.ShouldContain("\"currency\":\"usd\"");
        frozen.ShouldContain("\"setup_intent_data\"");
        frozen.ShouldNotContain("line_items");
        frozen.ShouldNotContain("subscription_data");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(409)]
    [InlineData(429)]
    public async Task What_may_pass_is_repeated_twice_with_the_same_key_and_bytes(int status)
    {
        using var provider = stripe.Then(status, "{}").Then(status, "{}").Then(200, StripeShapes.Checkout).Provider();

        var outcome = await provider.CreateCheckout(provider.Freeze(Subscribing()), "key-1", Never);

        outcome.ShouldBeOfType<ProviderOutcome<ProviderCheckout>.Done>();
        stripe.Requests.Count.ShouldBe(3);
        stripe.Requests.Select(sent => (sent.Headers["Idempotency-Key"], sent.Body)).Distinct().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task After_two_repetitions_the_outcome_is_unknown()
    {
        using var provider = stripe.Then(500, "{}").Then(0, "").Then(502, "<html>").Then(200, StripeShapes.Checkout).Provider();

        var outcome = await provider.CreateCheckout(provider.Freeze(Subscribing()), "key-1", Never);

        outcome.ShouldBeOfType<ProviderOutcome<ProviderCheckout>.Unknown>().Failure.Category
            .ShouldBe(ProviderFailureCategory.Provider);
        stripe.Requests.Count.ShouldBe(3);
    }

    [Fact]
    public async Task An_answer_that_asks_not_to_be_repeated_is_not()
    {
        using var provider = stripe.Then(500, "{}", "Stripe-Should-Retry: false").Provider();

        var outcome = await provider.CreateCheckout(provider.Freeze(Subscribing()), "key-1", Never);

        outcome.ShouldBeOfType<ProviderOutcome<ProviderCheckout>.Unknown>();
        stripe.Requests.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task An_answer_that_asks_to_be_repeated_is_and_is_never_final()
    {
        const string Refusal = """{"error":{"type":"invalid_request_error","code":"lock_timeout","message":"Busy."}}""";
        stripe.Then(400, Refusal, "Stripe-Should-Retry: true").Then(400, Refusal, "Stripe-Should-Retry: true");
        using var provider = stripe.Then(400, Refusal, "Stripe-Should-Retry: true").Provider();

        var outcome = await provider.CreateCheckout(provider.Freeze(Subscribing()), "key-1", Never);

        outcome.ShouldBeOfType<ProviderOutcome<ProviderCheckout>.Unknown>();
        stripe.Requests.Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_silent_provider_is_waited_for_so_long_and_no_longer()
    {
        using var provider = stripe.Then(-1, "").Then(-1, "").Then(-1, "").Provider(TimeSpan.FromMilliseconds(50));

        var outcome = await provider.Charge(new("cus_1", "pm_1", "USD", 1000, "Credit", Metadata), "key-1", Never);

        outcome.ShouldBeOfType<ProviderOutcome<ProviderPayment>.Unknown>().Failure.Category
            .ShouldBe(ProviderFailureCategory.Network);
        stripe.Requests.Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_refusal_is_final_at_once()
    {
        using var provider = stripe.Then(
            400,
            """{"error":{"type":"invalid_request_error","code":"parameter_invalid_integer","message":"No.","param":"amount"}}""",
            "Request-Id: req_9").Provider();

        var outcome = await provider.CreateCheckout(provider.Freeze(Subscribing()), "key-1", Never);

        var failure = outcome.ShouldBeOfType<ProviderOutcome<ProviderCheckout>.Rejected>().Failure;
        failure.ShouldBe(new ProviderFailure(ProviderFailureCategory.InvalidRequest, "create_checkout", "No.")
        {
            HttpStatus = 400,
            Code = "parameter_invalid_integer",
            RequestId = "req_9",
        });
        stripe.Requests.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_list_is_read_to_its_end()
    {
        using var provider = stripe.Then(200, Page("cs_1", "op0", more: true)).Then(200, Page("cs_2", "op1", more: false)).Provider();

        var outcome = await provider.CheckoutsOf("op1", "cus_1", Start, Start.AddHours(1), Never);

        outcome.ShouldBeOfType<ProviderOutcome<IReadOnlyList<ProviderCheckout>>.Done>().Value.Single().Id.ShouldBe("cs_2");
        stripe.Requests.Select(sent => sent.Query).ShouldBe(
        [
            "?limit=100&created[gte]=1767225600&created[lte]=1767229200&customer=cus_1",
            "?limit=100&created[gte]=1767225600&created[lte]=1767229200&customer=cus_1&starting_after=cs_1",
        ]);
    }

    [Fact]
    public async Task A_list_cut_at_fifty_pages_says_that_it_is_a_part()
    {
        for (var page = 0; page < 51; page++)
        {
            stripe.Then(200, $$"""{"object":"list","data":[{{StripeShapes.PaymentMethod}}],"has_more":true}""");
        }

        using var provider = stripe.Provider();

        var outcome = await provider.PaymentMethods("cus_1", Never);

        var list = outcome.ShouldBeOfType<ProviderOutcome<ProviderList<ProviderPaymentMethod>>.Done>().Value;
        (list.IsWhole, list.Items.Count, stripe.Requests.Count).ShouldBe((false, 50, 50));
    }

    [Fact]
    public async Task Expiring_what_has_expired_is_done_and_what_was_paid_is_a_conflict()
    {
        const string Refusal = """{"error":{"type":"invalid_request_error","message":"Only open sessions can be expired."}}""";
        var expired = StripeShapes.Checkout.Replace("\"complete\"", "\"expired\"", StringComparison.Ordinal);
        using var provider = stripe.Then(400, Refusal).Then(200, expired)
            .Then(400, Refusal).Then(200, StripeShapes.Checkout).Provider();

        var first = await provider.ExpireCheckout("cs_1", "key-1", Never);
        var second = await provider.ExpireCheckout("cs_1", "key-2", Never);

        first.ShouldBeOfType<ProviderOutcome<ProviderCheckout>.Done>().Value.Status.ShouldBe(ProviderCheckoutStatus.Expired);
        second.ShouldBeOfType<ProviderOutcome<ProviderCheckout>.Rejected>().Failure.Category
            .ShouldBe(ProviderFailureCategory.Conflict);
    }

    [Fact]
    public async Task Ending_an_ended_subscription_is_done()
    {
        const string Refusal = """{"error":{"type":"invalid_request_error","code":"resource_missing","message":"No such one."}}""";
        var ended = StripeShapes.Subscription.Replace("\"active\"", "\"canceled\"", StringComparison.Ordinal);
        using var provider = stripe.Then(404, Refusal).Then(200, ended).Then(404, Refusal).Then(404, Refusal).Provider();

        var known = await provider.CancelSubscription("sub_1", "key-1", Never);
        var unheardOf = await provider.CancelSubscription("sub_2", "key-2", Never);

        known.ShouldBeOfType<ProviderOutcome<ProviderSubscription>.Done>().Value.Status.ShouldBe("canceled");
        unheardOf.ShouldBeOfType<ProviderOutcome<ProviderSubscription>.NotFound>();
        stripe.Requests[0].Method.ShouldBe("DELETE");
    }

    [Fact]
    public async Task A_change_of_price_names_the_item_and_is_no_change_when_declined()
    {
        using var provider = stripe.Then(200, StripeShapes.Subscription).Then(200, StripeShapes.Subscription).Provider();

        await provider.ChangeSubscription("sub_1", new("price_2", ProratesNow: true, null, null, Start), "key-1", Never);

        Uri.UnescapeDataString(stripe.Requests[1].Body).ShouldBe(
            "items[0][id]=si_1&items[0][price]=price_2&proration_behavior=always_invoice&proration_date=1767225600"
            + "&payment_behavior=error_if_incomplete");
    }

    [Fact]
    public async Task Evidence_is_uploaded_first_each_file_under_a_key_of_its_own()
    {
        using var provider = stripe.Then(200, """{"id":"file_1","object":"file"}""").Then(200, StripeShapes.Dispute).Provider();

        var outcome = await provider.SubmitEvidence(
            "du_1",
            new EvidenceParameters("They used it.", [("log.txt", "text/plain", "bytes"u8.ToArray())], "Ann", null, Submit: true),
            "key-1",
            Never);

        outcome.ShouldBeOfType<ProviderOutcome<ProviderDispute>.Done>();
        stripe.Requests[0].Path.ShouldBe("/v1/files");
        stripe.Requests[0].Headers["Idempotency-Key"].ShouldBe("key-1:file:0");
        stripe.Requests[0].Body.ShouldContain("dispute_evidence");
        stripe.Requests[0].Body.ShouldContain("bytes");
        Uri.UnescapeDataString(stripe.Requests[1].Body).ShouldBe(
            "evidence[uncategorized_text]=They used it.&evidence[customer_name]=Ann&submit=true&evidence[uncategorized_file]=file_1");
    }

    private static string Page(string id, string operation, bool more)
    {
        var checkout = StripeShapes.Checkout
            .Replace("cs_test_a1", id, StringComparison.Ordinal)
            .Replace("op1", operation, StringComparison.Ordinal);
        return $$"""{"object":"list","data":[{{checkout}}],"has_more":{{(more ? "true" : "false")}}}""";
    }

    private static CheckoutParameters Subscribing() => new(
        CheckoutPurpose.Subscription,
        "USD",
        [new CheckoutItem("price_1", null, null, 1), new CheckoutItem("price_metered", null, null, null)],
        "cus_1",
        null,
        "ba_1",
        "https://q.example/done",
        "https://q.example/cancel?a=1",
        Start.AddDays(1),
        14,
        Metadata);
}
