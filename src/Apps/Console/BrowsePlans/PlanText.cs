using System.Globalization;
using Quoin.ConsolePages.BrowsePlan;
using Quoin.Kernel;
using Quoin.Pricing;

namespace Quoin.ConsolePages.BrowsePlans;

/// <summary>What plans give, in words.</summary>
public static class PlanText
{
    /// <summary>An entitlement in one line.</summary>
    public static string Of(Entitlement entitlement, Currency currency) => entitlement switch
    {
        Entitlement.Switch { IsEnabled: true } => "yes",
        Entitlement.Switch => "no",
        Entitlement.Names { Values.Count: 0 } => "none",
        Entitlement.Names names => string.Join(", ", names.Values),
        Entitlement.Quota quota => Of(quota, currency),
        Entitlement.Invalid invalid => $"not understood ({invalid.Reason.Replace('_', ' ')}): nobody may",
        _ => entitlement.Key,
    };

    /// <summary>An entitlement's name as people read it: <c>llm.tokens</c> is “LLM tokens”.</summary>
    public static string Name(Entitlement entitlement) => LimitLevel.Name(entitlement.Key);

    /// <summary>
    /// An entitlement for who may buy it: as <see cref="Of(Entitlement, Currency)"/>, without the meters that count it,
    /// whose keys are for programs. Its name says what they count.
    /// </summary>
    public static string ForSale(Entitlement entitlement, Currency currency) =>
        Of(entitlement is Entitlement.Quota quota ? quota with { Meters = [] } : entitlement, currency);

    /// <summary>A kind of assignment.</summary>
    public static string Of(AssignmentKind kind) => kind switch
    {
        AssignmentKind.Contract => "Contract",
        AssignmentKind.Reseller => "Reseller's plan",
        _ => "Plan",
    };

    /// <summary>Who sees a plan.</summary>
    public static string Of(PlanVisibility visibility) => visibility switch
    {
        PlanVisibility.Public => "Everyone may choose it",
        PlanVisibility.Custom => "Made for a customer",
        _ => "For the operator alone",
    };

    /// <summary>What an assignment is called: its plan, or what the contract is about.</summary>
    public static string Of(Assignment assignment, PlanCatalogue catalogue) => assignment.Plan is { } plan
        ? $"{catalogue.Family(plan.Family)?.Name ?? plan.Family}, version {plan.Number}"
        : assignment.DiscountBps > 0 ? $"{Percent(assignment.DiscountBps)} off" : "Prices agreed on";

    /// <summary>Hundredths of a percent, as percent.</summary>
    public static string Percent(int bps) => (bps / 100m).ToString("0.##", CultureInfo.InvariantCulture) + " %";

    /// <summary>Days and instants without an end.</summary>
    public static bool HasEnd(DateTimeOffset end) => end.Year < DateTimeOffset.MaxValue.Year;

    private static string Of(Entitlement.Quota quota, Currency currency)
    {
        var when = quota.Interval switch
        {
            QuotaInterval.Day => " a day",
            QuotaInterval.Week => " a week",
            QuotaInterval.Month => " a month",
            QuotaInterval.Year => " a year",
            QuotaInterval.Period => " a billing period",
            _ => " at once",
        };
        var amount = quota.Limit is { } limit ? limit == 0 ? "none" : Format.Count(limit) + when : "without limit";
        var beyond = (quota.Limit, quota.Enforcement, quota.Overage) switch
        {
            (null, _, _) => string.Empty,
            (_, QuotaEnforcement.Observe, _) => "; only shown beyond it",
            (_, QuotaEnforcement.Soft, _) => "; told beyond it, and goes on",
            (_, _, OveragePolicy.Allow) when quota.OverageCapMicros is { } cap =>
                $"; then for money, up to {Format.Brief(new Money(cap, currency))}",
            (_, _, OveragePolicy.Allow) => "; then for money",
            _ => "; then refused",
        };
        var of = quota.Meters.Count > 0 ? $" of {string.Join(" + ", quota.Meters)}" : string.Empty;
        var match = quota.Match == Dimensions.None
            ? string.Empty
            : $" with {string.Join(", ", quota.Match.ToDictionary().Select(pair => $"{pair.Key} = {pair.Value}"))}";
        return amount + of + match + beyond;
    }
}
