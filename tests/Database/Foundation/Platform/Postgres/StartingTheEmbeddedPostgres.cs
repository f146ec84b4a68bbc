using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Platform.Postgres;

public sealed class StartingTheEmbeddedPostgres
{
    [Fact]
    public async Task Creates_a_private_cluster_and_finds_it_again()
    {
        using var folder = await TestFolder.Create();

        await using (var first = await Start(folder))
        {
            await Execute(first, "create table kept (id integer)");
        }

        await using var second = await Start(folder);
        (await Scalar<long>(second, "select count(*) from kept")).ShouldBe(0);
    }

    [Fact]
    public async Task Lets_nobody_in_without_the_password()
    {
        using var folder = await TestFolder.Create();
        await using var postgres = await Start(folder);
        var connection = new NpgsqlConnectionStringBuilder(postgres.ConnectionString);
        var password = Path.Combine(folder.Data, "secrets", "postgres-password");

        var wrong = new NpgsqlConnectionStringBuilder(postgres.ConnectionString) { Password = "guessed" };
        var refusal = await Should.ThrowAsync<PostgresException>(() => Scalar<int>(wrong.ConnectionString, "select 1"));

        refusal.SqlState.ShouldBe(PostgresErrorCodes.InvalidPassword);
        File.GetUnixFileMode(password).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.GetUnixFileMode(connection.Host!)
            .ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        (await Scalar<string>(postgres, "show listen_addresses")).ShouldBeEmpty();
        (await Scalar<string>(postgres, "show password_encryption")).ShouldBe("scram-sha-256");
    }

    [Fact]
    public async Task Plans_with_the_memory_there_is_and_keeps_every_commit()
    {
        using var folder = await TestFolder.Create();
        var settings = new EmbeddedSettings(folder.Data) { MemoryBytes = 2L * 1024 * 1024 * 1024 };

        await using var postgres = await Start(settings);

        (await Scalar<string>(postgres, "show shared_buffers")).ShouldBe("512MB");
        (await Scalar<string>(postgres, "show max_wal_size")).ShouldBe("4GB");
        (await Scalar<string>(postgres, "show fsync")).ShouldBe("on");
        (await Scalar<string>(postgres, "show synchronous_commit")).ShouldBe("on");
        (await Scalar<string>(postgres, "show jit")).ShouldBe("off");
        (await Scalar<string>(postgres, "show data_checksums")).ShouldBe("on");
    }

    [Fact]
    public async Task Keeps_its_socket_elsewhere_when_the_data_folder_has_a_long_name()
    {
        using var folder = await TestFolder.Create();
        var settings = new EmbeddedSettings(Path.Combine(folder.Root, new string('x', 90), "data"));
        string socketFolder;

        await using (var postgres = await Start(settings))
        {
            socketFolder = new NpgsqlConnectionStringBuilder(postgres.ConnectionString).Host!;
            (await Scalar<int>(postgres, "select 1")).ShouldBe(1);
        }

        socketFolder.ShouldStartWith("/tmp/quoin-");
        Directory.Exists(socketFolder).ShouldBeFalse();
    }

    [Fact]
    public async Task Joins_a_running_host_and_stops_only_with_the_last()
    {
        using var folder = await TestFolder.Create();
        var first = await Start(folder);
        var server = folder.PostmasterId();

        var second = await Start(folder);
        await first.DisposeAsync();
        var afterFirst = folder.PostmasterId();
        var stillAnswers = await Scalar<int>(second, "select 1");
        await second.DisposeAsync();

        afterFirst.ShouldBe(server);
        stillAnswers.ShouldBe(1);
        folder.PostmasterId().ShouldBeNull();
    }

