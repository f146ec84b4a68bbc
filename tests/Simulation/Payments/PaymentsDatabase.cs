using System.Globalization;
using System.Text;
using Npgsql;
using Quoin.Tests.Support;

namespace Quoin.Tests.Simulation.Payments;

/// <summary>A database that is as new for every seed: one is made for many, and put back between them.</summary>
internal sealed class PaymentsDatabase
{
    private const string TablesSql = """
        select format('%I.%I', namespace.nspname, class.relname)
        from pg_class class
        join pg_namespace namespace on namespace.oid = class.relnamespace
        where class.relkind = 'r'
          and namespace.nspname not in ('pg_catalog', 'information_schema', 'simulation')
        order by 1
        """;

    private readonly string putBack;

    private PaymentsDatabase(TestDatabase database, string putBack) => (Database, this.putBack) = (database, putBack);

    public TestDatabase Database { get; }

    /// <summary>Looks at what is in a database that is new.</summary>
    public static async Task<PaymentsDatabase> Open(TestDatabase database)
    {
        var tables = new List<string>();
        await using (var list = database.Owner.CreateCommand(TablesSql))
        await using (var reader = await list.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                tables.Add(reader.GetString(0));
            }
        }

        // Triggers and foreign keys do not look at what is put back.
        var sql = new StringBuilder("set session_replication_role = replica;");
        await Run(database, "create schema simulation");
        foreach (var (index, table) in tables.Index())
        {
            await using var count = database.Owner.CreateCommand($"select count(*) from {table}");
            var isEmpty = (long)(await count.ExecuteScalarAsync())! == 0;
            sql.Append("delete from ").Append(table).Append(';');
            if (!isEmpty)
            {
                await Run(database, $"create table simulation.t{index} as table {table}");
                sql.Append(CultureInfo.InvariantCulture, $"insert into {table} overriding system value table simulation.t{index};");
            }
        }

        return new PaymentsDatabase(database, sql.Append("set session_replication_role = origin").ToString());
    }

    /// <summary>Makes it as new.</summary>
    public Task PutBack() => Run(Database, putBack);

    private static async Task Run(TestDatabase database, string sql)
    {
        await using var command = new NpgsqlBatch(await database.Owner.OpenConnectionAsync());
        await using var its = command.Connection!;
        foreach (var one in sql.Split(';'))
        {
            command.BatchCommands.Add(new NpgsqlBatchCommand(one));
        }

        await command.ExecuteNonQueryAsync();
    }
}
