using System.Net;
using System.Net.Http.Headers;
using Quoin.Accounts;
using Quoin.Tests.Support;

namespace Quoin.Tests.EndToEnd.Apps.Server;

public sealed class AdministeringFromTheCommandLine(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    // With a master key that every process of a test shares.
    private readonly Dictionary<string, string> environment = new()
    {
        ["QUOIN_DATABASE"] = database.ConnectionString,
        ["QUOIN_MASTER_KEY"] = Convert.ToBase64String(new byte[32]),
    };

    private TestFolder folder = null!;

    public async Task InitializeAsync() => folder = await TestFolder.Create();

    public Task DisposeAsync()
    {
        folder.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Makes_an_operator_once_and_a_link_that_lets_them_in()
    {
        var first = await Quoin("admin", "create", "--email", "ada@example.com");
        var second = await Quoin("admin", "create", "--email", "ADA@example.com");
        var link = await Quoin("admin", "sign-in-link", "--email", "ada@example.com", "--url", "https://quoin.example/");

        first.Output.ShouldContain("is an operator now: usr_");
        second.Output.ShouldContain("already was an operator");
        link.Output.ShouldStartWith("https://quoin.example/sign-in?token=qn_signin_");
    }

    [Fact]
    public async Task Gives_an_operator_a_password_that_a_program_writes()
    {
        var made = await QuoinProcess.RunWithInput(
            "correct horse battery\n", ["admin", "create", "--email", "pass@example.com", "--set-password"], environment);
        var weak = await QuoinProcess.RunWithInput(
            "password1\n", ["admin", "create", "--email", "pass@example.com", "--set-password"], environment);
        var none = await Quoin("admin", "reset-second-factor", "--email", "pass@example.com");

        made.Output.ShouldContain("The password is set");
        weak.ExitCode.ShouldBe(1);
        weak.Output.ShouldContain("most common passwords");
        none.Output.ShouldContain("has no second factor");
    }

    [Theory]
    [InlineData("admin create --email nobody", "someone@example.com")]
    [InlineData("admin sign-in-link --email eve@example.com", "quoin admin create")]
    [InlineData("admin keys create --label x --role king", "admin")]
    [InlineData("admin keys create --label x --org acme", "org_")]
    [InlineData("admin keys create --label x --org org_00000000000000000000000001", "There is no organisation")]
    [InlineData("admin keys create --label x --expires yesterday", "2026-11-20T08:15:00Z")]
    [InlineData("admin keys revoke key_00000000000000000000000001", "--org")]
    public async Task Says_in_one_line_what_is_wrong(string arguments, string expected)
    {
        var (exitCode, output) = await Quoin(arguments.Split(' '));

        exitCode.ShouldBe(1);
        output.Trim().Split('\n').ShouldHaveSingleItem().ShouldStartWith("quoin: ");
        output.ShouldContain(expected);
    }

    [Fact]
    public async Task Makes_keys_that_a_host_accepts_until_they_are_revoked()
    {
        // The host reads its master key from the folder, so the commands do too.
        environment.Remove("QUOIN_MASTER_KEY");
        environment["QUOIN_DATABASE"] = (await database.CreateDatabase()).ConnectionString;
        var created = await Quoin("admin", "keys", "create", "--label", "Root");
        var secret = created.Output.Split('\n').Single(line => line.StartsWith("qn_op_", StringComparison.Ordinal));
        var id = created.Output.Split(' ', '\n').First(word => word.StartsWith("key_", StringComparison.Ordinal));

        await using var host = await QuoinProcess.ServeDatabase(environment["QUOIN_DATABASE"], "--data", folder.Data);
        var before = await ListOrganisations(host, secret);
        await Quoin("admin", "keys", "revoke", id, "--reason", "leaked");

        // The host is a process with a real clock: this is the promise, waited for.
        await Task.Delay(Limits.FreshFor);
        var after = await ListOrganisations(host, secret);

        before.ShouldBe(HttpStatusCode.OK);
        after.ShouldBe(HttpStatusCode.Unauthorized);
        (await Quoin("admin", "keys", "list")).Output.ShouldContain("revoked");
        (await Quoin("admin", "verify-audit")).Output.ShouldContain("all as they were written");
    }

    [Fact]
    public async Task Rotates_the_master_key_under_a_host_that_goes_on()
    {
        environment.Remove("QUOIN_MASTER_KEY");
        environment["QUOIN_DATABASE"] = (await database.CreateDatabase()).ConnectionString;
        var created = await Quoin("admin", "keys", "create", "--label", "Root");
        var secret = created.Output.Split('\n').Single(line => line.StartsWith("qn_op_", StringComparison.Ordinal));
        await using var host = await QuoinProcess.ServeDatabase(environment["QUOIN_DATABASE"], "--data", folder.Data);

        var rotated = await Quoin("admin", "rotate-master-key");

        rotated.Output.ShouldContain("keys were wrapped anew");
        (await ListOrganisations(host, secret)).ShouldBe(HttpStatusCode.OK);
        await using var restarted = await QuoinProcess.ServeDatabase(environment["QUOIN_DATABASE"], "--data", folder.Data);
        (await ListOrganisations(restarted, secret)).ShouldBe(HttpStatusCode.OK);
    }

    private static async Task<HttpStatusCode> ListOrganisations(QuoinProcess host, string secret)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/organisations");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        return (await host.Client.SendAsync(request)).StatusCode;
    }

    private Task<(int ExitCode, string Output)> Quoin(params string[] arguments) =>
        QuoinProcess.Run([.. arguments, "--data", folder.Data], environment);
}
