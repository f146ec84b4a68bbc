using Npgsql;

namespace Quoin.Platform;

/// <summary>The database answers, and holds every migration this program was built with.</summary>
internal sealed class DatabaseCheck(NpgsqlDataSource source, IEnumerable<ModuleSchema> schemas) : IReadinessCheck
{
    private readonly Lazy<List<MigrationFile>> needed = new(() => [.. schemas.SelectMany(MigrationFile.Of)]);

    public string Name => "database";

    // What a newer release has applied beyond ours is no reason to stop: migrations run beside the previous release.
    private const string MissingSql = """
        select needed.module || '/' || needed.name
        from unnest($1, $2, $3, $4) as needed (module, number, name, checksum)
        left join platform.migrations as applied
            on applied.module = needed.module
            and applied.number = needed.number
            and applied.checksum = needed.checksum
        where applied.module is null
        order by 1
        limit 1
        """;

    public async Task<string?> Check(CancellationToken cancellationToken)
    {
        var files = needed.Value;
        await using var command = source.Sql(
            MissingSql,
            files.ConvertAll(file => file.Module),
            files.ConvertAll(file => file.Number),
            files.ConvertAll(file => file.Name),
            files.ConvertAll(file => file.Checksum));
        try
        {
            return await command.ExecuteScalarAsync(cancellationToken) is string missing
                ? $"The migration {missing} is not applied. Run 'quoin migrate', or start a host that may."
                : null;
        }
        catch (PostgresException failure)
        {
            return $"PostgreSQL refuses: {failure.MessageText} ({failure.SqlState}).";
        }
        catch (NpgsqlException)
        {
            // Its message names addresses, and anyone may ask for this answer.
            return "PostgreSQL cannot be reached.";
        }
    }
}
