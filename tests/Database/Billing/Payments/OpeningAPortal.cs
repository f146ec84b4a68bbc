using System.Text.Json;
using Quoin.Accounts;
using Quoin.Payments;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Payments;

public sealed class OpeningAPortal(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
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
    public async Task Needs_a_subscription_and_says_so_again()
    {
        (await Open("k1")).ShouldBeRefused(PaymentsProblems.PortalSubscriptionRequired);
        await replica.Subscribe(account);

        (await Open("k1")).ShouldBeRefused(PaymentsProblems.PortalSubscriptionRequired);
        (await Open("k2")).ShouldBeOfType<PaymentRequestOutcome.Answered>();
    }

    [Fact]
    public async Task Gives_the_same_key_the_first_visit()
    {
        await replica.Subscribe(account);

        var first = (await Open("k1")).ShouldBeOfType<PaymentRequestOutcome.Answered>();
        var second = (await Open("k1")).ShouldBeOfType<PaymentRequestOutcome.Answered>();

        second.Response.ShouldBe(first.Response);
        JsonSerializer.Deserialize<PortalAnswer>(first.Response, JsonConventions.Options)!.PortalSession.Url.ShouldStartWith("https://");
        provider.CallsOf("CreatePortal").Count.ShouldBe(1);
        (await Open("k1", "/elsewhere")).ShouldBeRefused(PlatformProblems.IdempotencyConflict);
    }

    [Fact]
    public async Task Goes_on_with_a_visit_whose_answer_was_lost()
    {
        using var heard = replica.Hear();
        await replica.Subscribe(account);
        provider.Next("CreatePortal", new ScriptedStep(ScriptedEnding.LostAnswer));

        (await Open("k1")).ShouldBeRefused(PaymentsProblems.RequestInProgress);
        (await replica.RecoverLater(account, "k1")).ShouldBeOfType<PaymentRequestOutcome.Answered>();

        var calls = provider.CallsOf("CreatePortal");
        calls.Count.ShouldBe(2);
        calls[1].ShouldBe(calls[0]);
        heard.Codes.ShouldContain("BILLING_PORTAL_INDETERMINATE_PROVIDER_OUTCOME");
    }

    /// <summary>Provenance is asked of portals too: §1.10.</summary>
    [Fact]
    public async Task Never_repeats_what_another_release_made_and_blocks_nobody()
    {
        await replica.Subscribe(account);
        provider.Next("CreatePortal", new ScriptedStep(ScriptedEnding.LostAnswer));
        await Open("k1");
        provider.Provenance = provider.Provenance with { ApiVersion = "2027-01-01" };

        (await replica.RecoverLater(account, "k1")).ShouldBeRefused(PaymentsProblems.CheckoutReplayProvenanceMismatch);

        provider.CallsOf("CreatePortal").Count.ShouldBe(1);
        (await replica.CheckoutsOf(account)).ShouldBeEmpty();
    }

    /// <summary>Extra: the deadline stands in the first row, so that nothing is ever without one.</summary>
    [Fact]
    public async Task Has_its_deadline_from_the_claim_on_and_keeps_to_it()
    {
        await replica.Subscribe(account);
        provider.Next("CreatePortal", new ScriptedStep(ScriptedEnding.LostAnswer));
        await Open("k1");

        ((DateTimeOffset)(await replica.Request(account, "k1"))["replay_deadline_at"]!)
            .ShouldBe(clock.GetUtcNow() + TimeSpan.FromHours(23));
        (await replica.RecoverLater(account, "k1", TimeSpan.FromHours(23)))
            .ShouldBeRefused(PaymentsProblems.CheckoutRecoveryWindowElapsed);
        provider.CallsOf("CreatePortal").Count.ShouldBe(1);
    }

    [Fact]
    public async Task Keeps_a_refusal_of_the_provider()
    {
        using var heard = replica.Hear();
        await replica.Subscribe(account);
        provider.Next("CreatePortal", new ScriptedStep(ScriptedEnding.Rejected));

        (await Open("k1")).ShouldBeRefused(PaymentsProblems.CheckoutProviderError);
        (await Open("k1")).ShouldBeRefused(PaymentsProblems.CheckoutProviderError);
        provider.CallsOf("CreatePortal").Count.ShouldBe(1);
        heard.Codes.ShouldContain("BILLING_PORTAL_PROVIDER_ERROR");
    }

    private Task<PaymentRequestOutcome> Open(string key, string path = "/billing") =>
        replica.Get<Portals>().Open(account, path, key, "usr_test", CancellationToken.None);
}
