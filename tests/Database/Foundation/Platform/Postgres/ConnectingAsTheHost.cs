using Npgsql;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Platform.Postgres;

public sealed class ConnectingAsTheHost(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Fact]
    public async Task Keeps_statements_prepared_that_are_sent_often()
    {
        await using var connection = await database.App.OpenConnectionAsync();
        for (var time = 0; time < 10; time++)
        {
            await using var command = connection.Sql("select $1::int + 41", time);
            await command.ExecuteScalarAsync();
        }

        await using var prepared = connection.Sql("select count(*) from pg_prepared_statements where statement like '%+ 41'");
        (await prepared.ExecuteScalarAsync()).ShouldBe(1L);
    }

    [Fact]
    public void Takes_what_the_connection_string_says_before_its_own_defaults()
    {
        using var usual = DataSources.App("Host=/tmp;Username=quoin");
        using var own = DataSources.App("Host=/tmp;Username=quoin;Maximum Pool Size=7;Application Name=mine;Max Auto Prepare=3");

        Settings(usual).ShouldBe((PostgresLimits.AppConnectionsMax, "quoin", PostgresLimits.PreparedStatementsMax));
        Settings(own).ShouldBe((7, "mine", 3));
    }

    private static (int Pool, string? Name, int Prepared) Settings(NpgsqlDataSource source)
    {
        var settings = new NpgsqlConnectionStringBuilder(source.ConnectionString);
        return (settings.MaxPoolSize, settings.ApplicationName, settings.MaxAutoPrepare);
    }
}
