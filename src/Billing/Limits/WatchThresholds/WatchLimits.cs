using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Limiting.Internal;

/// <summary>
/// Looks whether metered usage, which comes as events nobody asked for beforehand, reached a threshold. What is recorded
/// is told of when it is recorded.
/// </summary>
internal sealed class WatchLimits(NpgsqlDataSource database, BillingStates states, LimitsReader reader, LimitNews news)
{
    /// <summary>Looks at all organisations of some shards once.</summary>
    /// <returns>Whether anything was told.</returns>
    public async Task<bool> Run(IReadOnlyList<int> shards, CancellationToken cancellationToken)
    {
        var isTold = false;
        OrgId? after = null;
        while (await states.Page(after, Limits.WatchedAtOnce, cancellationToken) is { Count: > 0 } page)
        {
            foreach (var org in page.Where(org => shards.Contains(OrgShard.Of(org, Limits.WatchShards))))
            {
                isTold |= await Look(org, cancellationToken);
            }

            after = page[^1];
        }

        return isTold;
    }

    private async Task<bool> Look(OrgId org, CancellationToken cancellationToken)
    {
        if (await reader.Read(org, cancellationToken) is not { } limits)
        {
            return false;
        }

        var reached = limits.Standings
            .Where(standing => standing.Terms.IsMetered
                && LimitDecision.ThresholdReached(standing.Used, standing.Terms.Limit) > 0)
            .ToArray();
        if (reached.Length == 0)
        {
            return false;
        }

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var isTold = await news.Reached(transaction, org, reached, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return isTold;
    }
}
