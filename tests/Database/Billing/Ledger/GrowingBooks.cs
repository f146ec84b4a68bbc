using Npgsql;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Ledger;

/// <summary>Plans are made once, and often while the books are small: they must be right for large ones.</summary>
public sealed class GrowingBooks(TestDatabase database) : IClassFixture<TestDatabase>
{
    private readonly IdSource ids = new(TimeProvider.System);

    [Fact]
    public async Task Cost_no_more_reading_for_a_command_than_small_ones_did()
    {
        // One connection each, so that its plans are those made when the books had just that size.
        var replicas = new List<(NpgsqlDataSource Source, Quoin.Ledger.Ledger Ledger)>();
        Customer? customer = null;
        for (var size = 0; size < 20; size++)
        {
            var source = DataSources.App($"{database.ConnectionString};Maximum Pool Size=1");
            var ledger = new Quoin.Ledger.Ledger(source, TimeProvider.System, ids);
            replicas.Add((source, ledger));
            customer = customer is null ? new Customer(ledger, ids) : customer.At(ledger);
            await customer.Run(customer.Credit(1_000_000, "credit"));
            await Use(customer, size * 20, (size + 1) * 20);
        }

        await customer!.Run([.. Enumerable.Range(0, 5_000).Select(number => customer.Usage(1, $"many-{number}"))]);
        await customer.Run([.. Enumerable.Range(0, 5_000).Select(number => customer.Hold(1, $"many-{number}"))]);
        var before = await TuplesRead();
        foreach (var (index, (source, ledger)) in replicas.Index())
        {
            await Use(customer.At(ledger), 1_000 + (index * 10), 1_000 + ((index + 1) * 10));
            await ledger.DisposeAsync();
            await source.DisposeAsync();
        }

        const int commands = 20 * 10 * 3;
        (await TuplesRead() - before).ShouldBeLessThan(20 * commands);
    }

    private static async Task Use(Customer customer, int from, int to)
    {
        for (var number = from; number < to; number++)
        {
            var hold = await customer.Held(customer.Hold(1, $"{number}"));
            await customer.Run(customer.Usage(1, $"{number}"));
            await customer.Run(new ReleaseHold(customer.Org, hold, Customer.Noon));
        }
    }

    private async Task<long> TuplesRead()
    {
        // A backend reports what it read when it is idle for a while, or asked to.
        await using var command = database.Owner.Sql("""
            select (sum(coalesce(idx_tup_fetch, 0) + seq_tup_read))::bigint
            from pg_stat_user_tables
            where schemaname = 'ledger'
            """);
        await Execute("select pg_stat_force_next_flush()");
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private async Task Execute(string sql)
    {
        await using var command = database.Owner.Sql(sql);
        await command.ExecuteNonQueryAsync();
    }
}
