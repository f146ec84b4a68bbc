using System.Reflection;
using System.Text;
using Npgsql;

namespace Quoin.Platform;

/// <summary>
/// Places tables on the nodes where the database is Citus. A module says how in <c>Citus/tables.sql</c>, which leaves alone
/// what is placed already: it runs after every migration. Plain PostgreSQL has no nodes, and nothing happens.
/// </summary>
public static class CitusTables
{
    private const string Resource = ".Citus.tables.sql";

    private const string IsThereSql = """
        select exists (
            select
            from pg_extension
            where extname = 'citus')
        """;

    /// <summary>What a module says about its tables; null where it says nothing (yet).</summary>
    public static string? Of(ModuleSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        var name = schema.Assembly.GetManifestResourceNames()
            .SingleOrDefault(resource => resource.EndsWith(Resource, StringComparison.Ordinal));
        return name is null ? null : Read(schema.Assembly, name);
    }

    /// <summary>Places the tables of all modules that say how.</summary>
    internal static async Task Place(
        NpgsqlConnection connection, IReadOnlyList<ModuleSchema> schemas, CancellationToken cancellationToken)
    {
        await using (var ask = connection.Sql(IsThereSql))
        {
            if (await ask.ExecuteScalarAsync(cancellationToken) is not true)
            {
                return;
            }
        }

        foreach (var sql in schemas.Select(Of).OfType<string>())
        {
            await using var command = connection.Sql(sql);
            command.CommandTimeout = 0;
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    private static string Read(Assembly assembly, string name)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
