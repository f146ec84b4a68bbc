using Quoin.Kernel;
using Quoin.Ledger;

namespace Quoin.Tests.Simulation.Books;

/// <summary>What facts move.</summary>
internal sealed partial class BooksModel
{
    private void Move(ModelTransfer transfer, TransferRequest request)
    {
        var chart = Chart(request.BillingAccount, request.Fact.Amount.Currency);
        var reserved = Release(request, chart, out var cap);
        var (micros, at) = (request.Fact.Amount.Micros, request.OccurredAt);
        switch (request.Fact)
        {
            case BusinessFact.Usage usage:
                Use(transfer, chart, usage, new Payment(at, reserved, cap));
                break;
            case BusinessFact.PlanPeriod:
            case BusinessFact.ItemSold:
                Flow(transfer, chart[AccountKind.Receivable], chart[AccountKind.Revenue], micros);
                break;
            case BusinessFact.TaxCharged:
                Flow(transfer, chart[AccountKind.Receivable], chart[AccountKind.Tax], micros);
                break;
            case BusinessFact.PaymentReceived:
                Flow(transfer, chart[AccountKind.ProcessorClearing], chart[AccountKind.Receivable], micros);
                break;
            case BusinessFact.CreditRefunded refunded:
                var grant = chart.Grants.Single(one => one.Name == names.Of(refunded.Grant.Value));
                Flow(transfer, grant, chart[AccountKind.ProcessorClearing], micros);
                break;
            case BusinessFact.CreditRefundFailed failed:
                var restored = chart.Grants.Single(one => one.Name == names.Of(failed.Grant.Value));
                Flow(transfer, chart[AccountKind.ProcessorClearing], restored, micros);
                break;
            case BusinessFact.Chargeback:
            case BusinessFact.CreditReturned:
                Pay(transfer, chart, AccountKind.Overdraft, new Payment(at, reserved, cap), [(micros, null)]);
                transfer.Move(chart[AccountKind.ProcessorClearing], micros);
                break;
            case BusinessFact.ChargebackReversed:
                transfer.Move(chart[AccountKind.ProcessorClearing], -micros);
                GiveBack(transfer, chart, AccountKind.Overdraft, micros);
                break;
            case BusinessFact.ProcessorFee:
                Flow(transfer, chart[AccountKind.Fees], chart[AccountKind.ProcessorClearing], micros);
                break;
            case BusinessFact.WriteOff writeOff:
                Flow(transfer, chart[AccountKind.OperatorLoss], chart.Uncovered(writeOff.Terms), micros);
                break;
            case BusinessFact.Manual manual:
                foreach (var leg in manual.Legs)
                {
                    transfer.Move(AccountOf(request.BillingAccount, leg), leg.Amount.Micros);
                }

                break;
            case BusinessFact.Reversal reversal:
                Undo(transfer, request.BillingAccount, reversal);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(request), request.Fact, "The model does not know this fact.");
        }
    }

    private static void Flow(ModelTransfer transfer, ModelAccount from, ModelAccount to, long micros)
    {
        transfer.Move(from, -micros);
        transfer.Move(to, micros);
    }

    // What a fact's holds reserve is free again, and first of all free for this fact.
    private List<(ModelAccount Account, long Micros)> Release(TransferRequest request, ModelChart chart, out long? cap)
    {
        var released = request.Releases
            .Distinct()
            .Select(id => holds.Values.FirstOrDefault(hold => hold.Name == names.Of(id.Value)))
            .OfType<ModelHold>()
            .Where(hold => hold.State == HoldState.Open && hold.Chart == chart)
            .ToList();
        var reserved = released.SelectMany(hold => hold.Parts).ToList();
        cap = released.Count > 0
            && released.Count == request.Releases.Distinct().Count()
            && released.All(hold => hold.Terms.Overrun == OverrunPolicy.Cap)
            ? reserved.Sum(part => part.Micros)
            : null;
        released.ForEach(hold => hold.End(HoldState.Released));
        return reserved;
    }

    private void Use(ModelTransfer transfer, ModelChart chart, BusinessFact.Usage usage, Payment payment)
    {
        var rest = usage.Terms == PaymentTerms.Prepaid ? AccountKind.Overdraft : AccountKind.Receivable;
        var micros = usage.Amount.Micros;
        transfer.Move(chart[AccountKind.Revenue], micros);
        if (micros < 0)
        {
            GiveBack(transfer, chart, rest, -micros);
        }
        else
        {
            var parts = usage.Parts.Select(part => (part.Amount.Micros, (IReadOnlySet<string>?)part.Scopes)).ToList();
            Pay(transfer, chart, rest, payment, parts.Count > 0 ? parts : [(micros, null)]);
        }

        if (usage.ProviderCost is { } cost)
        {
            var other = Chart(transfer.BillingAccount, cost.Currency);
            Flow(transfer, other[AccountKind.ProviderCost], other[AccountKind.ProviderPayable], cost.Micros);
        }
    }

    private static void Pay(
        ModelTransfer transfer,
        ModelChart chart,
        AccountKind rest,
        Payment payment,
        IReadOnlyList<(long Micros, IReadOnlySet<string>? Scopes)> parts)
    {
        var most = Math.Min(payment.Cap ?? long.MaxValue, parts.Sum(part => part.Micros));
        transfer.Spend(chart[AccountKind.OperatorLoss], parts.Sum(part => part.Micros) - most);
        var reserved = payment.Reserved.ToList();
        foreach (var (wanted, scopes) in parts)
        {
            var left = Math.Min(wanted, most);
            most -= left;
            for (var index = 0; index < reserved.Count; index++)
            {
                var taken = Math.Min(left, reserved[index].Micros);
                transfer.Spend(reserved[index].Account, taken);
                reserved[index] = reserved[index] with { Micros = reserved[index].Micros - taken };
                left -= taken;
            }

            foreach (var grant in chart.BurnOrder().Where(grant => grant.MayPay(payment.At, scopes)))
            {
                var taken = Math.Min(left, grant.Free);
                transfer.Spend(grant, taken);
                left -= taken;
            }

            transfer.Spend(chart[rest], left);
        }
    }

    // To where it was spent from: what was spent from last comes first; in one transfer, what came last.
    private static void GiveBack(ModelTransfer transfer, ModelChart chart, AccountKind rest, long micros)
    {
        ModelAccount[] asSpent =
        [
            .. chart.BurnOrder(), chart[AccountKind.OperatorLoss], chart[AccountKind.Receivable], chart[AccountKind.Overdraft],
        ];
        var places = asSpent.Reverse().Where(account => account.Spent > 0).OrderByDescending(account => account.SpentBy);
        foreach (var account in places.ToList())
        {
            var back = Math.Min(micros, account.Spent);
            transfer.GiveBack(account, back);
            micros -= back;
        }

        transfer.GiveBack(chart[rest], micros);
    }

    private void Undo(ModelTransfer transfer, BillingAccountId billingAccount, BusinessFact.Reversal reversal)
    {
        string[] spending =
        [
            "usage_prepaid", "usage_postpaid", "capture_prepaid", "capture_postpaid", "chargeback", "credit_returned",
        ];
        var wasSpending = spending.Contains(reversal.OriginalKind);
        foreach (var leg in reversal.Legs)
        {
            var account = AccountOf(billingAccount, leg);
            var micros = leg.Amount.Micros;
            var isPayer = account.Kind is AccountKind.Overdraft or AccountKind.Receivable or AccountKind.OperatorLoss;
            if (account.Terms is not null)
            {
                // What was spent of a grant meanwhile is owed, and counts as paid by the overdraft.
                micros = Math.Max(micros, -account.Free);
                var overdraft = Chart(billingAccount, leg.Amount.Currency)[AccountKind.Overdraft];
                var owed = micros - leg.Amount.Micros;
                var paidAgain = wasSpending ? owed : Math.Clamp(account.Spent, 0, owed);
                transfer.Move(overdraft, -owed);
                overdraft.Spent += paidAgain;
                overdraft.SpentBy = paidAgain > 0 ? transfer.Count : overdraft.SpentBy;
                account.Spent -= wasSpending ? 0 : paidAgain;
            }

            transfer.Move(account, micros);
            if (wasSpending && (account.Terms is not null || isPayer))
            {
                account.Spent -= micros;
                account.SpentBy = micros < 0 ? transfer.Count : account.SpentBy;
            }
        }
    }

    private ModelAccount AccountOf(BillingAccountId billingAccount, Leg leg)
    {
        var chart = Chart(billingAccount, leg.Amount.Currency);
        return leg.Grant is { } grant ? chart.Grants.Single(one => one.Name == names.Of(grant.Value)) : chart[leg.Account];
    }

    private sealed record Payment(DateTimeOffset At, IReadOnlyList<(ModelAccount Account, long Micros)> Reserved, long? Cap);
}
