using Quoin.Kernel;
using Quoin.Ledger.Internal;

namespace Quoin.Ledger;

/// <summary>Where a posting takes money from, or brings it to.</summary>
public abstract record Place
{
    private Place()
    {
    }

    /// <summary>One account of the chart.</summary>
    /// <param name="Kind">Which.</param>
    public sealed record Account(AccountKind Kind) : Place;

    /// <summary>The grant the fact is about.</summary>
    public sealed record TheGrant : Place;

    /// <summary>
    /// Taken from: what named holds reserve, then grants in the order they are spent, then one account for the rest.
    /// Given back to: where it was taken from, the last first.
    /// </summary>
    /// <param name="Rest">The account for what credit does not cover.</param>
    public sealed record Credit(AccountKind Rest) : Place;
}

/// <summary>Which accounts a business fact moves.</summary>
/// <param name="Kind">The fact's stable name.</param>
/// <param name="From">What falls.</param>
/// <param name="To">What rises.</param>
/// <param name="Meaning">When it happens, in a sentence.</param>
public sealed record Posting(string Kind, Place From, Place To, string Meaning);

/// <summary>One account's change by a transfer.</summary>
/// <param name="Account">The account.</param>
/// <param name="Micros">Above zero it receives, below it gives.</param>
/// <param name="SpentMicros">How much of it is spending (above zero) or a return of it (below).</param>
public readonly record struct Movement(ChartAccount Account, long Micros, long SpentMicros = 0);

/// <summary>What is reserved for a fact.</summary>
/// <param name="Account">On which account.</param>
/// <param name="Micros">How much.</param>
public readonly record struct Reserved(ChartAccount Account, long Micros);

/// <summary>What a posting is decided upon, beside the fact and the charts.</summary>
/// <param name="At">When the fact happened: it decides which grants pay.</param>
/// <param name="Reserved">What the holds it releases reserve.</param>
/// <param name="CapMicros">What the customer pays at most; null is no cap.</param>
public sealed record PostingTerms(DateTimeOffset At, IReadOnlyList<Reserved> Reserved, long? CapMicros)
{
    /// <summary>The terms of a fact nothing was reserved for.</summary>
    public static PostingTerms Of(DateTimeOffset at) => new(at, [], null);
}

/// <summary>Every way deciding a posting can end.</summary>
public abstract record PostingDecision
{
    private PostingDecision()
    {
    }

    /// <summary>The movements; they sum to zero in each currency.</summary>
    /// <param name="Movements">In the order they become entries.</param>
    public sealed record Move(IReadOnlyList<Movement> Movements) : PostingDecision;

    /// <summary>A grant has too little that may be spent.</summary>
    /// <param name="Available">What it has.</param>
    public sealed record InsufficientFunds(Money Available) : PostingDecision;

    /// <summary>A grant named is not in the chart.</summary>
    /// <param name="Grant">The grant.</param>
    public sealed record NoSuchGrant(GrantId Grant) : PostingDecision;
}

/// <summary>Which accounts each business fact moves: the one place that knows. Pure: it reads charts and changes none.</summary>
public static class Postings
{
    private static readonly Place PrepaidCredit = new Place.Credit(AccountKind.Overdraft);
    private static readonly Place PostpaidCredit = new Place.Credit(AccountKind.Receivable);
    private static readonly Place TheGrant = new Place.TheGrant();

