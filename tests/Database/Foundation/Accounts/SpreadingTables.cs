using Quoin.Accounts;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Accounts;

/// <summary>
/// What Citus would refuse, asked of plain PostgreSQL: its functions are stood in for by ones that only note what they
/// are called with, and its rules are looked up in the catalogue.
/// </summary>
public sealed class SpreadingTables(TestDatabase database) : IClassFixture<TestDatabase>
{
    private const string StandInsSql = """
        create table if not exists pg_dist_partition (
            logicalrelid regclass primary key,
            partmethod text not null);

        create or replace function create_reference_table(one regclass) returns void language sql as
            $$ insert into pg_dist_partition values (one, 'shared') $$;

        create or replace function create_distributed_table(one regclass, by text) returns void language sql as
            $$ insert into pg_dist_partition values (one, by) $$;
        """;

    [Fact]
    public async Task Every_table_is_shared_or_distributed_by_its_organisation_and_none_twice()
    {
        await Place();
        await Place();

        (await Names("""
            select c.oid::regclass::text
            from pg_class c
            left join pg_dist_partition p on p.logicalrelid = c.oid
            where c.relnamespace = 'accounts'::regnamespace
                and c.relkind in ('r', 'p')
                and p.partmethod is null
            """)).ShouldBeEmpty("neither shared nor distributed");
    }

    [Fact]
    public async Task A_distributed_table_is_unique_by_its_organisation_alone_first()
    {
        await Place();

        (await Names("""
            select i.indexrelid::regclass::text
            from pg_index i
            join pg_dist_partition p on p.logicalrelid = i.indrelid and p.partmethod = 'org_id'
            join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
            where i.indisunique
                and a.attname <> 'org_id'
            """)).ShouldBeEmpty("Citus keeps no promise over several shards");
    }

    [Fact]
    public async Task No_table_refers_where_Citus_cannot_follow()
    {
        await Place();

        (await Names("""
            select f.conname
            from pg_constraint f
            join pg_dist_partition referring on referring.logicalrelid = f.conrelid
            join pg_dist_partition referred on referred.logicalrelid = f.confrelid
            join pg_attribute a on a.attrelid = f.conrelid and a.attnum = f.conkey[1]
            where f.contype = 'f'
                and referred.partmethod = 'org_id'
                and (referring.partmethod = 'shared' or a.attname <> 'org_id')
            """)).ShouldBeEmpty("shared tables refer to shared ones, distributed ones within one organisation");
    }

    private async Task Place()
    {
        var sql = CitusTables.Of(new ModuleSchema("accounts", typeof(AccountsModule).Assembly)).ShouldNotBeNull();
        await database.Write(StandInsSql);
        await database.Write(sql);
    }

    private async Task<List<string>> Names(string sql)
    {
        await using var command = database.Owner.Sql(sql);
        await using var row = await command.ExecuteReaderAsync();
        var names = new List<string>();
        while (await row.ReadAsync())
        {
            names.Add(row.GetString(0));
        }

        return names;
    }
}
