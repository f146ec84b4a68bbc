using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Inference;

/// <summary>
/// Whose calls are a team's: the journal says which key called, and the policy of the first key of its line says which team it
/// belongs to. All callers are looked up at once, however many there are.
/// </summary>
internal sealed class TeamCallers(NpgsqlDataSource database, Keys keys)
{
    /// <summary>The callers that belong to a team; null where no team is named.</summary>
    /// <param name="teams">The team of each caller that has one.</param>
    /// <param name="team">The team.</param>
    public static string[]? Of(IReadOnlyDictionary<string, string> teams, string? team) =>
        team is null ? null : [.. teams.Where(one => one.Value == team).Select(one => one.Key)];

    /// <summary>The callers of a range of time that belong to a team now, each with its team.</summary>
    public async Task<IReadOnlyDictionary<string, string>> All(OrgId org, Period range, CancellationToken cancellationToken)
    {
        var teams = new Dictionary<string, string>(StringComparer.Ordinal);
        var policies = await Policies(org, cancellationToken);
        if (policies.Values.All(team => team is null))
        {
            return teams;
        }

        var callers = await Callers(org, range, cancellationToken);
        var firsts = callers.All(policies.ContainsKey)
            ? new Dictionary<KeyId, KeyId>()
            : await Firsts(org, cancellationToken);
        foreach (var caller in callers)
        {
            if (policies.GetValueOrDefault(firsts.GetValueOrDefault(caller, caller)) is { } team)
            {
                teams[caller.ToString()] = team;
            }
        }

        return teams;
    }

    private const string PoliciesSql = """
        select key_id, team
        from inference.key_policies
        where org_id = $1
        """;

    private async Task<Dictionary<KeyId, string?>> Policies(OrgId org, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(PoliciesSql, org.Value);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var policies = new Dictionary<KeyId, string?>();
        while (await reader.ReadAsync(cancellationToken))
        {
            policies.Add(new KeyId(reader.GetGuid(0)), reader.IsDBNull(1) ? null : reader.GetString(1));
        }

        return policies;
    }

    private const string CallersSql = """
        select distinct actor
        from inference.requests
        where org_id = $1
            and occurred_at >= $2
            and occurred_at < $3
        """;

    // Who is no key has no policy.
    private async Task<List<KeyId>> Callers(OrgId org, Period range, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(
            CallersSql, org.Value, range.Start.ToUniversalTime(), range.End.ToUniversalTime());
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var callers = new List<KeyId>();
        while (await reader.ReadAsync(cancellationToken))
        {
            if (Id.TryParse<KeyId>(reader.GetString(0), out var key))
            {
                callers.Add(key);
            }
        }

        return callers;
    }

    // Of keys that replaced others.
    private async Task<Dictionary<KeyId, KeyId>> Firsts(OrgId org, CancellationToken cancellationToken)
    {
        var firsts = new Dictionary<KeyId, KeyId>();
        KeyId? before = null;
        while (true)
        {
            var page = await keys.Before(org, before, PageLimit.RowsMax, cancellationToken);
            foreach (var key in page.Where(key => key.FirstKeyId != key.Id))
            {
                firsts.Add(key.Id, key.FirstKeyId);
            }

            if (page.Count < PageLimit.RowsMax)
            {
                return firsts;
            }

            before = page[^1].Id;
        }
    }
}
