namespace Quoin.Ledger.Internal;

/// <summary>
/// Takes money out of a chart as usage does: (1) above the cap, the operator loses it; (2) what is reserved for the
/// fact, whatever became of its grant meanwhile; (3) grants in effect when it happened, in the order they are spent;
/// (4) the rest from the account for what credit does not cover. And gives it back the other way round.
/// </summary>
internal sealed class Spending(Chart chart, PostingTerms terms, ChartAccount rest, Movements movements)
{
    private readonly long[] reservedLeft = [.. terms.Reserved.Select(part => part.Micros)];

    public void Spend(BusinessFact fact)
    {
        var amount = Math.Abs(fact.Amount.Micros);
        var covered = Math.Min(amount, terms.CapMicros ?? amount);
        if (amount > covered)
        {
            movements.Add(chart[AccountKind.OperatorLoss], covered - amount, amount - covered);
        }

        if (fact is not BusinessFact.Usage { Parts: { Count: > 0 } parts })
        {
            Spend(covered, CreateHold.NoScopes);
            return;
        }

        foreach (var part in parts)
        {
            // Parts are checked to sum to the amount; the cap cuts the last ones.
            var micros = Math.Min(covered, part.Amount.Micros);
            Spend(micros, part.Scopes);
            covered -= micros;
        }
    }

    private void Spend(long amount, IReadOnlySet<string> scopes)
    {
        for (var index = 0; index < reservedLeft.Length && amount > 0; index++)
        {
            var taken = Math.Min(amount, reservedLeft[index]);
            reservedLeft[index] -= taken;
            amount -= Take(terms.Reserved[index].Account, taken);
        }

        foreach (var grant in chart.Grants)
        {
            if (amount == 0)
            {
                return;
            }

            if (grant.FreeMicros > 0 || terms.Reserved.Count > 0)
            {
                var free = grant.MayPay(terms.At, scopes) ? FreeOf(grant) : 0;
                amount -= Take(grant, Math.Min(amount, free));
            }
        }

        Take(rest, amount);
    }

    // The holds this fact releases give back what they reserve. Here all of it is taken already, or none was left.
    private long FreeOf(ChartAccount grant)
    {
        var free = grant.FreeMicros + movements.On(grant);
        foreach (var part in terms.Reserved)
        {
            free += ReferenceEquals(part.Account, grant) ? part.Micros : 0;
        }

        return free;
    }

    private long Take(ChartAccount account, long micros)
    {
        if (micros > 0)
        {
            movements.Add(account, -micros, micros);
        }

        return micros;
    }

    /// <summary>Gives back to where money was spent from: the last transfer's places first, in it the last first.</summary>
    public static void Return(Chart chart, ChartAccount rest, long amount, Movements movements)
    {
        ChartAccount[] others = [chart[AccountKind.OperatorLoss], chart[AccountKind.Receivable], chart[AccountKind.Overdraft]];
        var places = chart.Grants.Concat(others)
            .Select((account, order) => (account, order))
            .Where(place => place.account.SpentMicros > 0)
            .OrderByDescending(place => place.account.SpentAtCount)
            .ThenByDescending(place => place.order);
        foreach (var (account, _) in places)
        {
            var micros = Math.Min(amount, account.SpentMicros);
            movements.Add(account, micros, -micros);
            amount -= micros;
            if (amount == 0)
            {
                return;
            }
        }

        movements.Add(rest, amount, -amount);
    }
}
