using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Metering;

namespace Quoin.Limiting.Internal;

/// <summary>A question for metered usage.</summary>
/// <param name="Org">Whose, over all its billing accounts.</param>
/// <param name="Meters">The meters' keys; their totals add up.</param>
/// <param name="Match">The dimensions usage must have; it may have more.</param>
/// <param name="Window">When.</param>
internal sealed record MeteredQuery(OrgId Org, IReadOnlyList<string> Meters, Dimensions Match, Period Window);

/// <summary>What the meters have counted, for limits on metered usage.</summary>
internal sealed class MeteredUse(NpgsqlDataSource database, Metering.Metering metering, Organisations organisations)
{
    /// <summary>Whether there are such meters: a limit on one that is not counts nothing, and must not allow everything.</summary>
    public async ValueTask<bool> Knows(IReadOnlyList<string> meters, CancellationToken cancellationToken)
    {
        var known = await metering.Meters(cancellationToken);
        return meters.All(key => known.Any(meter => meter.Key == key));
    }

    /// <summary>
    /// How much was used, for each question in order. The usage of an event that was accepted before this is asked is in
    /// it.
    /// </summary>
    public async Task<IReadOnlyList<decimal>> Of(IReadOnlyList<MeteredQuery> queries, CancellationToken cancellationToken)
    {
        if (queries.Count == 0)
        {
            return [];
        }

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        return await Of(transaction, queries, cancellationToken);
    }

    /// <summary>As the other, as a transaction sees it.</summary>
    public async Task<IReadOnlyList<decimal>> Of(
        NpgsqlTransaction transaction, IReadOnlyList<MeteredQuery> queries, CancellationToken cancellationToken)
    {
        var meters = (await metering.Meters(cancellationToken)).ToDictionary(meter => meter.Key, StringComparer.Ordinal);
        var accounts = new Dictionary<OrgId, IReadOnlyList<BillingAccountProfile>>();
        foreach (var org in queries.Select(query => query.Org).Distinct())
        {
            accounts[org] = await organisations.BillingAccountsOf(org, cancellationToken);
        }

        var asked = (
            from query in queries.Index()
            from meter in query.Item.Meters
            from account in accounts[query.Item.Org]
            let range = Aligned(query.Item.Window)
            select (
                query.Index,
                Query: new TotalQuery(query.Item.Org, account.Id, meters[meter].Id, query.Item.Match, range))).ToArray();
        var answers = await metering.Totals(transaction, Array.ConvertAll(asked, one => one.Query), cancellationToken);
        var totals = new decimal[queries.Count];
        foreach (var (one, answer) in asked.Zip(answers))
        {
            // A correction of usage from before the window may leave less than nothing in it.
            totals[one.Index] += answer ?? 0;
        }

        return Array.ConvertAll(totals, total => Math.Max(0, total));
    }

    // Windows begin and end on quarter hours, as all billing does; usage is counted by them.
    private static Period Aligned(Period window) => new(QuarterHour.Of(window.Start), QuarterHour.Of(window.End));
}
