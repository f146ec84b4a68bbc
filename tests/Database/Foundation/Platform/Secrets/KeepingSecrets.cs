using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Platform.Keeping;

/// <summary>Each test has its own database: rotation touches every key in it.</summary>
public sealed class KeepingSecrets : IAsyncLifetime
{
    private const string Purpose = "tests.provider_key";
    private static readonly byte[] Plain = Encoding.UTF8.GetBytes("sk-live-1234");

    private readonly TestDatabase database = new();
    private readonly SettableClock clock = new();
    private readonly AuditLines audit = new();

    public Task InitializeAsync() => database.InitializeAsync();

    public Task DisposeAsync() => database.DisposeAsync();

    [Fact]
    public async Task Gives_back_on_one_replica_what_another_protected()
    {
        await using var a = Replica();
        await using var b = Replica();

        var secret = a.Get<Secrets>().Protect(Purpose, Plain, [1]);

        b.Get<Secrets>().Unprotect(Purpose, secret, [1]).ShouldBe(Plain);
        Encoding.Latin1.GetString(secret).ShouldNotContain("sk-live");
    }

    [Fact]
    public async Task Uses_one_key_when_many_replicas_need_a_new_one_at_once()
    {
        await using var a = Replica();
        await using var b = Replica();

        var secrets = await Task.WhenAll(Enumerable.Range(0, 8).Select(index =>
            Task.Run(() => (index % 2 == 0 ? a : b).Get<Secrets>().Protect("tests.rush", Plain))));

        foreach (var secret in secrets)
        {
            a.Get<Secrets>().Unprotect("tests.rush", secret).ShouldBe(Plain);
            b.Get<Secrets>().Unprotect("tests.rush", secret).ShouldBe(Plain);
        }
    }

    [Fact]
    public async Task Hashes_the_same_on_every_replica_and_otherwise_for_another_purpose()
    {
        await using var a = Replica();
        await using var b = Replica();

        Hash(a, "tests.pepper").ShouldBe(Hash(b, "tests.pepper"));
        Hash(a, "tests.pepper").ShouldNotBe(Hash(a, "tests.other_pepper"));

        static string Hash(TestReplica replica, string purpose)
        {
            var hash = new byte[32];
            replica.Get<Secrets>().Hash(purpose, Plain, hash);
            return Convert.ToHexString(hash);
        }
    }

    [Fact]
    public async Task Reads_nothing_for_another_purpose_in_another_row_or_after_a_change()
    {
        await using var replica = Replica();
        var secrets = replica.Get<Secrets>();
        var secret = secrets.Protect(Purpose, Plain, [1]);
        secrets.Protect("tests.other", Plain);
        byte[] changed = [.. secret[..^1], (byte)(secret[^1] ^ 1)];

        Should.Throw<CryptographicException>(() => secrets.Unprotect("tests.other", secret, [1]));
        Should.Throw<CryptographicException>(() => secrets.Unprotect(Purpose, secret, [2]));
        Should.Throw<CryptographicException>(() => secrets.Unprotect(Purpose, changed, [1]));
        Should.Throw<CryptographicException>(() => secrets.Unprotect(Purpose, [1, 2], [1]));
    }

    [Fact]
    public async Task Keeps_secrets_readable_through_a_rotation_of_the_master_key()
    {
        var (old, young) = (Key(1), Key(2));
        await using var before = Replica(MasterKeys.Given(old));
        var secret = before.Get<Secrets>().Protect(Purpose, Plain);

        await using var during = Replica(MasterKeys.Given(young, old));
        (await during.Get<Secrets>().RotateMasterKey(audit, "key_test", default)).ShouldBe(1);
        (await during.Get<Secrets>().RotateMasterKey(audit, "key_test", default)).ShouldBe(0);

        audit.Lines.ShouldBe(
        [
            "key_test master_key.rotated {\"rewrapped_keys\":1}",
            "key_test master_key.rotated {\"rewrapped_keys\":0}",
        ]);
        await using var after = Replica(MasterKeys.Given(young));
        after.Get<Secrets>().Unprotect(Purpose, secret).ShouldBe(Plain);
        before.Get<Secrets>().Unprotect(Purpose, secret).ShouldBe(Plain, "running replicas have the key in memory");
    }

    [Fact]
    public async Task Rotates_a_master_key_kept_in_a_file_under_running_replicas()
    {
        using var folder = await TestFolder.Create();
        await using var a = Replica(MasterKeys.InFolder(folder.Data));
        await using var b = Replica(MasterKeys.InFolder(folder.Data));
        var secret = a.Get<Secrets>().Protect(Purpose, Plain);
        b.Get<Secrets>().Unprotect(Purpose, secret).ShouldBe(Plain);
        var text = await File.ReadAllTextAsync(Path.Combine(folder.Data, "master.key"));

        (await a.Get<Secrets>().RotateMasterKey(audit, "key_test", default)).ShouldBe(1);
        var newSecret = a.Get<Secrets>().Protect("tests.new_purpose", Plain);

        (await File.ReadAllTextAsync(Path.Combine(folder.Data, "master.key"))).ShouldNotBe(text);
        b.Get<Secrets>().Unprotect("tests.new_purpose", newSecret).ShouldBe(Plain);
        await using var restarted = Replica(MasterKeys.InFolder(folder.Data));
        restarted.Get<Secrets>().Unprotect(Purpose, secret).ShouldBe(Plain);
    }

