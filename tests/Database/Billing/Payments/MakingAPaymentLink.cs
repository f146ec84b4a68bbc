using System.Text.Json;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Payments;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Payments;

public sealed class MakingAPaymentLink(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
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
    }

    public async Task DisposeAsync() => await replica.DisposeAsync();

    [Fact]
    public async Task Sells_what_the_catalogue_lists()
    {
        var item = await Catalogue();

        var answer = (await Make("k1", new PaymentLinkItem(2, item))).ShouldBeOfType<PaymentRequestOutcome.Answered>();

        JsonSerializer.Deserialize<PaymentLinkAnswer>(answer.Response, JsonConventions.Options)!.PaymentLink.Active.ShouldBeTrue();
        provider.CallsOf("CreatePrice").ShouldBeEmpty();
        provider.CallsOf("CreatePaymentLink").ShouldHaveSingleItem().Subject.ShouldContain("price_listed");
    }

    [Fact]
    public async Task Sells_nothing_the_catalogue_does_not_list()
    {
        var euros = await Catalogue("EUR");
        var retired = await Catalogue(isActive: false);
        var unknown = new CatalogueItemId(replica.Get<IdSource>().Next());

        foreach (var (key, item) in new[] { ("k1", euros), ("k2", retired), ("k3", unknown) })
        {
            (await Make(key, new PaymentLinkItem(1, item))).ShouldBeRefused(PaymentsProblems.CheckoutConfigurationInvalid);
        }

        provider.Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task Makes_a_price_for_each_line_of_its_own_under_a_key_of_its_own()
    {
        await Make("k1", Line("Workshop"), Line("Travel"));

        var key = (string)(await replica.Request(account, "k1"))["provider_key"]!;
        provider.CallsOf("CreatePrice").Select(call => call.Key).ShouldBe([$"{key}:price:0", $"{key}:price:1"]);
        provider.CallsOf("CreatePaymentLink").ShouldHaveSingleItem().Key.ShouldBe(key);
    }

    /// <summary>Dying between the claim and the freezing is recovered from what was asked for.</summary>
    [Fact]
    public async Task Goes_on_where_a_price_was_never_answered()
    {
        provider.Next(
            "CreatePrice", new ScriptedStep(ScriptedEnding.Done), new ScriptedStep(ScriptedEnding.LostAnswer));
        (await Make("k1", Line("Workshop"), Line("Travel"))).ShouldBeRefused(PaymentsProblems.RequestInProgress);
        (await replica.Request(account, "k1"))["frozen_params"].ShouldBeNull();

        (await replica.RecoverLater(account, "k1")).ShouldBeOfType<PaymentRequestOutcome.Answered>();

        var prices = provider.CallsOf("CreatePrice");
        prices.Count.ShouldBe(4);
        prices[2].ShouldBe(prices[0]);
        prices[3].ShouldBe(prices[1]);
    }

    [Fact]
    public async Task Sends_the_frozen_link_again_where_its_answer_was_lost()
    {
        using var heard = replica.Hear();
        provider.Next("CreatePaymentLink", new ScriptedStep(ScriptedEnding.LostAnswer));
        (await Make("k1", Line("Workshop"))).ShouldBeRefused(PaymentsProblems.RequestInProgress);

        (await replica.RecoverLater(account, "k1")).ShouldBeOfType<PaymentRequestOutcome.Answered>();

        var calls = provider.CallsOf("CreatePaymentLink");
        calls.Count.ShouldBe(2);
        calls[1].ShouldBe(calls[0]);
        provider.CallsOf("CreatePrice").Count.ShouldBe(1);
        heard.Codes.ShouldContain("BILLING_PAYMENT_LINK_INDETERMINATE_PROVIDER_OUTCOME");
    }

    [Fact]
    public async Task Keeps_a_refusal_of_the_provider()
    {
        using var heard = replica.Hear();
        provider.Next("CreatePaymentLink", new ScriptedStep(ScriptedEnding.Rejected));

        (await Make("k1", Line("Workshop"))).ShouldBeRefused(PaymentsProblems.CheckoutProviderError);

        (await Make("k1", Line("Workshop"))).ShouldBeRefused(PaymentsProblems.CheckoutProviderError);
        heard.Codes.ShouldContain("BILLING_PAYMENT_LINK_PROVIDER_ERROR");
    }

    [Fact]
    public async Task Gives_a_link_up_after_its_deadline()
    {
        provider.Next("CreatePrice", new ScriptedStep(ScriptedEnding.LostRequest));
        await Make("k1", Line("Workshop"));

        (await replica.RecoverLater(account, "k1", TimeSpan.FromHours(23)))
            .ShouldBeRefused(PaymentsProblems.CheckoutRecoveryWindowElapsed);
        (await Make("k1", Line("Workshop"))).ShouldBeRefused(PaymentsProblems.CheckoutRecoveryWindowElapsed);
    }

    [Fact]
    public async Task Says_which_line_is_wrong()
    {
        var outcome = await Make(
            "k1",
            Line("Workshop"),
            Line(""),
            new PaymentLinkItem(0, null, "Travel", 100),
            new PaymentLinkItem(1, null, "Travel", 100_000_000),
            new PaymentLinkItem(1, null, "Travel", 100, "EUR"),
            new PaymentLinkItem(1, new CatalogueItemId(Guid.Empty), "Travel"));

        outcome.ShouldBeOfType<PaymentRequestOutcome.Invalid>().Errors.Keys.Order()
            .ShouldBe(["line_items[1]", "line_items[2]", "line_items[3]", "line_items[4]", "line_items[5]"]);
    }

    private static PaymentLinkItem Line(string name) => new(1, null, name, 2_500);

    private Task<PaymentRequestOutcome> Make(string key, params PaymentLinkItem[] items) =>
        replica.Get<PaymentLinks>().Make(new NewPaymentLink(account, "/thanks", items), key, "usr_test", CancellationToken.None);

    private async Task<CatalogueItemId> Catalogue(string currency = "USD", bool isActive = true)
    {
        var id = replica.Get<IdSource>().Next();
        await replica.Execute(
            """
            insert into payments.catalogue_items
                (catalogue_item_id, provider, mode, name, currency, amount_minor, provider_price_id, is_active, created_at,
                updated_at)
            values ($1, 'scripted', 'test', 'Workshop', $2, 2500, $3, $4, $5, $5)
            """,
            id,
            currency,
            $"price_listed_{id:N}",
            isActive,
            clock.GetUtcNow());
        return new CatalogueItemId(id);
    }
}