    /// <summary>All postings; <c>docs/reference/postings.md</c> is this table.</summary>
    public static IReadOnlyList<Posting> All { get; } =
    [
        new("usage_prepaid", PrepaidCredit, On(AccountKind.Revenue), "A customer who pays before used something."),
        new("usage_postpaid", PostpaidCredit, On(AccountKind.Revenue), "A customer who pays after used something."),
        new("capture_prepaid", PrepaidCredit, On(AccountKind.Revenue), "A hold of a customer who pays before was captured."),
        new("capture_postpaid", PostpaidCredit, On(AccountKind.Revenue), "A hold of a customer who pays after was captured."),
        new("credit_trial", On(AccountKind.PromotionalCost), TheGrant, "Credit to try the product."),
        new("credit_promotional", On(AccountKind.PromotionalCost), TheGrant, "Credit the operator gave away."),
        new("credit_plan", On(AccountKind.PromotionalCost), TheGrant, "Credit a plan's period includes."),
        new("credit_purchased", On(AccountKind.ProcessorClearing), TheGrant, "Credit the customer paid for."),
        new("overdraft_repaid", TheGrant, On(AccountKind.Overdraft), "Credit that became spendable while overdraft was owed."),
        new("grant_expired", TheGrant, On(AccountKind.Breakage), "What was left of a grant when its time ended."),
        new("grant_voided_trial", TheGrant, On(AccountKind.PromotionalCost), "A grant was taken back."),
        new("grant_voided_promotional", TheGrant, On(AccountKind.PromotionalCost), "A grant was taken back."),
        new("grant_voided_plan", TheGrant, On(AccountKind.PromotionalCost), "A grant was taken back."),
        new("grant_voided_purchased", TheGrant, On(AccountKind.ProcessorClearing), "A grant was taken back."),
        new("plan_period", On(AccountKind.Receivable), On(AccountKind.Revenue), "A plan's period began."),
        new("item_sold", On(AccountKind.Receivable), On(AccountKind.Revenue), "Something was sold once."),
        new("tax_charged", On(AccountKind.Receivable), On(AccountKind.Tax), "Tax on what is invoiced."),
        new("payment_received", On(AccountKind.ProcessorClearing), On(AccountKind.Receivable), "An invoice was paid."),
        new("payment_refunded", On(AccountKind.Receivable), On(AccountKind.ProcessorClearing), "An invoice's payment was given back."),
        new("credit_refunded", TheGrant, On(AccountKind.ProcessorClearing), "Purchased credit was paid back."),
        new("credit_refund_failed", On(AccountKind.ProcessorClearing), TheGrant, "Credit paid back did not reach the customer."),
        new("credit_returned", PrepaidCredit, On(AccountKind.ProcessorClearing), "Credit was paid back though it was spent."),
        new("chargeback", PrepaidCredit, On(AccountKind.ProcessorClearing), "The customer's bank took a payment back."),
        new("chargeback_reversed", On(AccountKind.ProcessorClearing), PrepaidCredit, "A dispute was won."),
        new("processor_fee", On(AccountKind.Fees), On(AccountKind.ProcessorClearing), "The payment processor kept its fee."),
        new("payout", On(AccountKind.Bank), On(AccountKind.ProcessorClearing), "The payment processor paid the operator."),
        new("credit_note", On(AccountKind.Revenue), On(AccountKind.Receivable), "A part of an invoice need not be paid."),
        new("write_off_overdraft", On(AccountKind.OperatorLoss), On(AccountKind.Overdraft), "Nobody will pay this debt."),
        new("write_off_receivable", On(AccountKind.OperatorLoss), On(AccountKind.Receivable), "Nobody will pay this debt."),
        new("rounding_difference", On(AccountKind.Rounding), On(AccountKind.ProcessorClearing), "Micros that minor units cannot carry."),
    ];

    private static readonly Dictionary<string, Posting> ByKind = All.ToDictionary(posting => posting.Kind);

    /// <summary>Decides what a fact moves, against the charts at that instant.</summary>
    /// <param name="fact">What happened.</param>
    /// <param name="terms">When, and what is reserved for it.</param>
    /// <param name="charts">The billing account's chart in a currency.</param>
    public static PostingDecision Decide(BusinessFact fact, PostingTerms terms, Func<Currency, Chart> charts)
    {
        var movements = new Movements();
        return fact switch
        {
            BusinessFact.Manual manual => Strictly(manual.Legs, charts, movements),
            BusinessFact.Adjustment adjustment => Strictly(adjustment.Legs, charts, movements),
            BusinessFact.Reversal reversal => Undo(reversal, charts, movements),
            _ => Flow(fact, ByKind[fact.Kind], terms, charts, movements),
        };
    }

    private static PostingDecision Flow(
        BusinessFact fact, Posting posting, PostingTerms terms, Func<Currency, Chart> charts, Movements movements)
    {
        var amount = fact.Amount.Micros;
        var chart = charts(fact.Amount.Currency);
        var (from, to) = amount >= 0 ? (posting.From, posting.To) : (posting.To, posting.From);
        var moved = Math.Abs(amount);
        if (from is Place.TheGrant && fact is not BusinessFact.GrantExpired && RefusedBy(chart, GrantOf(fact), moved) is { } refusal)
        {
            return refusal;
        }

        if (from is Place.Credit { Rest: var rest })
        {
            new Spending(chart, terms, chart[rest], movements).Spend(fact);
        }
        else
        {
            movements.Add(AccountAt(from, chart, fact), -moved);
        }

        if (to is Place.Credit { Rest: var last })
        {
            Spending.Return(chart, chart[last], moved, movements);
        }
        else
        {
            movements.Add(AccountAt(to, chart, fact), moved);
        }

        AddWhatComesWith(fact, terms, charts, chart, movements);
        return new PostingDecision.Move(movements.All);
    }