    [Fact]
    public async Task Loses_nothing_when_rotations_and_new_purposes_come_at_once()
    {
        using var folder = await TestFolder.Create();
        await using var a = Replica(MasterKeys.InFolder(folder.Data));
        await using var b = Replica(MasterKeys.InFolder(folder.Data));
        a.Get<Secrets>().Protect(Purpose, Plain);
        b.Get<Secrets>().Protect(Purpose, Plain);

        var secrets = new byte[8][];
        await Task.WhenAll(Enumerable.Range(0, 12).Select(index => Task.Run(async () =>
        {
            var replica = index % 2 == 0 ? a : b;
            if (index < secrets.Length)
            {
                secrets[index] = replica.Get<Secrets>().Protect($"tests.new_{index}", Plain);
            }
            else
            {
                await replica.Get<Secrets>().RotateMasterKey(new AuditLines(), "key_test", default);
            }
        })));

        await using var restarted = Replica(MasterKeys.InFolder(folder.Data));
        await restarted.Prepare();
        for (var index = 0; index < secrets.Length; index++)
        {
            restarted.Get<Secrets>().Unprotect($"tests.new_{index}", secrets[index]).ShouldBe(Plain);
        }
    }

    [Fact]
    public async Task Goes_on_with_a_rotation_that_was_broken_off()
    {
        using var folder = await TestFolder.Create();
        await using var replica = Replica(MasterKeys.InFolder(folder.Data));
        var secret = replica.Get<Secrets>().Protect(Purpose, Plain);
        var broken = new AuditLines { Fails = true };
        var secrets = replica.Get<Secrets>();
        await secrets.RotateMasterKey(broken, "key_test", default).ShouldThrowAsync<InvalidOperationException>();
        await secrets.RotateMasterKey(broken, "key_test", default).ShouldThrowAsync<InvalidOperationException>();

        (await secrets.RotateMasterKey(audit, "key_test", default)).ShouldBe(1);

        await using var restarted = Replica(MasterKeys.InFolder(folder.Data));
        restarted.Get<Secrets>().Unprotect(Purpose, secret).ShouldBe(Plain);
        (await File.ReadAllLinesAsync(Path.Combine(folder.Data, "master.key"))).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Refuses_a_key_file_that_others_may_read()
    {
        using var folder = await TestFolder.Create();
        var path = Path.Combine(folder.Data, "master.key");
        await using var first = Replica(MasterKeys.InFolder(folder.Data));
        first.Get<Secrets>().Protect(Purpose, Plain);
        File.GetUnixFileMode(path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);

        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);

        await using var second = Replica(MasterKeys.InFolder(folder.Data));
        Should.Throw<MasterKeyException>(() => second.Get<Secrets>().Protect(Purpose, Plain))
            .Message.ShouldContain($"chmod 600 {path}");
    }

    [Fact]
    public async Task Stops_a_replica_with_another_master_key_from_starting()
    {
        await using var right = Replica(MasterKeys.Given(Key(1)));
        right.Get<Secrets>().Protect(Purpose, Plain);
        await using var wrong = Replica(MasterKeys.Given(Key(2)));

        var refusal = await wrong.Prepare().ShouldThrowAsync<MasterKeyException>();

        refusal.Message.ShouldContain("the same QUOIN_MASTER_KEY");
        refusal.Message.ShouldNotContain(Key(2));
    }

    [Fact]
    public async Task Lets_any_replica_read_any_cookie()
    {
        await using var a = Replica();
        await using var b = Replica();

        // Both make their first key at the same time, as replicas that start together do.
        var cookies = await Task.WhenAll(
            Task.Run(() => Protector(a).Protect("from a")), Task.Run(() => Protector(b).Protect("from b")));

        Protector(b).Unprotect(cookies[0]).ShouldBe("from a");
        Protector(a).Unprotect(cookies[1]).ShouldBe("from b");
        await using var restarted = Replica();
        Protector(restarted).Unprotect(cookies[0]).ShouldBe("from a");
    }

    [Fact]
    public async Task Keeps_the_cookie_keys_encrypted_in_the_database()
    {
        await using var replica = Replica();
        Protector(replica).Protect("something");

        await using var command = database.App.Sql("select string_agg(xml, '') from platform.data_protection_keys");
        var xml = (string)(await command.ExecuteScalarAsync())!;

        xml.ShouldContain("encryptedSecret");
        xml.ShouldNotContain("masterKey");
    }

    private static IDataProtector Protector(TestReplica replica) =>
        replica.Get<IDataProtectionProvider>().CreateProtector("tests");

    private static string Key(byte value) => Convert.ToBase64String(Enumerable.Repeat(value, 32).ToArray());

    private TestReplica Replica(MasterKeys? keys = null) =>
        new(database, clock, services => services.AddSingleton(keys ?? MasterKeys.Given(Key(9))));

    private sealed class AuditLines : IAudit
    {
        public List<string> Lines { get; } = [];

        public bool Fails { get; init; }

        public Task Record(NpgsqlTransaction transaction, AuditEntry entry, CancellationToken cancellationToken)
        {
            Lines.Add($"{entry.Actor} {entry.Action} {entry.After}");
            return Fails ? throw new InvalidOperationException("on purpose") : Task.CompletedTask;
        }
    }
}
