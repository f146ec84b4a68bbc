using Quoin.Accounts;
using Quoin.Cli;
using Quoin.Kernel;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.EndToEnd.Apps.Cli;

public sealed class SigningInOnAMachine(TwoReplicas replicas) : IClassFixture<TwoReplicas>, IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string folder = Path.Combine(Directory.CreateTempSubdirectory("quoin-test-").FullName, "config");

    private string ConfigFile => Path.Combine(folder, "config.json");

    [Fact]
    public async Task Keeps_a_key_of_the_person_for_its_owners_eyes_only_and_manages_keys_with_it()
    {
        var (org, _) = await replicas.NewOrganisation();
        var ada = await Person("ada@cli.example", org, MemberRole.Developer);

        var login = Quoin("login", "--no-browser", "--url", replicas.Urls[0]);
        await Approve(ada, org);
        var (exitCode, output) = await login;

        exitCode.ShouldBe(0, output);
        output.ShouldContain("Signed in as");
        File.GetUnixFileMode(ConfigFile).ShouldBe(OwnerOnly);
        File.GetUnixFileMode(folder).ShouldBe(OwnerOnly | UnixFileMode.UserExecute);
        var made = await Quoin("keys", "create", "--label", "ci", "--preset", "ingest");
        made.ExitCode.ShouldBe(0, made.Output);
        made.Output.ShouldContain("qn_test_");
        var id = made.Output.Split(' ').First(word => word.Contains("key_", StringComparison.Ordinal)).Trim();
        var rotated = await Quoin("keys", "rotate", id, "--overlap", "1");
        rotated.ExitCode.ShouldBe(0, rotated.Output);
        (await Quoin("keys", "revoke", id, "--reason", "over")).ExitCode.ShouldBe(0);
        var list = await Quoin("keys", "list");
        list.Output.ShouldContain("revoked");
        list.Output.ShouldContain("events.write");
        (await Quoin("org", "list")).Output.ShouldMatch($@"\* +{org}");

        var logout = await Quoin("logout");
        logout.ExitCode.ShouldBe(0, logout.Output);
        new ProfileFile(folder).Read().Profiles.ShouldBeEmpty();
    }

    [Fact]
    public async Task Keeps_the_login_while_the_server_is_away()
    {
        var file = new ProfileFile(folder);
        file.Write(ProfileSet.Empty.With("work", new Profile("http://127.0.0.1:9", "qn_test_x", "org_1", "Acme")));

        var logout = await Quoin("logout");
        var kept = file.Read();
        var local = await Quoin("logout", "--local");

        logout.ExitCode.ShouldBe(ExitCodes.GaveUp, logout.Output);
        logout.Output.ShouldContain("The login was kept");
        kept.Profiles.Keys.ShouldBe(["work"]);
        local.ExitCode.ShouldBe(0, local.Output);
        file.Read().Profiles.ShouldBeEmpty();
    }

    [Fact]
    public async Task Turns_an_operator_to_an_organisation_and_makes_new_ones()
    {
        var (org, _) = await replicas.NewOrganisation();
        var key = await replicas.NewOperatorKey();
        var file = new ProfileFile(folder);
        file.Write(ProfileSet.Empty.With("root", new Profile(replicas.Urls[0], key)));

        var used = await Quoin("org", "use", org.ToString());
        var balance = await Quoin("balance");
        var created = await Quoin("org", "create", "Globex", "--slug", "globex-cli");
        var unknown = await Quoin("org", "use", "nobody");

        used.ExitCode.ShouldBe(0, used.Output);
        balance.ExitCode.ShouldBe(0, balance.Output);
        created.ExitCode.ShouldBe(0, created.Output);
        file.Read().Profiles["root"].OrgName.ShouldBe("Globex");
        unknown.ExitCode.ShouldBe(ExitCodes.Failed);
        unknown.Output.ShouldContain("quoin org list");
    }

    [Fact]
    public async Task Keeps_several_logins_apart_and_sends_a_key_nowhere_else()
    {
        var (org, key) = await replicas.NewOrganisation();
        var file = new ProfileFile(folder);
        file.Write(ProfileSet.Empty
            .With("acme", new Profile(replicas.Urls[0], key, org.ToString()))
            .With("other", new Profile(replicas.Urls[0], "qn_test_wrong")));

        var named = await Quoin("balance", "--profile", "acme");
        var current = await Quoin("balance");
        var missing = await Quoin("balance", "--profile", "nobody");
        var elsewhere = await Quoin("balance", "--profile", "acme", "--url", replicas.Urls[1]);

        named.ExitCode.ShouldBe(0, named.Output);
        current.Output.ShouldContain("invalid_key");
        missing.Output.ShouldContain("There is no profile 'nobody'");
        elsewhere.Output.ShouldContain("unauthenticated");
    }

    [Fact]
    public void Tightens_a_file_that_others_could_read_and_never_writes_over_a_damaged_one()
    {
        var file = new ProfileFile(folder);
        file.Write(ProfileSet.Empty.With("work", new Profile("http://localhost", "qn_test_x")));
        File.SetUnixFileMode(ConfigFile, OwnerOnly | UnixFileMode.OtherRead);

        file.Read();
        File.GetUnixFileMode(ConfigFile).ShouldBe(OwnerOnly);
        File.WriteAllText(ConfigFile, "{ half");

        Should.Throw<InvalidDataException>(() => file.Read());
        File.ReadAllText(ConfigFile).ShouldBe("{ half");
    }

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(folder)!, recursive: true);

    private Task<(int ExitCode, string Output)> Quoin(params string[] arguments) =>
        QuoinProcess.Run(arguments, new() { ["QUOIN_CONFIG"] = folder });

    private async Task<UserId> Person(string email, OrgId org, string role)
    {
        var id = new IdSource(TimeProvider.System).Next();
        await Execute(
            "insert into accounts.users (user_id, email, email_folded, created_at) values ($1, $2, $2, $3)",
            id,
            email,
            DateTimeOffset.UnixEpoch);
        await Execute(
            "insert into accounts.members (org_id, user_id, role, added_by, joined_at) values ($1, $2, $3, 'test', $4)",
            org.Value,
            id,
            role,
            DateTimeOffset.UnixEpoch);
        return new UserId(id);
    }

    // Waits until the program has asked, then does what the page does.
    private async Task Approve(UserId person, OrgId org)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            await using var pending = replicas.Database.Owner.Sql(
                "select user_code from accounts.device_codes where state = 'pending'");
            if (await pending.ExecuteScalarAsync(patience.Token) is string code)
            {
                var outcome = await replicas.Get<Devices>().Decide(person, code, org, null, patience.Token);
                outcome.ShouldBe(new DeviceDecisionOutcome.Decided(true));
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), patience.Token);
        }
    }

    private async Task Execute(string sql, params object?[] values)
    {
        await using var command = replicas.Database.Owner.Sql(sql, values);
        await command.ExecuteNonQueryAsync();
    }
}
