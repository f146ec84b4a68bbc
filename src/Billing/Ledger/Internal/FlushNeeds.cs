using System.Runtime.InteropServices;
using Quoin.Kernel;

namespace Quoin.Ledger.Internal;

/// <summary>What the commands of a flush look at, gathered before anything is read.</summary>
internal sealed class FlushNeeds
{
    private readonly SortedSet<Guid> orgs = [];

    /// <summary>The organisations, in the order they are locked: the same everywhere.</summary>
    public Guid[] Orgs { get; private set; } = [];

    /// <summary>Whether all of it may be remembered: books and charts are, but not each hold, nor what reversed what.</summary>
    public bool MayBeRemembered => Holds.Count == 0 && Grants.Count == 0 && Originals.Count == 0;

    public List<(Guid Org, string Key)> TransferKeys { get; } = [];

    public List<(Guid Org, string Key)> HoldKeys { get; } = [];

    public HashSet<(Guid Org, Guid Hold)> Holds { get; } = [];

    public HashSet<(Guid Org, Guid Grant)> Grants { get; } = [];

    public HashSet<(Guid Org, Guid Original)> Originals { get; } = [];

    /// <summary>The charts, and whether grants with nothing left are looked at, too.</summary>
    public Dictionary<(OrgId Org, ChartKey Chart), bool> Charts { get; } = [];

    public static FlushNeeds Of(IReadOnlyList<HashedCommand> commands)
    {
        var needs = new FlushNeeds();
        foreach (var (command, _) in commands)
        {
            needs.orgs.Add(command.Org.Value);
            needs.Add(command);
        }

        needs.Orgs = [.. needs.orgs];
        return needs;
    }

    /// <summary>Adds a chart.</summary>
    public void Chart(OrgId org, BillingAccountId billingAccount, Currency currency, bool withExhausted = false)
    {
        ref var isWithExhausted = ref CollectionsMarshal.GetValueRefOrAddDefault(
            Charts, (org, new ChartKey(billingAccount, currency)), out _);
        isWithExhausted |= withExhausted;
    }

    private void Add(LedgerCommand command)
    {
        var org = command.Org.Value;
        switch (command)
        {
            case PostTransfer post:
                Add(post.Transfer);
                break;
            case PostLinkedTransfers linked:
                foreach (var transfer in linked.Transfers)
                {
                    Add(transfer);
                }

                break;
            case CreateHold create:
                HoldKeys.Add((org, create.Key));
                Chart(create.Org, create.BillingAccount, create.Amount.Currency);
                break;
            case RenewHold renew:
                Holds.Add((org, renew.Hold.Value));
                break;
            case ReleaseHold release:
                Holds.Add((org, release.Hold.Value));
                break;
            case SplitHold split:
                Holds.Add((org, split.From.Value));
                HoldKeys.Add((org, split.Key));
                break;
            case ExpireHold expire:
                Holds.Add((org, expire.Hold.Value));
                break;
            case CaptureHold capture:
                Holds.Add((org, capture.Hold.Value));
                TransferKeys.Add((org, capture.Key));
                break;
            case CreateGrant create:
                TransferKeys.Add((org, create.Key));
                Chart(create.Org, create.BillingAccount, create.Amount.Currency);
                break;
            case VoidGrant @void:
                Grants.Add((org, @void.Grant.Value));
                break;
            case ExpireGrant expire:
                Grants.Add((org, expire.Grant.Value));
                break;
            case ActivateGrant activate:
                Grants.Add((org, activate.Grant.Value));
                break;
            case SetCreditLimit set:
                Chart(set.Org, set.BillingAccount, set.Currency);
                break;
        }
    }

    private void Add(TransferRequest transfer)
    {
        var org = transfer.Org.Value;
        TransferKeys.Add((org, transfer.Key));
        foreach (var hold in transfer.Releases)
        {
            Holds.Add((org, hold.Value));
        }

        var givesBack = transfer.Fact is BusinessFact.ChargebackReversed
            || (transfer.Fact is BusinessFact.Usage && transfer.Fact.Amount.Micros < 0);
        Chart(transfer.Org, transfer.BillingAccount, transfer.Fact.Amount.Currency, givesBack);
        switch (transfer.Fact)
        {
            case BusinessFact.Usage { ProviderCost: { } cost }:
                Chart(transfer.Org, transfer.BillingAccount, cost.Currency);
                break;
            case BusinessFact.CreditRefunded refunded:
                Grants.Add((org, refunded.Grant.Value));
                break;
            case BusinessFact.CreditRefundFailed failed:
                Grants.Add((org, failed.Grant.Value));
                break;
            case BusinessFact.Manual manual:
                Add(transfer, manual.Legs);
                break;
            case BusinessFact.Adjustment adjustment:
                Add(transfer, adjustment.Legs);
                break;
            case BusinessFact.Reversal reversal:
                Add(transfer, reversal.Legs);
                Originals.Add((org, reversal.Original.Value));
                break;
        }
    }

    private void Add(TransferRequest transfer, IReadOnlyList<Leg> legs)
    {
        foreach (var leg in legs)
        {
            Chart(transfer.Org, transfer.BillingAccount, leg.Amount.Currency);
            if (leg.Grant is { } grant)
            {
                Grants.Add((transfer.Org.Value, grant.Value));
            }
        }
    }
}
