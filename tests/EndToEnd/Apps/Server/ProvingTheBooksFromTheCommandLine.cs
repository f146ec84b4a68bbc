using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.EndToEnd.Apps.Server;

public sealed class ProvingTheBooksFromTheCommandLine(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private const string EditSql = """
        update ledger.transfers
        set reference = 'another'
        where key = 'usage'
        """;

    private readonly Dictionary<string, string> environment = new()
    {
        ["QUOIN_DATABASE"] = database.ConnectionString,
        ["QUOIN_MASTER_KEY"] = Convert.ToBase64String(new byte[32]),
    };

    private TestFolder folder = null!;

    public async Task InitializeAsync()
    {
        folder = await TestFolder.Create();
        var ids = new IdSource(TimeProvider.System);
        await using var ledger = new Quoin.Ledger.Ledger(database.App, TimeProvider.System, ids);
        var (org, account) = (ids.Next<OrgId>(), ids.Next<BillingAccountId>());
        var now = TimeProvider.System.GetUtcNow();
        await ledger.RunTogether(
            [
                new CreateGrant(org, account, "credit", new Money(1_000, Currency.Usd), GrantSource.Purchased, now, "test"),
                new PostTransfer(new TransferRequest(
                    org,
                    account,
                    "usage",
                    new BusinessFact.Usage(new Money(300, Currency.Usd), PaymentTerms.Prepaid),
                    now,
                    "test")),
            ],
            CancellationToken.None);
    }

    public Task DisposeAsync()
    {
        folder.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Says_by_its_exit_code_whether_they_are_sound()
    {
        var (anchor, key, resume) = (File("anchor.json"), File("key.pem"), File("resume"));
        await System.IO.File.WriteAllTextAsync(key, (await Quoin("ledger", "anchor", "--public-key")).Output);
        (await Quoin("ledger", "anchor", "--out", anchor)).ExitCode.ShouldBe(0);

        var sound = await Quoin("ledger", "verify", "--anchor", anchor, "--key", key, "--resume", resume);
        await Tamper();
        var tampered = await Quoin("ledger", "verify", "--anchor", anchor, "--json");
        var other = await Quoin("ledger", "verify", "--resume", resume);
        var broken = await Quoin("ledger", "verify", "--anchor", key);

        sound.ExitCode.ShouldBe(0, sound.Output);
        // A slow machine is told how far it is before.
        sound.Output.Split('\n').ShouldContain(line => line.StartsWith("Sound: ", StringComparison.Ordinal));
        sound.Output.ShouldNotContain("Without an anchor");
        tampered.ExitCode.ShouldBe(1, tampered.Output);
        tampered.Output.ShouldContain("Pin yours with --key");
        tampered.Output.ShouldContain("\"kind\":\"transfer_changed\"");
        (other.ExitCode, broken.ExitCode).ShouldBe((2, 2));
        broken.Output.ShouldContain("is no anchor");
    }

    private async Task Tamper()
    {
        await using var connection = await database.Owner.OpenConnectionAsync();
        await using var off = connection.Sql("set session_replication_role = replica");
        await off.ExecuteNonQueryAsync();
        await using var edit = connection.Sql(EditSql);
        (await edit.ExecuteNonQueryAsync()).ShouldBe(1);
    }

    private string File(string name) => Path.Combine(folder.Root, name);

    private Task<(int ExitCode, string Output)> Quoin(params string[] arguments) => QuoinProcess.Run(arguments, environment);
}
