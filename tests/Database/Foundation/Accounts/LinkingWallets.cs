using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Quoin.Accounts;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Accounts;

public sealed class LinkingWallets(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private TestHost host = null!;

    public async Task InitializeAsync() => host = await TestHost.Start(database, "api", configure: services =>
        services.AddSingleton(new AccountsOptions { SignUp = SignUpPolicy.Open }));

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task Lets_a_second_wallet_sign_the_same_person_in()
    {
        var (first, second) = (new TestWallet(2001), new TestWallet(2002));
        using var person = await SignIn(first);

        (await Link(person, second)).StatusCode.ShouldBe(HttpStatusCode.OK);

        using var again = await SignIn(second);
        (await Addresses(again)).ShouldBe([first.Address.ToString(), second.Address.ToString()]);
    }

    [Fact]
    public async Task Takes_no_signature_that_was_given_to_sign_in()
    {
        using var person = await SignIn(new TestWallet(2003));
        var wallet = new TestWallet(2004);
        var message = await Message(person, "/v1/auth/wallet/nonce", wallet);

        var answer = await person.PostAsJsonAsync("/v1/me/wallets", new { message, signature = wallet.Sign(message) });

        (await Code(answer)).ShouldBe("siwe_nonce_used");
    }

    [Fact]
    public async Task Takes_no_signature_that_was_given_to_somebody_else()
    {
        using var person = await SignIn(new TestWallet(2005));
        using var other = await SignIn(new TestWallet(2006));
        var wallet = new TestWallet(2007);
        var message = await Message(other, "/v1/me/wallets/nonce", wallet);

        var answer = await person.PostAsJsonAsync("/v1/me/wallets", new { message, signature = wallet.Sign(message) });

        (await Code(answer)).ShouldBe("siwe_nonce_used");
    }

    [Fact]
    public async Task Signs_nobody_in_with_a_signature_that_was_given_to_link()
    {
        using var person = await SignIn(new TestWallet(2008));
        var wallet = new TestWallet(2009);
        var message = await Message(person, "/v1/me/wallets/nonce", wallet);
        using var stranger = host.Client(null);

        var answer = await stranger.PostAsJsonAsync(
            "/v1/auth/wallet/verify", new { message, signature = wallet.Sign(message) });

        (await Code(answer)).ShouldBe("siwe_nonce_used");
    }

    [Fact]
    public async Task Leaves_a_wallet_to_whom_it_belongs()
    {
        var theirs = new TestWallet(2010);
        using var owner = await SignIn(theirs);
        using var person = await SignIn(new TestWallet(2011));

        (await Code(await Link(person, theirs))).ShouldBe("wallet_taken");
    }

    [Fact]
    public async Task Unlinks_a_wallet_but_never_the_last_way_in()
    {
        var (first, second) = (new TestWallet(2012), new TestWallet(2013));
        using var person = await SignIn(first);
        await Link(person, second);

        (await person.DeleteAsync($"/v1/me/wallets/{first.Address}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await Code(await person.DeleteAsync($"/v1/me/wallets/{second.Address}"))).ShouldBe("last_way_in");

        (await Addresses(person)).ShouldBe([second.Address.ToString()]);
    }

    [Fact]
    public async Task Leaves_one_way_in_to_somebody_who_removes_both_at_once()
    {
        var (first, second) = (new TestWallet(2014), new TestWallet(2015));
        using var person = await SignIn(first);
        await Link(person, second);

        await Task.WhenAll(
            person.DeleteAsync($"/v1/me/wallets/{first.Address}"), person.DeleteAsync($"/v1/me/wallets/{second.Address}"));

        (await Addresses(person)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Unlinks_nothing_of_somebody_else()
    {
        var theirs = new TestWallet(2016);
        using var owner = await SignIn(theirs);
        using var person = await SignIn(new TestWallet(2017));

        (await person.DeleteAsync($"/v1/me/wallets/{theirs.Address}")).StatusCode.ShouldBe(HttpStatusCode.NotFound);

        (await Addresses(owner)).Count.ShouldBe(1);
    }

    private async Task<HttpClient> SignIn(TestWallet wallet)
    {
        using var client = host.Client(null);
        var message = await Message(client, "/v1/auth/wallet/nonce", wallet);
        var answer = await client.PostAsJsonAsync(
            "/v1/auth/wallet/verify", new { message, signature = wallet.Sign(message) });
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        var person = host.Client(null);
        person.DefaultRequestHeaders.Add("Cookie", answer.Headers.GetValues("Set-Cookie").First().Split(';')[0]);
        return person;
    }

    private static async Task<HttpResponseMessage> Link(HttpClient person, TestWallet wallet)
    {
        var message = await Message(person, "/v1/me/wallets/nonce", wallet);
        return await person.PostAsJsonAsync("/v1/me/wallets", new { message, signature = wallet.Sign(message) });
    }

    private static async Task<string> Message(HttpClient client, string path, TestWallet wallet)
    {
        var answer = await client.PostAsJsonAsync(path, new { address = wallet.Address.ToString() });
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["message"]!.ToString();
    }

    private static async Task<List<string>> Addresses(HttpClient person)
    {
        var answer = JsonNode.Parse(await person.GetStringAsync("/v1/me/wallets"))!;
        return [.. answer["data"]!.AsArray().Select(wallet => wallet!["address"]!.ToString())];
    }

    private static async Task<string> Code(HttpResponseMessage answer) =>
        JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["code"]!.ToString();
}
