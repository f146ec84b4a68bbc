using System.Net;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Accounts;

/// <summary>Where people come by invitation only: with a wallet, which has no address of its own.</summary>
public sealed class ComingByInvitation(TestDatabase database) : IClassFixture<TestDatabase>
{
    private static readonly AccountsOptions ByInvitation = new() { SignUp = SignUpPolicy.Invited };

    [Fact]
    public async Task Lets_a_wallet_in_that_shows_one_and_makes_it_a_member_once_the_address_is_proved()
    {
        await using var host = await AccountsHost.Start(database, options: ByInvitation);
        var (acme, link) = await Invitation(host, "wally@invited.example");

        var cookie = (await host.SignInWith(new TestWallet(4001), link)).Cookie();
        var tooSoon = await host.Submit(link, cookie);
        await host.SendWith(HttpMethod.Post, cookie, "/v1/me/email", new { email = "wally@invited.example" });
        await host.Submit("/verify-email", cookie, ("token", host.Mails.LinkTo("wally@invited.example").Split("token=")[1]));
        var accepted = await host.Submit(link, cookie);

        (await tooSoon.Page(403)).ShouldContain("Confirm your address first");
        accepted.Headers.Location!.ToString().ShouldBe($"/console?org={acme}");
    }

    [Fact]
    public async Task Lets_nobody_in_without_one_or_with_one_that_is_over()
    {
        await using var host = await AccountsHost.Start(database, options: ByInvitation);
        var (_, link) = await Invitation(host, "late@invited.example");

        await (await host.SignInWith(new TestWallet(4002))).Problem(403, "sign_up_closed");
        await (await host.SignInWith(new TestWallet(4002), "/invite/made-up")).Problem(403, "sign_up_closed");
        host.Clock.Advance(Limits.InvitationLifetime);
        await (await host.SignInWith(new TestWallet(4002), link)).Problem(403, "sign_up_closed");
    }

    [Fact]
    public async Task Lets_one_in_with_each()
    {
        await using var host = await AccountsHost.Start(database, options: ByInvitation);
        var (_, link) = await Invitation(host, "passed-on@invited.example");

        var answers = await Task.WhenAll(
            Enumerable.Range(0, 4).Select(number => host.SignInWith(new TestWallet(4010 + number), link)));

        answers.Count(answer => answer.StatusCode == HttpStatusCode.OK).ShouldBe(1);
        answers.Count(answer => answer.StatusCode == HttpStatusCode.Forbidden).ShouldBe(3);
    }

    [Fact]
    public async Task Lets_nobody_in_where_signing_up_is_closed()
    {
        var closed = new AccountsOptions { SignUp = SignUpPolicy.Closed };
        await using var host = await AccountsHost.Start(database, options: closed);
        var (_, link) = await Invitation(host, "closed@invited.example");

        await (await host.SignInWith(new TestWallet(4020), link)).Problem(403, "sign_up_closed");
    }

    private async Task<(OrgId Org, string Link)> Invitation(AccountsHost host, string email)
    {
        var org = (await host.Organisations.CreateTest("Acme")).Id;
        var (_, admin) = await host.Member(database, org, MemberRole.Admin, $"admin-of-{email}");
        await (await host.AsPerson(
            admin, HttpMethod.Post, "/v1/invitations", new { email, role = MemberRole.Developer })).Json();
        return (org, host.Mails.LinkTo(email));
    }
}
