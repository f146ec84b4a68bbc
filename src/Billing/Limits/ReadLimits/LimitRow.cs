using Quoin.Kernel;
using Quoin.Pricing;

namespace Quoin.Limiting.Internal;

/// <summary>A limit as the API shows it.</summary>
/// <param name="Code">Its stable name.</param>
/// <param name="Type">Quota, gauge, boolean, string_list, or invalid, which allows nothing.</param>
/// <param name="Enabled">Whether a boolean is on; null for others.</param>
/// <param name="Values">The values of a list; null for others.</param>
/// <param name="Quota">What is counted; null for what is not.</param>
internal sealed record LimitRow(
    string Code, LimitKind Type, bool? Enabled, IReadOnlyList<string>? Values, QuotaRow? Quota)
{
    public static LimitRow Of(LimitStanding standing)
    {
        var terms = standing.Terms;
        return new LimitRow(
            terms.Code,
            terms.Kind,
            terms.Kind == LimitKind.Boolean ? terms.IsEnabled : null,
            terms.Kind == LimitKind.StringList ? terms.Values : null,
            terms.IsCounted ? QuotaRow.Of(standing) : null);
    }
}

/// <summary>A limit that counts.</summary>
/// <param name="Interval">Its window's length; standing for a gauge.</param>
/// <param name="Enforcement">What it does.</param>
/// <param name="Overage">What becomes of usage over it.</param>
/// <param name="OverageUnitsMax">How many units beyond it may be paid; null for any number.</param>
/// <param name="Meters">The meters that count; none where what is recorded counts.</param>
/// <param name="Limit">The limit; null is unlimited.</param>
/// <param name="Used">How much is used.</param>
/// <param name="Remaining">How much is left; null where there is no limit.</param>
/// <param name="PercentUsed">How much of it is used, in percent; null where there is no limit.</param>
/// <param name="Reached">Whether all of it is used.</param>
/// <param name="Exceeded">Whether more than all of it is used.</param>
/// <param name="WindowStart">When the window began; null for a gauge.</param>
/// <param name="ResetsAt">When it ends; null for a gauge.</param>
internal sealed record QuotaRow(
    QuotaInterval Interval,
    QuotaEnforcement Enforcement,
    OveragePolicy Overage,
    decimal? OverageUnitsMax,
    IReadOnlyList<string> Meters,
    decimal? Limit,
    decimal Used,
    decimal? Remaining,
    decimal? PercentUsed,
    bool Reached,
    bool Exceeded,
    DateTimeOffset? WindowStart,
    DateTimeOffset? ResetsAt)
{
    private const int PercentDecimals = 2;

    public static QuotaRow Of(LimitStanding standing)
    {
        var terms = standing.Terms;
        return new QuotaRow(
            terms.Interval,
            terms.Enforcement,
            terms.Overage,
            terms.OverageUnitsMax,
            terms.Meters,
            terms.Limit,
            standing.Used,
            terms.Limit is { } limit ? Math.Max(0, limit - standing.Used) : null,
            standing.Percent is { } percent ? decimal.Round(percent, PercentDecimals) : null,
            terms.Limit is { } some && standing.Used >= some,
            terms.Limit is { } most && standing.Used > most,
            standing.Window?.Start,
            standing.Window?.End);
    }
}

/// <summary>The plan an organisation is on.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Fee">What a month costs.</param>
internal sealed record PlanRow(string Key, string? Name, Money? Fee);
