using Microsoft.Extensions.Logging.Abstractions;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Platform.Postgres;

public sealed class FailingToStartTheEmbeddedPostgres
{
    [Fact]
    public async Task Says_what_to_install_where_there_is_no_PostgreSQL()
    {
        using var folder = await TestFolder.Create();

        var outcome = await Start(new EmbeddedSettings(folder.Data) { Binaries = [] });

        outcome.ShouldBeOfType<EmbeddedOutcome.NoBinaries>();
        outcome.Message.ShouldContain("QUOIN_DATABASE");
        Directory.Exists(folder.Data).ShouldBeFalse();
    }

    [Fact]
    public async Task Leaves_a_cluster_of_a_newer_major_version_alone()
    {
        using var folder = await TestFolder.Create();
        var cluster = WriteClusterOfVersion(folder, "99");

        var outcome = await Start(new EmbeddedSettings(folder.Data));

        var newest = PostgresBinaries.FindAll()[0].Major;
        outcome.ShouldBe(new EmbeddedOutcome.DataIsNewer(cluster, 99, newest));
        outcome.Message.ShouldContain("Install PostgreSQL 99");
    }

    [Fact]
    public async Task Leaves_a_cluster_of_an_older_major_version_alone()
    {
        using var folder = await TestFolder.Create();
        var cluster = WriteClusterOfVersion(folder, "14");

        var outcome = await Start(new EmbeddedSettings(folder.Data));

        var oldest = PostgresBinaries.FindAll()[^1].Major;
        outcome.ShouldBe(new EmbeddedOutcome.DataIsOlder(cluster, 14, oldest));
        outcome.Message.ShouldContain("pg_upgrade");
    }

    [Fact]
    public async Task Refuses_to_start_on_a_full_disk()
    {
        using var folder = await TestFolder.Create();

        var outcome = await Start(new EmbeddedSettings(folder.Data) { DiskFreeBytesMin = long.MaxValue });

        outcome.ShouldBeOfType<EmbeddedOutcome.DiskFull>().Path.ShouldBe(folder.Data);
        outcome.Message.ShouldContain("Free some space");
    }

    [Fact]
    public async Task Recognises_a_disk_that_fills_up_while_the_cluster_is_made()
    {
        using var folder = await TestFolder.Create();
        var binaries = WriteBinaries(
            folder, initdb: "echo 'initdb: error: could not write file: No space left on device' >&2; exit 1");

        var outcome = await Start(new EmbeddedSettings(folder.Data) { Binaries = [binaries] });

        outcome.ShouldBeOfType<EmbeddedOutcome.DiskFull>();
        Directory.Exists(Path.Combine(folder.Data, "pg")).ShouldBeFalse();
    }

    [Fact]
    public async Task Names_what_is_not_writable()
    {
        using var folder = await TestFolder.Create();
        var file = Path.Combine(folder.Root, "a-file");
        await File.WriteAllTextAsync(file, "in the way");

        var outcome = await Start(new EmbeddedSettings(Path.Combine(file, "data")));

        outcome.ShouldBeOfType<EmbeddedOutcome.NotWritable>().Path.ShouldBe(Path.Combine(file, "data"));
    }

    [Fact]
    public async Task Names_the_folder_that_keeps_the_servers_user_out()
    {
        using var folder = await TestFolder.Create();
        var closed = Path.Combine(folder.Root, "closed");
        Directory.CreateDirectory(closed, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        var outcome = await Start(new EmbeddedSettings(Path.Combine(closed, "data")));

        if (ClusterUser.IsRoot)
        {
            outcome.ShouldBeOfType<EmbeddedOutcome.NotTraversable>().Path.ShouldBe(closed);
        }
        else
        {
            // An ordinary user runs the server itself, and may enter its own folders.
            await outcome.ShouldBeOfType<EmbeddedOutcome.Running>().Postgres.DisposeAsync();
        }
    }

    [Fact]
    public async Task Says_that_the_password_was_lost()
    {
        using var folder = await TestFolder.Create();
        var first = (await Start(new EmbeddedSettings(folder.Data))).ShouldBeOfType<EmbeddedOutcome.Running>();
        await first.Postgres.DisposeAsync();
        var password = Path.Combine(folder.Data, "secrets", "postgres-password");
        File.Delete(password);

        var outcome = await Start(new EmbeddedSettings(folder.Data));

        outcome.ShouldBe(new EmbeddedOutcome.PasswordRefused(password));
        folder.PostmasterId().ShouldBeNull();
    }

    [Fact]
    public async Task Passes_on_the_servers_own_words()
    {
        using var folder = await TestFolder.Create();
        var first = (await Start(new EmbeddedSettings(folder.Data))).ShouldBeOfType<EmbeddedOutcome.Running>();
        await first.Postgres.DisposeAsync();
        await File.AppendAllTextAsync(
            Path.Combine(folder.Data, "pg", "postgresql.conf"), "max_connections = 'a few'\n");

        var outcome = await Start(new EmbeddedSettings(folder.Data));

        outcome.ShouldBeOfType<EmbeddedOutcome.DidNotStart>().LastWords.ShouldContain("max_connections");
    }

    private static string WriteClusterOfVersion(TestFolder folder, string version)
    {
        var cluster = Path.Combine(folder.Data, "pg");
        Directory.CreateDirectory(cluster);
        File.WriteAllText(Path.Combine(cluster, "PG_VERSION"), version + "\n");
        return cluster;
    }

    private static PostgresBinaries WriteBinaries(TestFolder folder, string initdb)
    {
        var bin = Path.Combine(folder.Root, "bin");
        Directory.CreateDirectory(bin);
        var program = Path.Combine(bin, "initdb");
        File.WriteAllText(program, $"#!/bin/sh\n{initdb}\n");
        File.SetUnixFileMode(program, (UnixFileMode)Convert.ToInt32("755", 8));
        return new PostgresBinaries(bin, 15);
    }

    private static Task<EmbeddedOutcome> Start(EmbeddedSettings settings) => EmbeddedPostgres.Start(
        settings, NullLogger.Instance, TimeProvider.System, CancellationToken.None);
}
