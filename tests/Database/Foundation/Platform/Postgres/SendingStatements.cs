using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Platform.Postgres;

public sealed class SendingStatements(TestDatabase database) : IClassFixture<TestDatabase>
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 4, 12, 0, 0, TimeSpan.Zero);
    private static readonly Guid Known = new("00000000-0000-7000-8000-000000000001");

    [Theory]
    [InlineData("select $1::uuid is null")]
    [InlineData("select $1::uuid[] is null")]
    [InlineData("select $1::timestamptz is null")]
    [InlineData("select $1::jsonb is null")]
    [InlineData("select $1::bytea is null")]
    [InlineData("select $1::numeric(12, 2)[] is null")]
    public async Task Gives_a_null_the_type_the_statement_casts_it_to(string text)
    {
        await using var command = database.App.Sql(text, [null]);

        (await command.ExecuteScalarAsync()).ShouldBe(true);
    }

    [Fact]
    public async Task Takes_one_statement_with_and_without_a_value()
    {
        const string text = "select $1::uuid is null or $1 = '00000000-0000-7000-8000-000000000001'";

        await using var connection = await database.App.OpenConnectionAsync();
        foreach (var value in new Guid?[] { null, Known, null, Known })
        {
            await using var command = connection.Sql(text, value);
            (await command.ExecuteScalarAsync()).ShouldBe(true);
        }
    }

    [Fact]
    public async Task Sends_arrays_and_lists_even_empty_ones_and_ones_with_nulls()
    {
        await using var command = database.App.Sql(
            """
            select count(id), count(*), max(at), count(word)
            from unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::timestamptz[]) as row (id, at, word, nothing)
            """,
            new Guid?[] { Known, null },
            new[] { Noon, Noon.AddDays(1) },
            new List<string?> { null, "word" },
            Array.Empty<DateTimeOffset>());
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();

        (reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(3)).ShouldBe((1, 2, 1));
        reader.GetFieldValue<DateTimeOffset>(2).ShouldBe(Noon.AddDays(1));
    }

    [Fact]
    public async Task Sends_a_batch_in_order_and_tells_what_each_statement_did()
    {
        await using var connection = await database.App.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var create = transaction.Sql("create temp table notes (id uuid, said text) on commit drop"))
        {
            await create.ExecuteNonQueryAsync();
        }

        await using var batch = transaction.Batch();
        var two = batch.Sql("insert into notes select id, $2 from unnest($1::uuid[]) id", new[] { Known, Known }, "hello");
        var none = batch.Sql("update notes set said = $1 where said = $2", null, "goodbye");
        var all = batch.Sql("update notes set said = $1", [null]);
        await batch.ExecuteNonQueryAsync();

        (two.Rows, none.Rows, all.Rows).ShouldBe((2u, 0u, 2u));
    }

    [Fact]
    public async Task Leaves_a_batch_to_its_transaction()
    {
        await using var connection = await database.Owner.OpenConnectionAsync();
        await using (var create = connection.Sql("create table noted (said text)"))
        {
            await create.ExecuteNonQueryAsync();
        }

        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await using var batch = transaction.Batch();
            batch.Sql("insert into noted values ($1)", "never");
            await batch.ExecuteNonQueryAsync();
            await transaction.RollbackAsync();
        }

        await using var count = connection.Sql("select count(*) from noted");
        (await count.ExecuteScalarAsync()).ShouldBe(0L);
    }
}