    [Fact]
    public async Task Is_made_once_by_hosts_that_start_at_the_same_time()
    {
        using var folder = await TestFolder.Create();

        var hosts = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Start(folder)));

        hosts.Select(host => host.ConnectionString).Distinct().Count().ShouldBe(1);
        (await Scalar<int>(hosts[3], "select 1")).ShouldBe(1);
        await Task.WhenAll(hosts.Select(host => host.DisposeAsync().AsTask()));
        folder.PostmasterId().ShouldBeNull();
    }

    [Fact]
    public async Task Comes_back_when_the_server_is_killed_and_is_started_by_one_host_only()
    {
        using var folder = await TestFolder.Create();
        await using var first = await Start(folder);
        await using var second = await Start(folder);
        await Execute(first, "create table kept (id integer)");
        var before = folder.PostmasterId();

        folder.KillPostgres();
        var rows = await OnceItAnswers(() => Scalar<long>(first, "select count(*) from kept"));
        var after = folder.PostmasterId();
        var rowsOfSecond = await OnceItAnswers(() => Scalar<long>(second, "select count(*) from kept"));

        (rows, rowsOfSecond).ShouldBe((0, 0));
        after.ShouldNotBe(before);
        folder.PostmasterId().ShouldBe(after);
    }

    [Fact]
    public async Task Is_watched_on_after_a_look_at_it_failed()
    {
        using var folder = await TestFolder.Create();
        var log = new FirstWarning();
        await using var postgres = await Start(new EmbeddedSettings(folder.Data), log);
        var note = Path.Combine(folder.Data, "pg", "postmaster.pid");

        File.Move(note, note + ".aside");
        Directory.CreateDirectory(note);
        await log.Heard.WaitAsync(TimeSpan.FromSeconds(20));
        Directory.Delete(note);
        File.Move(note + ".aside", note);
        folder.KillPostgres();

        (await OnceItAnswers(() => Scalar<int>(postgres, "select 1"))).ShouldBe(1);
    }

    [Fact]
    public async Task Is_not_fooled_by_a_crashed_servers_note_that_names_another_program()
    {
        using var folder = await TestFolder.Create();
        await (await Start(folder)).DisposeAsync();
        var note = Path.Combine(folder.Data, "pg", "postmaster.pid");
        await File.WriteAllTextAsync(
            note, string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}\n{folder.Data}/pg\n1\n5432\n\n\n\n\n"));

        await using var postgres = await Start(folder);

        (await Scalar<int>(postgres, "select 1")).ShouldBe(1);
    }

    [Fact]
    public async Task Starts_over_where_creating_the_cluster_was_cut_short()
    {
        using var folder = await TestFolder.Create();
        var unfinished = Path.Combine(folder.Data, "pg.new");
        Directory.CreateDirectory(unfinished);
        await File.WriteAllTextAsync(Path.Combine(unfinished, "PG_VERSION"), "15\n");

        await using var postgres = await Start(folder);

        (await Scalar<int>(postgres, "select 1")).ShouldBe(1);
        Directory.Exists(unfinished).ShouldBeFalse();
    }

    private static async Task<T> OnceItAnswers<T>(Func<Task<T>> ask)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            try
            {
                return await ask();
            }
            catch (NpgsqlException) when (!patience.IsCancellationRequested)
            {
                // A real server takes real time to come back.
                await Task.Delay(TimeSpan.FromMilliseconds(50), patience.Token);
            }
        }
    }

    private static Task<EmbeddedPostgres> Start(TestFolder folder) => Start(new EmbeddedSettings(folder.Data));

    private static async Task<EmbeddedPostgres> Start(EmbeddedSettings settings, ILogger? logger = null)
    {
        var outcome = await EmbeddedPostgres.Start(
            settings, logger ?? NullLogger.Instance, TimeProvider.System, CancellationToken.None);
        return outcome is EmbeddedOutcome.Running(var postgres)
            ? postgres
            : throw new InvalidOperationException(outcome.Message);
    }

    private static Task Execute(EmbeddedPostgres postgres, string sql) => Scalar<object>(postgres, sql);

    private static Task<T> Scalar<T>(EmbeddedPostgres postgres, string sql) => Scalar<T>(postgres.ConnectionString, sql);

    private static async Task<T> Scalar<T>(string connectionString, string sql)
    {
        var connection = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false };
        await using var source = NpgsqlDataSource.Create(connection);
        await using var command = source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    private sealed class FirstWarning : ILogger
    {
        private readonly TaskCompletionSource heard = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Heard => heard.Task;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                heard.TrySetResult();
            }
        }
    }
}
