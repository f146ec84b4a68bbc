using Npgsql;
using Quoin.Charging.Internal;
using Quoin.Kernel;
using Quoin.Metering;
using Quoin.Platform;

namespace Quoin.Charging;

/// <summary>The door to rated usage: what was used, as money, with everything that led to it.</summary>
public sealed class Charging
{
    private readonly LineQueries lines;
    private readonly RetryUnpriced retrying;
    private readonly NpgsqlDataSource database;

    internal Charging(LineQueries lines, RetryUnpriced retrying, NpgsqlDataSource database) =>
        (this.lines, this.retrying, this.database) = (lines, retrying, database);

    /// <summary>Rated lines of an organisation, newest first.</summary>
    /// <param name="org">Whose.</param>
    /// <param name="filter">Which.</param>
    /// <param name="before">Only lines before this one; null starts at the newest.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<IReadOnlyList<RatedLine>> Lines(
        OrgId org,
        LineFilter filter,
        RatedLineId? before,
        int limit,
        CancellationToken cancellationToken) => lines.Newest(org, filter, before, limit, cancellationToken);

    /// <summary>One line; null when the organisation has none of this id.</summary>
    public Task<RatedLine?> Line(OrgId org, RatedLineId line, CancellationToken cancellationToken) =>
        lines.One(org, line, cancellationToken);

    /// <summary>Lines of an organisation's plans and commitments, newest first.</summary>
    /// <param name="org">Whose.</param>
    /// <param name="account">Billed to; null for all.</param>
    /// <param name="periodStart">Of the period that begins then; null for all.</param>
    /// <param name="before">Only lines before this one; null starts at the newest.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<IReadOnlyList<PeriodLine>> PeriodLines(
        OrgId org,
        BillingAccountId? account,
        DateTimeOffset? periodStart,
        PeriodLineId? before,
        int limit,
        CancellationToken cancellationToken) =>
        PeriodLineRows.Newest(database, org, account, periodStart, before, limit, cancellationToken);

    /// <summary>Money spent over time.</summary>
    /// <param name="org">Whose.</param>
    /// <param name="range">From when to when, by the time of use.</param>
    /// <param name="window">In which steps.</param>
    /// <param name="groupBy">A dimension to tell apart; null sums over all.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<IReadOnlyList<SpendPoint>> Spend(
        OrgId org,
        Period range,
        UsageWindow window,
        string? groupBy,
        CancellationToken cancellationToken) => lines.Spend(org, range, window, groupBy, cancellationToken);

    /// <summary>
    /// Money spent over time, in steps of the caller's own, meter by meter: at most <see cref="Limits.SpendPointsMax"/>
    /// parts.
    /// </summary>
    public Task<IReadOnlyList<SpendPart>> Spend(OrgId org, SpendQuery query, CancellationToken cancellationToken) =>
        SpendQueries.Run(database, org, query, cancellationToken);

    /// <summary>Usage of an organisation that is set aside, the oldest first.</summary>
    public Task<IReadOnlyList<UnpricedUsage>> Unpriced(OrgId org, CancellationToken cancellationToken) =>
        Unpriced(org, null, cancellationToken);

    /// <summary>How many pieces of all organisations' usage cannot be rated, and since when.</summary>
    public Task<StageDepth> UnpricedDepth(CancellationToken cancellationToken) =>
        UnpricedRows.Depth(database, cancellationToken);

    /// <summary>Has all usage of an organisation that could not be rated tried again; audited.</summary>
    /// <param name="org">Whose.</param>
    /// <param name="reason">Why, for the audit log: a line of text.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-done.</param>
    /// <returns>How many pieces of usage went back; what still cannot be rated is set aside again.</returns>
    public Task<long> RetryUnpriced(OrgId org, string reason, string actor, CancellationToken cancellationToken) =>
        retrying.Run(org, reason, actor, cancellationToken);

    /// <summary>Usage that is set aside, the oldest first, at most <see cref="Limits.UnpricedShownMax"/> kinds.</summary>
    /// <param name="org">Whose; null is everybody's.</param>
    /// <param name="reason">Why; null is any reason.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<IReadOnlyList<UnpricedUsage>> Unpriced(OrgId? org, string? reason, CancellationToken cancellationToken) =>
        UnpricedRows.Summary(database, org, reason, cancellationToken);
}
