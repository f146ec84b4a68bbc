using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Quoin.Accounts;
using Quoin.Tests.EndToEnd.Apps.ConsolePages;
using Quoin.Tests.Support;

namespace Quoin.Tests.EndToEnd.Foundation.Accounts;

/// <summary>A browser, a host, and a certified OpenID Connect issuer (npm's <c>oidc-provider</c>) on this machine.</summary>
public sealed class SigningInAtAnIssuer(TestDatabase database, PlainBrowser browser)
    : IClassFixture<TestDatabase>, IClassFixture<PlainBrowser>, IAsyncLifetime
{
    private readonly List<ExternalProviderOptions> providers = [];
    private NodeProgram issuer = null!;
    private TestHost host = null!;
    private string url = string.Empty;

    public async Task InitializeAsync()
    {
        // The issuer wants to know the host's address, and the host the issuer's: the host reads its list when asked.
        var port = FreePort();
        url = $"http://localhost:{port}";
        (issuer, var line) = await NodeProgram.Start("issuer.mjs", $"{url}/sign-in/with/acme/callback");
        providers.Add(new ExternalProviderOptions(
            "acme", "Acme", ExternalProtocol.Oidc, line["ready ".Length..], "quoin", "only-for-tests"));
        host = await TestHost.Start(database, "api", port: port, configure: services => services
            .AddSingleton(new AccountsOptions { SignUp = SignUpPolicy.Open })
            .AddSingleton(new ProofOptions { Providers = providers }));
    }

    public async Task DisposeAsync()
    {
        await host.DisposeAsync();
        await issuer.DisposeAsync();
    }

    [Fact]
    public async Task Makes_a_person_known_with_the_address_the_issuer_vouches_for_and_knows_them_again()
    {
        await using var window = await browser.Open();

        await SignIn(window.Page, "ada");
        await window.Page.GotoAsync($"{url}/v1/me/external-logins");

        (await window.Page.ContentAsync()).ShouldContain("ada@issuer.example");
        var user = await host.Get<Users>().FindByEmail("ada@issuer.example", default);
        user.ShouldNotBeNull().EmailVerifiedAt.ShouldNotBeNull();
        user.Name.ShouldBe("ada of the issuer");

        await using var other = await browser.Open();
        await SignIn(other.Page, "ada");
        (await Count("select count(*) from accounts.users where email_folded = 'ada@issuer.example'")).ShouldBe(1);
    }

    [Fact]
    public async Task Believes_no_address_the_issuer_does_not_vouch_for()
    {
        await using var window = await browser.Open();

        await SignIn(window.Page, "unproved-eve");

        (await host.Get<Users>().FindByEmail("unproved-eve@issuer.example", default)).ShouldBeNull();
    }

    [Fact]
    public async Task Signs_nobody_in_by_their_address_alone()
    {
        await CreateUser("grace@issuer.example");
        await using var window = await browser.Open();

        await SignIn(window.Page, "grace");

        await Assertions.Expect(window.Page.GetByRole(AriaRole.Heading)).ToHaveTextAsync("You have an account already");
        (await Count("select count(*) from accounts.external_logins where subject = 'grace'")).ShouldBe(0);
        (await Count("""
            select count(*)
            from accounts.sessions
            join accounts.users using (user_id)
            where email_folded = 'grace@issuer.example'
            """)).ShouldBe(0);
    }

    [Fact]
    public async Task Signs_somebody_in_who_connected_it_with_their_account()
    {
        var wallet = new TestWallet(3001);
        await using var window = await browser.Open();
        await SignInWithWallet(window.Page, wallet);
        await window.Page.GotoAsync($"{url}/account");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Connect Acme" }).ClickAsync();
        await PassIssuer(window.Page, "hopper");
        await Assertions.Expect(window.Page.GetByText("Acme: hopper@issuer.example")).ToBeVisibleAsync();

        await using var other = await browser.Open();
        await SignIn(other.Page, "hopper");
        await other.Page.GotoAsync($"{url}/account");

        await Assertions.Expect(other.Page.GetByText(wallet.Address.ToString())).ToBeVisibleAsync();
        (await host.Get<Users>().FindByEmail("hopper@issuer.example", default)).ShouldBeNull();
    }

    [Fact]
    public async Task Takes_nobody_back_in_another_browser_or_twice()
    {
        await using var window = await browser.Open();
        var callback = string.Empty;
        window.Page.Request += (_, request) =>
        {
            if (request.Url.Contains("/callback?", StringComparison.Ordinal))
            {
                callback = request.Url;
            }
        };
        await SignIn(window.Page, "mallory");
        callback.ShouldNotBeEmpty();

        using var stranger = new HttpClient();
        (await stranger.GetAsync(callback)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        await window.Page.GotoAsync(callback);
        await Assertions.Expect(window.Page.GetByRole(AriaRole.Heading))
            .ToHaveTextAsync("That took too long, or began in another browser");
    }

    private async Task SignIn(IPage page, string login)
    {
        await page.GotoAsync($"{url}/sign-in?return_to=/health/live");
        await page.GetByRole(AriaRole.Button, new() { Name = "Continue with Acme" }).ClickAsync();
        await PassIssuer(page, login);
    }

    private async Task SignInWithWallet(IPage page, TestWallet wallet)
    {
        var asked = await page.APIRequest.PostAsync(
            $"{url}/v1/auth/wallet/nonce", new() { DataObject = new { address = wallet.Address.ToString() } });
        var message = (await asked.JsonAsync())!.Value.GetProperty("message").GetString()!;
        var answer = await page.APIRequest.PostAsync(
            $"{url}/v1/auth/wallet/verify", new() { DataObject = new { message, signature = wallet.Sign(message) } });
        answer.Ok.ShouldBeTrue(await answer.TextAsync());
    }

    private async Task PassIssuer(IPage page, string login)
    {
        await page.Locator("input[name=login]").FillAsync(login);
        await page.Locator("input[name=password]").FillAsync("whatever");
        await page.Locator("button[type=submit]").ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Continue" }).ClickAsync();
        await page.Arrives($"{url}/**");
    }

    private async Task CreateUser(string email)
    {
        await using var connection = await database.App.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var created = await host.Get<Users>().Create(transaction, new NewUser("Grace", email, true), "test", default);
        created.ShouldBeOfType<CreateUserOutcome.Created>();
        await transaction.CommitAsync();
    }

    private async Task<long> Count(string sql)
    {
        await using var command = database.App.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
