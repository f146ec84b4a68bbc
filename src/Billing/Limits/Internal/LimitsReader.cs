using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;
using Quoin.Pricing;

namespace Quoin.Limiting.Internal;

/// <summary>Reads all limits of an organisation as they stand.</summary>
internal sealed class LimitsReader(
    NpgsqlDataSource database,
    TimeProvider time,
    OrganisationClock clock,
    Organisations organisations,
    BillingStates states,
    IEntitlements entitlements,
    MeteredUse metered)
{
    /// <summary>How things stand; null where there is no such organisation.</summary>
    public async Task<OrgLimits?> Read(OrgId org, CancellationToken cancellationToken)
    {
        if (await organisations.Find(org, cancellationToken) is not { } profile)
        {
            return null;
        }

        var now = await clock.Now(org, cancellationToken);
        var state = await states.Read(profile, cancellationToken);
        var overrides = await states.Overrides(org, cancellationToken);
        var plan = await entitlements.Of(profile, state.DefaultPlan, now, cancellationToken);
        var status = state.StatusAt(now, plan.Fee);
        var changed = overrides.ToDictionary(one => one.Code, StringComparer.Ordinal);
        var terms = new List<LimitTerms>();
        foreach (var one in plan.Limits.Values)
        {
            var known = await metered.Knows(one.Meters, cancellationToken) ? one : one with { Kind = LimitKind.Invalid };
            terms.Add(LimitDecision.Effective(known, changed.GetValueOrDefault(one.Code), status));
        }

        var standings = await Standings(org, terms, now, plan.BillingPeriod, cancellationToken);
        return new OrgLimits(profile, now, state, plan, overrides, standings);
    }

    private async Task<IReadOnlyList<LimitStanding>> Standings(
        OrgId org, List<LimitTerms> terms, DateTimeOffset now, Period billingPeriod, CancellationToken cancellationToken)
    {
        LimitTerms[] counted = [.. terms.Where(one => one.IsCounted)];
        var windows = Array.ConvertAll(counted, one => LimitWindows.Of(one.Interval, now, billingPeriod));
        var used = await Counters(org, counted, windows, cancellationToken);
        var queries = counted.Zip(windows)
            .Where(pair => pair.First.IsMetered)
            .Select(pair => new MeteredQuery(org, pair.First.Meters, pair.First.Dimensions, pair.Second));
        var totals = new Queue<decimal>(await metered.Of([.. queries], cancellationToken));
        var standings = new List<LimitStanding>(terms.Count);
        foreach (var (index, one) in counted.Index())
        {
            Period? window = one.Interval == QuotaInterval.Standing ? null : windows[index];
            standings.Add(new LimitStanding(one, window, used[index] + (one.IsMetered ? totals.Dequeue() : 0)));
        }

        standings.AddRange(terms.Where(one => !one.IsCounted).Select(one => new LimitStanding(one, null, 0)));
        return standings;
    }

    // What has expired counts no longer, also before it was given back.
    private const string CountersSql = """
        select coalesce(c.used, 0) - coalesce(
            (select sum(r.amount)
            from limits.reservations r
            where r.org_id = $1
                and r.code = wanted.code
                and r.window_start = wanted.window_start
                and r.state = 'held'
                and r.expires_at <= $4), 0)
        from unnest($2::text[], $3::timestamptz[]) with ordinality as wanted (code, window_start, ordinal)
        left join limits.counters c
            on c.org_id = $1
            and c.code = wanted.code
            and c.window_start = wanted.window_start
        order by wanted.ordinal
        """;

    private async Task<decimal[]> Counters(
        OrgId org, LimitTerms[] terms, Period[] windows, CancellationToken cancellationToken)
    {
        if (terms.Length == 0)
        {
            return [];
        }

        await using var command = database.Sql(
            CountersSql,
            org.Value,
            Array.ConvertAll(terms, one => one.Code),
            Array.ConvertAll(windows, window => window.Start),
            time.GetUtcNow());
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var used = new decimal[terms.Length];
        for (var index = 0; await reader.ReadAsync(cancellationToken); index++)
        {
            used[index] = reader.GetDecimal(0);
        }

        return used;
    }
}
