using Npgsql;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Platform.Postgres;

/// <summary>Whoever commits again and again does it on the same connection, and no longer than it is well and used.</summary>
public sealed class KeepingConnections(TestDatabase database) : IClassFixture<TestDatabase>
{
    private static readonly TimeSpan Long = TimeSpan.FromHours(1);

    [Fact]
    public async Task The_connection_that_was_used_last_is_used_again()
    {
        await using var pool = Pool(3);
        await FillPool(pool, 3);
        await using var kept = new KeptConnections(pool, Long);

        var used = new[] { await Backend(kept), await Backend(kept), await Backend(kept) };

        used.Distinct().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Who_uses_connections_at_the_same_time_gets_another_one()
    {
        await using var pool = Pool(2);
        await using var kept = new KeptConnections(pool, Long);

        var (first, second) = (0, 0);
        await kept.Use(async one => (first, second) = (one.ProcessID, await Backend(kept)), CancellationToken.None);

        second.ShouldNotBe(first);
    }

    [Fact]
    public async Task A_connection_on_which_something_failed_goes_back_to_the_pool_without_its_transaction()
    {
        await using var pool = Pool(1);
        await using var kept = new KeptConnections(pool, Long);

        await Should.ThrowAsync<InvalidOperationException>(() => kept.Use(
            async connection =>
            {
                await connection.BeginTransactionAsync();
                throw new InvalidOperationException("Given up half-way.");
            },
            CancellationToken.None));

        await using var next = await pool.OpenConnectionAsync();
        await using var begun = await next.BeginTransactionAsync();
    }

    [Fact]
    public async Task A_connection_that_was_cut_is_replaced()
    {
        await using var pool = Pool(1);
        await using var kept = new KeptConnections(pool, Long);
        var cut = await Backend(kept);
        await using (var command = database.Owner.Sql("select pg_terminate_backend($1, 5000)", cut))
        {
            (await command.ExecuteScalarAsync()).ShouldBe(true);
        }

        await Should.ThrowAsync<NpgsqlException>(() => Backend(kept));

        (await Backend(kept)).ShouldNotBe(cut);
    }

    [Fact]
    public async Task What_nobody_uses_goes_back_to_the_pool()
    {
        await using var pool = Pool(1);
        await using var kept = new KeptConnections(pool, TimeSpan.FromMilliseconds(10));
        var used = await Backend(kept);

        await using var free = await pool.OpenConnectionAsync();

        free.ProcessID.ShouldBe(used);
    }

    [Fact]
    public async Task All_go_back_to_the_pool_as_their_keeper_ends()
    {
        await using var pool = Pool(1);
        var kept = new KeptConnections(pool, Long);
        var used = await Backend(kept);

        await kept.DisposeAsync();

        await using var free = await pool.OpenConnectionAsync();
        free.ProcessID.ShouldBe(used);
    }

    private NpgsqlDataSource Pool(int most) => NpgsqlDataSource.Create(
        new NpgsqlConnectionStringBuilder(database.ConnectionString) { MaxPoolSize = most });

    private static async Task FillPool(NpgsqlDataSource pool, int count)
    {
        var open = await Task.WhenAll(Enumerable.Range(0, count).Select(_ => pool.OpenConnectionAsync().AsTask()));
        await Task.WhenAll(open.Select(connection => connection.DisposeAsync().AsTask()));
    }

    private static async Task<int> Backend(KeptConnections kept)
    {
        var backend = 0;
        await kept.Use(
            async connection =>
            {
                await using var command = connection.Sql("select pg_backend_pid()");
                backend = (int)(await command.ExecuteScalarAsync())!;
            },
            CancellationToken.None);
        return backend;
    }
}
