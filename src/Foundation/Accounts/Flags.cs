using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Feature flags, read from memory that is never a second behind: an organisation's own value, else everybody's.</summary>
public sealed class Flags
{
    private readonly NpgsqlDataSource database;
    private readonly FreshCache<OrgId, IReadOnlyDictionary<string, string>> values;

    internal Flags(NpgsqlDataSource database, TimeProvider time)
    {
        this.database = database;
        values = new(Query, Limits.ProfilesRememberedMax, time);
    }

    /// <summary>What a flag is.</summary>
    /// <param name="flag">The flag.</param>
    /// <param name="org">For which organisation; null for the platform itself.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async ValueTask<T> Get<T>(Flag<T> flag, OrgId? org, CancellationToken cancellationToken)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(flag);
        var own = org is { } named ? await values.Find(named, cancellationToken) : null;
        if (own?.GetValueOrDefault(flag.Name) is { } set)
        {
            return flag.Read(set);
        }

        var all = await values.Find(PlatformOrg.Id, cancellationToken);
        return flag.Read(all?.GetValueOrDefault(flag.Name));
    }

    /// <summary>Reads an organisation's anew next time: after changing it here.</summary>
    internal void Forget(OrgId? org) => values.Forget(org ?? PlatformOrg.Id);

    private const string ReadSql = """
        select org_id, name, value::text
        from accounts.flags
        where org_id = any($1)
        """;

    private async Task<IReadOnlyDictionary<OrgId, IReadOnlyDictionary<string, string>>> Query(
        IReadOnlyList<OrgId> orgs, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(ReadSql, orgs.Select(org => org.Value).ToArray());
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var found = new Dictionary<OrgId, Dictionary<string, string>>();
        while (await row.ReadAsync(cancellationToken))
        {
            var org = new OrgId(row.GetGuid(0));
            if (!found.TryGetValue(org, out var flags))
            {
                found.Add(org, flags = new Dictionary<string, string>(StringComparer.Ordinal));
            }

            flags.Add(row.GetString(1), row.GetString(2));
        }

        return found.ToDictionary(one => one.Key, IReadOnlyDictionary<string, string> (one) => one.Value);
    }
}