    private static void AddWhatComesWith(
        BusinessFact fact, PostingTerms terms, Func<Currency, Chart> charts, Chart chart, Movements movements)
    {
        switch (fact)
        {
            case BusinessFact.Usage { ProviderCost: { IsZero: false } cost }:
                movements.Add(charts(cost.Currency)[AccountKind.ProviderCost], -cost.Micros);
                movements.Add(charts(cost.Currency)[AccountKind.ProviderPayable], cost.Micros);
                break;
            case BusinessFact.CreditGranted granted:
                var grant = chart.Grant(granted.Grant)!;
                var owed = -chart[AccountKind.Overdraft].BalanceMicros;
                if (owed > 0 && grant.Terms!.Scopes.Count == 0 && grant.MayPay(terms.At, CreateHold.NoScopes))
                {
                    Repay(grant, chart[AccountKind.Overdraft], Math.Min(owed, granted.Amount.Micros), movements);
                }

                break;
            case BusinessFact.OverdraftRepaid repaid:
                movements.MarkRepaid(chart.Grant(repaid.Grant)!, chart[AccountKind.Overdraft], repaid.Amount.Micros);
                break;
        }
    }

    // Two entries on the grant, what it received and what it paid at once: consumed, not less granted.
    private static void Repay(ChartAccount grant, ChartAccount overdraft, long micros, Movements movements)
    {
        movements.AddApart(new Movement(grant, -micros, micros));
        movements.AddApart(new Movement(overdraft, micros, -micros));
    }

    private static PostingDecision Strictly(IReadOnlyList<Leg> legs, Func<Currency, Chart> charts, Movements movements)
    {
        foreach (var leg in legs)
        {
            var chart = charts(leg.Amount.Currency);
            var before = leg.Grant is { } one && chart.Grant(one) is { } taken ? movements.On(taken) : 0;
            if (leg.Grant is { } id && RefusedBy(chart, id, -before - leg.Amount.Micros) is { } refusal)
            {
                return refusal;
            }

            movements.Add(leg.Grant is { } grant ? chart.Grant(grant)! : chart[leg.Account], leg.Amount.Micros);
        }

        return new PostingDecision.Move(movements.All);
    }

    private static PostingDecision Undo(BusinessFact.Reversal reversal, Func<Currency, Chart> charts, Movements movements)
    {
        var wasSpending = ByKind.TryGetValue(reversal.OriginalKind, out var posting) && posting.From is Place.Credit;
        foreach (var account in reversal.Legs.GroupBy(leg => (leg.Account, leg.Grant, leg.Amount.Currency)))
        {
            var micros = account.Sum(leg => leg.Amount.Micros);
            var chart = charts(account.Key.Currency);
            if (account.Key.Grant is not { } id)
            {
                var isPayer = account.Key.Account is AccountKind.Overdraft or AccountKind.Receivable or AccountKind.OperatorLoss;
                movements.AddApart(new Movement(chart[account.Key.Account], micros, wasSpending && isPayer ? -micros : 0));
                continue;
            }

            if (chart.Grant(id) is not { } grant)
            {
                return new PostingDecision.NoSuchGrant(id);
            }

            // What the customer spent of it meanwhile is owed: a correction is a fact, and facts are not refused.
            // From then on it was the overdraft that paid, and a later return goes there.
            var fromGrant = Math.Max(micros, -grant.FreeMicros);
            var owed = fromGrant - micros;
            var paidAgain = wasSpending ? owed : Math.Clamp(grant.SpentMicros, 0, owed);
            movements.AddApart(new Movement(grant, fromGrant, wasSpending ? -fromGrant : -paidAgain));
            movements.AddApart(new Movement(chart[AccountKind.Overdraft], -owed, paidAgain));
        }

        return new PostingDecision.Move(movements.All);
    }

    private static PostingDecision? RefusedBy(Chart chart, GrantId id, long wanted) => chart.Grant(id) switch
    {
        null => new PostingDecision.NoSuchGrant(id),
        { } grant when wanted > grant.FreeMicros =>
            new PostingDecision.InsufficientFunds(new Money(Math.Max(0, grant.FreeMicros), chart.Currency)),
        _ => null,
    };

    private static ChartAccount AccountAt(Place place, Chart chart, BusinessFact fact) => place switch
    {
        Place.Account account => chart[account.Kind],
        _ => chart.Grant(GrantOf(fact)) ?? throw new InvalidOperationException($"{GrantOf(fact)} is not in its chart."),
    };

    private static GrantId GrantOf(BusinessFact fact) => fact switch
    {
        BusinessFact.CreditGranted granted => granted.Grant,
        BusinessFact.OverdraftRepaid repaid => repaid.Grant,
        BusinessFact.GrantExpired expired => expired.Grant,
        BusinessFact.GrantVoided voided => voided.Grant,
        BusinessFact.CreditRefunded refunded => refunded.Grant,
        BusinessFact.CreditRefundFailed failed => failed.Grant,
        _ => throw new ArgumentOutOfRangeException(nameof(fact), fact, "A fact that names no grant."),
    };

    private static Place.Account On(AccountKind kind) => new(kind);
}
