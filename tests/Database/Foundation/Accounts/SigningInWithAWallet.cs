using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Accounts;

/// <summary>Sign-In with Ethereum against the whole host: what signs somebody in, and everything that must not.</summary>
public sealed class SigningInWithAWallet(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private readonly SettableClock clock = new();
    private TestHost host = null!;

    public async Task InitializeAsync() => host = await Start(clock);

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task Makes_a_person_known_and_knows_them_again()
    {
        var wallet = new TestWallet(1001);

        var first = await SignIn(wallet);
        var second = await SignIn(wallet);

        first.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Body(first))["state"]!.ToString().ShouldBe("signed_in");
        Cookie(first).ShouldStartWith("quoin_session=");
        Cookie(first).ShouldContain("httponly");
        Cookie(first).ShouldContain("samesite=lax");
        second.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Owners(wallet)).ShouldBe(1);
    }

    /// <summary>From the proof of a wallet to the money it may spend, and to nobody else's.</summary>
    [Fact]
    public async Task Leads_to_an_organisation_with_a_billing_account_and_its_credit()
    {
        var (mine, others) = (await Account(new TestWallet(1101)), await Account(new TestWallet(1102)));
        await host.Get<Quoin.Ledger.Ledger>().Run(
            new CreateGrant(
                mine.Org,
                mine.Account,
                "credit",
                new Money(7_000_000, Currency.Usd),
                GrantSource.Purchased,
                clock.GetUtcNow(),
                "test"),
            CancellationToken.None);

        var summary = await Body(await mine.Client.GetAsync("/v1/balance/summary"));
        var other = await Body(await others.Client.GetAsync("/v1/balance/summary"));

        mine.Account.ShouldNotBe(others.Account);
        var balance = summary["balances"]!.AsArray().ShouldHaveSingleItem()!;
        ((string)balance["billing_account"]!).ShouldBe(mine.Account.ToString());
        ((long)balance["available"]!["amount_micros"]!).ShouldBe(7_000_000);
        ((string)balance["available_credits"]!).ShouldBe("7000");
        summary["recent_entries"]!.AsArray().ShouldContain(entry => (long)entry!["amount"]!["amount_micros"]! == 7_000_000);
        other["recent_entries"]!.AsArray().ShouldBeEmpty();
        mine.Client.Dispose();
        others.Client.Dispose();
    }

    [Fact]
    public async Task Makes_a_person_known_once_who_comes_twice_at_the_same_moment()
    {
        var wallet = new TestWallet(1002);

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => SignIn(wallet)));

        answers.ShouldAllBe(answer => answer.StatusCode == HttpStatusCode.OK);
        (await Owners(wallet)).ShouldBe(1);
    }

    [Fact]
    public async Task Refuses_a_message_for_another_domain()
    {
        var wallet = new TestWallet(1003);
        var message = (await Message(wallet)).Replace(host.Address.Authority + " wants", "evil.example wants", StringComparison.Ordinal);

        await Refused(wallet.Sign(message), message, "siwe_wrong_domain");
    }

    [Fact]
    public async Task Refuses_a_message_for_another_uri()
    {
        var wallet = new TestWallet(1004);
        var message = (await Message(wallet)).Replace("URI: http://", "URI: https://evil.", StringComparison.Ordinal);

        await Refused(wallet.Sign(message), message, "siwe_wrong_domain");
    }

    [Fact]
    public async Task Refuses_a_nonce_that_was_used()
    {
        var wallet = new TestWallet(1005);
        var message = await Message(wallet);
        (await Verify(wallet.Sign(message), message)).StatusCode.ShouldBe(HttpStatusCode.OK);

        await Refused(wallet.Sign(message), message, "siwe_nonce_used");
    }

    [Fact]
    public async Task Refuses_a_nonce_that_was_used_on_another_replica()
    {
        await using var other = await Start(clock);
        var wallet = new TestWallet(1006);
        var message = (await Message(wallet)).Replace(
            host.Address.Authority, other.Address.Authority, StringComparison.Ordinal);
        using var client = other.Client(null);
        (await client.PostAsJsonAsync("/v1/auth/wallet/verify", new { message, signature = wallet.Sign(message) }))
            .StatusCode.ShouldBe(HttpStatusCode.OK);
        var again = message.Replace(other.Address.Authority, host.Address.Authority, StringComparison.Ordinal);

        await Refused(wallet.Sign(again), again, "siwe_nonce_used");
    }

    [Fact]
    public async Task Refuses_a_nonce_nobody_gave_out()
    {
        var wallet = new TestWallet(1007);
        var message = await Message(wallet);
        var nonce = message.Split('\n').Single(line => line.StartsWith("Nonce: ", StringComparison.Ordinal))[7..];
        var made = message.Replace(nonce, "madeUpMadeUpMadeUp1234", StringComparison.Ordinal);

        await Refused(wallet.Sign(made), made, "siwe_nonce_used");
    }

    [Fact]
    public async Task Refuses_a_message_that_has_expired()
    {
        var wallet = new TestWallet(1008);
        var message = await Message(wallet);
        clock.Advance(TimeSpan.FromMinutes(5));

        await Refused(wallet.Sign(message), message, "siwe_expired");
    }

    [Fact]
    public async Task Refuses_a_nonce_older_than_five_minutes_whatever_the_message_says()
    {
        var wallet = new TestWallet(1009);
        var message = await Message(wallet);
        var longer = message.Replace("00:05:00Z", "09:00:00Z", StringComparison.Ordinal);
        longer.ShouldNotBe(message);
        clock.Advance(TimeSpan.FromMinutes(5));

        await Refused(wallet.Sign(longer), longer, "siwe_nonce_used");
    }

    [Fact]
    public async Task Refuses_a_message_that_counts_only_later()
    {
        var wallet = new TestWallet(1010);
        var message = await Message(wallet) + "\nNot Before: 2026-01-01T00:01:00Z";

        await Refused(wallet.Sign(message), message, "siwe_not_yet_valid");
    }

    [Fact]
    public async Task Refuses_a_wallet_on_another_chain()
    {
        var wallet = new TestWallet(1011);
        var message = (await Message(wallet)).Replace("Chain ID: 1", "Chain ID: 5", StringComparison.Ordinal);

        await Refused(wallet.Sign(message), message, "siwe_other_chain");
    }

    [Fact]
    public async Task Refuses_a_signature_that_was_changed()
    {
        var wallet = new TestWallet(1012);
        var message = await Message(wallet);
        var signature = wallet.Sign(message).ToCharArray();
        signature[10] = signature[10] == '0' ? '1' : '0';

        await Refused(new string(signature), message, "siwe_bad_signature");
    }

    [Fact]
    public async Task Refuses_a_message_that_was_changed()
    {
        var wallet = new TestWallet(1013);
        var message = await Message(wallet);
        var signature = wallet.Sign(message);

        await Refused(signature, message.Replace("Sign in", "Log in", StringComparison.Ordinal), "siwe_bad_signature");
    }

    [Fact]
    public async Task Refuses_another_wallets_signature()
    {
        var message = await Message(new TestWallet(1014));

        await Refused(new TestWallet(1015).Sign(message), message, "siwe_bad_signature");
    }

    [Fact]
    public async Task Refuses_what_is_no_message() =>
        await Refused(new TestWallet(1016).Sign("hello"), "hello", "siwe_message_malformed", HttpStatusCode.UnprocessableEntity);

    [Fact]
    public async Task Lets_nobody_in_who_was_not_invited()
    {
        await using var closed = await Start(clock, SignUpPolicy.Invited);
        using var client = closed.Client(null);
        var wallet = new TestWallet(1017);
        var message = await Message(wallet, closed);

        var answer = await client.PostAsJsonAsync(
            "/v1/auth/wallet/verify", new { message, signature = wallet.Sign(message) });

        (await Body(answer))["code"]!.ToString().ShouldBe("sign_up_closed");
        (await Owners(wallet)).ShouldBe(0);
    }

    [Fact]
    public async Task Signs_for_no_host_that_a_request_made_up()
    {
        using var client = host.Client(null);
        client.DefaultRequestHeaders.Host = "evil.example";

        var answer = await client.PostAsJsonAsync("/v1/auth/wallet/nonce", new { });

        (await Body(answer))["code"]!.ToString().ShouldBe("no_public_url");
    }

    [Fact]
    public async Task Refuses_a_form_of_another_site()
    {
        var wallet = new TestWallet(1018);
        var message = await Message(wallet);
        using var client = host.Client(null);
        client.DefaultRequestHeaders.Add("Sec-Fetch-Site", "cross-site");

        var answer = await client.PostAsJsonAsync(
            "/v1/auth/wallet/verify", new { message, signature = wallet.Sign(message) });

        (await Body(answer))["code"]!.ToString().ShouldBe("cross_site_request");
    }

    private Task<TestHost> Start(SettableClock time, SignUpPolicy policy = SignUpPolicy.Open) => TestHost.Start(
        database, "api", time, configure: services => services.AddSingleton(new AccountsOptions { SignUp = policy }));

    private async Task<string> Message(TestWallet wallet, TestHost? at = null)
    {
        using var client = (at ?? host).Client(null);
        var answer = await client.PostAsJsonAsync("/v1/auth/wallet/nonce", new { address = wallet.Address.ToString() });
        return (await Body(answer))["message"]!.ToString();
    }

    private async Task<HttpResponseMessage> SignIn(TestWallet wallet)
    {
        var message = await Message(wallet);
        return await Verify(wallet.Sign(message), message);
    }

    private async Task<HttpResponseMessage> Verify(string signature, string message)
    {
        using var client = host.Client(null);
        return await client.PostAsJsonAsync("/v1/auth/wallet/verify", new { message, signature });
    }

    private async Task Refused(
        string signature, string message, string code, HttpStatusCode status = HttpStatusCode.Unauthorized)
    {
        var answer = await Verify(signature, message);

        (await Body(answer))["code"]!.ToString().ShouldBe(code);
        answer.StatusCode.ShouldBe(status);
        answer.Headers.Contains("Set-Cookie").ShouldBeFalse();
    }

    private async Task<long> Owners(TestWallet wallet)
    {
        await using var command = database.App.CreateCommand(
            "select count(*) from accounts.wallets where address = $1");
        command.Parameters.Add(new() { Value = wallet.Address.ToBytes() });
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private async Task<(OrgId Org, BillingAccountId Account, HttpClient Client)> Account(TestWallet wallet)
    {
        var session = Cookie(await SignIn(wallet)).Split(';')[0];
        var client = host.Client(null);
        client.DefaultRequestHeaders.Add("Cookie", session);
        var own = (await Body(await client.GetAsync("/v1/me/organisations")))["data"]!.AsArray().ShouldHaveSingleItem()!;
        var org = Id.Parse<OrgId>((string)own["organisation"]!["id"]!);
        client.DefaultRequestHeaders.Add("Quoin-Org", org.ToString());
        var account = await Body(await client.GetAsync("/v1/billing-account"));
        return (org, Id.Parse<BillingAccountId>((string)account["id"]!), client);
    }

    private static string Cookie(HttpResponseMessage answer) => answer.Headers.GetValues("Set-Cookie").First();

    private static async Task<JsonNode> Body(HttpResponseMessage answer) =>
        JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
}
