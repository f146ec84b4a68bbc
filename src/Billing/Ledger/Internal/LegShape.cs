using Quoin.Kernel;

namespace Quoin.Ledger.Internal;

/// <summary>One side of a transfer somebody writes.</summary>
/// <param name="Account">Which account of the chart changes.</param>
/// <param name="Amount">Above zero the account receives, below it gives; never zero.</param>
/// <param name="Grant">Which grant, where the account is <c>grants</c>.</param>
internal sealed record LegShape(AccountKind Account, Money Amount, GrantId? Grant = null)
{
    public static LegShape Of(Leg leg) => new(leg.Account, leg.Amount, leg.Grant);

    public Leg ToLeg() => new(Account, Amount, Grant);
}

/// <summary>What legs a person wrote must be.</summary>
internal static class LegCheck
{
    /// <summary>Notes what is wrong with legs.</summary>
    /// <param name="check">Where to.</param>
    /// <param name="member">The member that holds them.</param>
    /// <param name="legs">The legs.</param>
    /// <param name="currency">The billing account's currency; what providers charge may be in others.</param>
    public static void Legs(this InputCheck check, string member, IReadOnlyList<Leg> legs, Currency currency)
    {
        check.That(legs.Count is >= 2 and <= Limits.LegsMax, member, $"must have 2 to {Limits.LegsMax} legs");
        foreach (var (index, leg) in legs.Take(Limits.LegsMax).Index())
        {
            var place = $"{member}[{index}]";
            check.That(
                leg.Grant is not null == (leg.Account == AccountKind.Grants),
                $"{place}.grant",
                "must name a grant where the account is grants, and only there");
            var mayBeOther = leg.Account is AccountKind.ProviderCost or AccountKind.ProviderPayable;
            if (leg.Amount.Currency != currency && !mayBeOther)
            {
                check.Amount($"{place}.amount", $"must be in {currency}, the billing account's currency");
            }

            if (leg.Amount.Micros is 0 or > Limits.AmountMicrosMax or < -Limits.AmountMicrosMax)
            {
                check.Amount($"{place}.amount", $"must be between 1 and {Limits.AmountMicrosMax} micros, above or below zero");
            }
        }

        // Each leg on a grant is checked against what the grant has by itself.
        check.That(
            legs.DistinctBy(leg => (leg.Account, leg.Grant, leg.Amount.Currency)).Count() == legs.Count,
            member,
            "must name each account once");
        foreach (var ofCurrency in legs.GroupBy(leg => leg.Amount.Currency))
        {
            var sum = ofCurrency.Aggregate(Int128.Zero, (sum, leg) => sum + leg.Amount.Micros);
            var rising = Rising(ofCurrency);
            check.That(sum == 0, member, $"must sum to zero in {ofCurrency.Key}; they sum to {sum} micros");
            check.That(
                rising <= Limits.AmountMicrosMax, member, $"must move at most {Limits.AmountMicrosMax} micros in {ofCurrency.Key}");
        }
    }

    /// <summary>What legs move in a currency; in that of the first leg where none is in it.</summary>
    public static Money Moved(IReadOnlyList<Leg> legs, Currency currency)
    {
        var of = legs.Any(leg => leg.Amount.Currency == currency) ? currency : legs[0].Amount.Currency;
        return new Money((long)Rising(legs.Where(leg => leg.Amount.Currency == of)), of);
    }

    private static Int128 Rising(IEnumerable<Leg> legs) =>
        legs.Aggregate(Int128.Zero, (sum, leg) => sum + Math.Max(0, leg.Amount.Micros));
}
