using Quoin.Kernel;

namespace Quoin.Ledger;

/// <summary>One side of a transfer: how much an account of the chart changes.</summary>
/// <param name="Account">The account.</param>
/// <param name="AmountMicros">Micros; above zero the account receives, below it gives.</param>
public readonly record struct Leg(AccountKind Account, long AmountMicros);

/// <summary>Which accounts each business fact moves: the one place that knows.</summary>
public static class Postings
{
    /// <summary>
    /// The accounts a fact may touch: they are locked before its legs are decided. A fact that gives an amount back
    /// may touch the same ones.
    /// </summary>
    public static IReadOnlyList<AccountKind> AccountsOf(BusinessFact fact) => fact switch
    {
        BusinessFact.PrepaidUsage => [AccountKind.Grants, AccountKind.Overdraft, AccountKind.Revenue],
        BusinessFact.PostpaidUsage => [AccountKind.Receivable, AccountKind.Revenue],
        BusinessFact.PromotionalCredit => [AccountKind.PromotionalCost, AccountKind.Overdraft, AccountKind.Grants],
        BusinessFact.PurchasedCredit => [AccountKind.ProcessorClearing, AccountKind.Overdraft, AccountKind.Grants],
        _ => throw new ArgumentOutOfRangeException(nameof(fact), fact, "A fact without postings."),
    };

    /// <summary>Decides the legs of a fact against the balances at that instant. They always sum to zero.</summary>
    /// <param name="fact">What happened.</param>
    /// <param name="balanceMicros">The locked balance of each account of <see cref="AccountsOf"/>.</param>
    public static IReadOnlyList<Leg> Decide(BusinessFact fact, Func<AccountKind, long> balanceMicros)
    {
        var amount = fact.Amount.Micros;
        var legs = fact switch
        {
            BusinessFact.PrepaidUsage when amount >= 0 => Burn(amount, balanceMicros(AccountKind.Grants)),
            BusinessFact.PrepaidUsage => [new(AccountKind.Revenue, amount), .. Receive(-amount, balanceMicros)],
            BusinessFact.PostpaidUsage => [new(AccountKind.Receivable, -amount), new(AccountKind.Revenue, amount)],
            BusinessFact.PromotionalCredit => [new(AccountKind.PromotionalCost, -Positive(amount)), .. Receive(amount, balanceMicros)],
            BusinessFact.PurchasedCredit => [new(AccountKind.ProcessorClearing, -Positive(amount)), .. Receive(amount, balanceMicros)],
            _ => throw new ArgumentOutOfRangeException(nameof(fact), fact, "A fact without postings."),
        };
        return [.. legs.Where(leg => leg.AmountMicros != 0)];
    }

    private static Leg[] Burn(long amount, long grants)
    {
        var covered = Math.Min(amount, grants);
        return
        [
            new(AccountKind.Grants, -covered),
            new(AccountKind.Overdraft, covered - amount),
            new(AccountKind.Revenue, amount),
        ];
    }

    private static Leg[] Receive(long amount, Func<AccountKind, long> balanceMicros)
    {
        var repaid = Math.Min(amount, -balanceMicros(AccountKind.Overdraft));
        return [new(AccountKind.Overdraft, repaid), new(AccountKind.Grants, amount - repaid)];
    }

    private static long Positive(long amount) => amount > 0
        ? amount
        : throw new ArgumentOutOfRangeException(nameof(amount), amount, "Credit is given in positive amounts.");
}
