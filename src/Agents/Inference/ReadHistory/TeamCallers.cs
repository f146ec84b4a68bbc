using Npgsql;
using Quoin.Inference.Internal;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Inference;

/// <summary>
/// Whose calls are a team's: the journal says which key called, and the key's policy, or that of the key it replaced, says
/// which team it belongs to.
/// </summary>
internal sealed class TeamCallers(NpgsqlDataSource database, KeyPolicies policies)
{
    private const string CallersSql = """
        select actor
        from inference.requests
        where org_id = $1
            and occurred_at >= $2
            and occurred_at < $3
        group by actor
        order by count(*) desc, actor
        limit $4
        """;

    /// <summary>The callers of a range of time that belong to a team now; null where no team is named.</summary>
    public async Task<string[]?> Of(OrgId org, string? team, Period range, CancellationToken cancellationToken)
    {
        if (team is null)
        {
            return null;
        }

        var all = await All(org, range, cancellationToken);
        return [.. all.Where(one => one.Value == team).Select(one => one.Key)];
    }

    /// <summary>The callers of a range of time that belong to a team now, each with its team.</summary>
    public async Task<IReadOnlyDictionary<string, string>> All(OrgId org, Period range, CancellationToken cancellationToken)
    {
        var teams = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var caller in await Callers(org, range, cancellationToken))
        {
            if ((await policies.Of(org, caller, cancellationToken)).Team is { } team)
            {
                teams.Add(caller, team);
            }
        }

        return teams;
    }

    private async Task<IReadOnlyList<string>> Callers(OrgId org, Period range, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(
            CallersSql, org.Value, range.Start.ToUniversalTime(), range.End.ToUniversalTime(), Limits.TeamCallersMax);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var callers = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
        {
            callers.Add(reader.GetString(0));
        }

        return callers;
    }
}
