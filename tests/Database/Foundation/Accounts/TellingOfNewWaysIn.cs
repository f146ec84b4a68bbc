using Quoin.Accounts;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Accounts;

/// <summary>People notice what was not them: every change of how they sign in is mailed to them.</summary>
public sealed class TellingOfNewWaysIn(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Fact]
    public async Task Mails_when_a_wallet_is_added_and_when_it_is_removed()
    {
        await using var host = await AccountsHost.Start(database);
        var cookie = await host.SignUp("ada@notice.example", "correct horse battery");
        var wallet = new TestWallet(5001);

        await host.Link(cookie, wallet);
        var added = host.Mails.To("ada@notice.example")[^1];
        await host.Link(cookie, wallet);
        var again = host.Mails.To("ada@notice.example").Count;
        (await host.SendWith(HttpMethod.Delete, cookie, $"/v1/me/wallets/{wallet.Address}")).EnsureSuccessStatusCode();
        var removed = host.Mails.To("ada@notice.example")[^1];

        added.Subject.ShouldBe("A new way to sign in to your account");
        added.Text.ShouldContain(wallet.Address.ToString());
        removed.Subject.ShouldBe("A way to sign in to your account was removed");
        host.Mails.To("ada@notice.example").Count.ShouldBe(again + 1, "linking what is linked changes nothing");
    }

    [Fact]
    public async Task Mails_who_is_offered_an_organisation_and_who_is_removed_from_one()
    {
        await using var host = await AccountsHost.Start(database);
        var acme = (await host.Organisations.CreateTest("Acme Rockets")).Id;
        var (_, owner) = await host.Member(database, acme, MemberRole.Owner, "owner@notice.example");
        var (bob, leaver) = await host.Member(database, acme, MemberRole.Viewer, "bob@notice.example");
        var (_, own) = await host.Member(database, acme, MemberRole.Viewer, "own-will@notice.example");

        (await host.AsPerson(
            owner, HttpMethod.Post, "/v1/organisation/ownership-offer", new { user_id = bob })).EnsureSuccessStatusCode();
        var offered = host.Mails.To("bob@notice.example")[^1];
        (await host.AsPerson(owner, HttpMethod.Delete, $"/v1/members/{bob}")).EnsureSuccessStatusCode();
        var removed = host.Mails.To("bob@notice.example")[^1];
        (await host.AsPerson(own, HttpMethod.Post, "/v1/organisation/leave")).EnsureSuccessStatusCode();

        leaver.ShouldNotBeEmpty();
        offered.Subject.ShouldBe("You are offered Acme Rockets");
        removed.Subject.ShouldBe("You do not belong to Acme Rockets any more");
        host.Mails.To("own-will@notice.example").ShouldBeEmpty("who leaves knows it");
    }
}
