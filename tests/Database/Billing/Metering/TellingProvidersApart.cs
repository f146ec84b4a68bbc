using Quoin.Metering;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Metering;

/// <summary>
/// Token meters came to tell the provider apart. What was counted without it must be found where it was counted when it is
/// taken back, so meters that have counted stay as they are.
/// </summary>
public sealed class TellingProvidersApart(TestDatabase database) : IClassFixture<TestDatabase>
{
    private const string ModelAlone = """[{"name": "model", "path": "model"}]""";

    [Theory]
    [InlineData(false, 10)]
    [InlineData(true, 0)]
    public async Task Only_meters_that_have_counted_nothing_do(bool hasCounted, int changed)
    {
        var own = await database.CreateDatabase();
        await Execute(own, $"""
            alter table metering.meter_versions disable trigger meter_versions_are_append_only;
            update metering.meter_versions
            set definition = jsonb_set(definition, '{"{dimensions}"}', '{ModelAlone}')
            where definition ->> 'event_type' = 'llm.completion';
            alter table metering.meter_versions enable trigger meter_versions_are_append_only;
            """);
        if (hasCounted)
        {
            await Execute(own, """
                insert into metering.events (
                    org_id, fold_id, ordinal, billing_account_id, recorded_at, occurred_at, source, event_id, type, data)
                values ('01900000-0000-7000-8000-000000000001', '01900000-0000-7000-8000-000000000002', 0,
                    '01900000-0000-7000-8000-000000000003', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z', '/test', '1',
                    'llm.completion', '{}');
                """);
        }

        await Execute(own, Migration());

        (await TellingProviders(own)).ShouldBe(changed);
    }

    [Fact]
    public async Task New_installations_do() => (await TellingProviders(database)).ShouldBe(10);

    private static async Task<int> TellingProviders(TestDatabase of)
    {
        await using var command = of.Owner.CreateCommand("""
            select count(*)::integer
            from metering.meter_versions
            where definition ->> 'event_type' = 'llm.completion'
                and definition -> 'dimensions' @> '[{"name": "model"}, {"name": "provider", "default": "none"}]'
            """);
        return (int)(await command.ExecuteScalarAsync())!;
    }

    private static async Task Execute(TestDatabase on, string sql)
    {
        await using var command = on.Owner.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private static string Migration()
    {
        var assembly = typeof(Meter).Assembly;
        var name = assembly.GetManifestResourceNames().Single(one => one.EndsWith("0011-provider-of-tokens.sql", StringComparison.Ordinal));
        using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
