using Quoin.Kernel;
using Quoin.Ledger;

namespace Quoin.Tests.Simulation.Books;

/// <summary>
/// What an organisation's books should be, in the plainest way: one command after the other on plain objects, no flush,
/// no lock, no database. It shares no code with the ledger.
/// </summary>
internal sealed partial class BooksModel(Names names)
{
    private readonly List<LedgerCommand> log = [];
    private Dictionary<(BillingAccountId, Currency), ModelChart> charts = [];
    private Dictionary<string, ModelTransfer> transfers = [];
    private Dictionary<string, ModelHold> holds = [];
    private Dictionary<Guid, string> reversals = [];

    /// <summary>All transfers, in the order of the chain.</summary>
    public List<ModelTransfer> Chain { get; private set; } = [];

    public IEnumerable<ModelAccount> Accounts => charts.Values.SelectMany(chart => chart.Accounts);

    public IEnumerable<(BillingAccountId Chart, ModelAccount Account)> Charted =>
        charts.SelectMany(chart => chart.Value.Accounts.Select(account => (chart.Key.Item1, account)));

    public IEnumerable<ModelHold> Holds => holds.Values;

    /// <summary>The transfer with a name; null where there is none.</summary>
    public ModelTransfer? Transfer(string name) => Chain.Find(transfer => transfer.Name == name);

    /// <summary>The same books again, to try something that will be taken back.</summary>
    public BooksModel Copy(Names copied)
    {
        var copy = new BooksModel(copied);
        foreach (var command in log)
        {
            copy.Apply(command);
        }

        return copy;
    }

    /// <summary>Carries a command out.</summary>
    /// <returns>How it must end.</returns>
    public Expected Apply(LedgerCommand command)
    {
        if (command is PostLinkedTransfers linked)
        {
            return PostLinked(linked);
        }

        log.Add(command);
        return command switch
        {
            PostTransfer post => Post(post.Transfer),
            CreateGrant create => Create(create),
            VoidGrant change => Void(change),
            ExpireGrant change => Expire(change),
            ActivateGrant change => Activate(change),
            SetCreditLimit set => Set(set),
            CreateHold create => Create(create),
            CaptureHold capture => Capture(capture),
            RenewHold renew => Renew(renew),
            SplitHold split => Split(split),
            ReleaseHold { Part: { } part } release => GiveBack(release.Hold, part),
            ReleaseHold release => End(release.Hold, HoldState.Released, _ => true),
            ExpireHold expire => End(expire.Hold, HoldState.Expired, hold => hold.ExpiresAt <= expire.At),
            _ => throw new ArgumentOutOfRangeException(nameof(command)),
        };
    }

    private Expected PostLinked(PostLinkedTransfers linked)
    {
        var posted = new List<Expected>();
        foreach (var transfer in linked.Transfers)
        {
            var one = Post(transfer);
            if (!one.Text.StartsWith('*'))
            {
                // All of it is taken back: the books are made again from what came before.
                var before = Copy(names);
                (charts, transfers, holds, reversals, Chain) =
                    (before.charts, before.transfers, before.holds, before.reversals, before.Chain);
                return new Expected(
                    $"refused {posted.Count}: {one.Text}",
                    [.. one.Names.Select(name => Transfer(name) is null ? Expected.TakenBack : name)]);
            }

            posted.Add(one);
        }

        log.Add(linked);
        return new Expected(string.Join(", ", posted.Select(one => one.Text)), [.. posted.SelectMany(one => one.Names)]);
    }

    private Expected Post(TransferRequest request)
    {
        if (Earlier(request.Key, Body.Of(request)) is { } earlier)
        {
            return earlier;
        }

        var reversal = request.Fact as BusinessFact.Reversal;
        if (reversal is not null && reversals.TryGetValue(reversal.Original.Value, out var by))
        {
            return new Expected("reversed by *", by);
        }

        if (Refusal(request) is { } refusal)
        {
            return refusal;
        }

        var transfer = Begin(request.BillingAccount, request.Key, Body.Of(request), request.Fact.Kind);
        Move(transfer, request);
        if (reversal is not null)
        {
            reversals.Add(reversal.Original.Value, transfer.Name);
        }

        return new Expected("*", transfer.Name);
    }

    // Credit that is paid back and legs a person chose are strict on each grant they take from.
    private Expected? Refusal(TransferRequest request)
    {
        var taken = request.Fact switch
        {
            BusinessFact.CreditRefunded refunded => [(refunded.Grant, refunded.Amount)],
            BusinessFact.Manual manual => Taken(manual.Legs),
            BusinessFact.Adjustment adjustment => Taken(adjustment.Legs),
            BusinessFact.Reversal reversal => Taken(reversal.Legs).Select(leg => leg with { Amount = Money.Zero(leg.Amount.Currency) }),
            _ => [],
        };
        foreach (var (id, amount) in taken)
        {
            var grant = Chart(request.BillingAccount, amount.Currency).Grants.Find(one => one.Name == names.Of(id.Value));
            if (grant is null)
            {
                return new Expected("no such grant");
            }

            if (amount.Micros > grant.Free)
            {
                return new Expected($"only {Math.Max(0, grant.Free)}");
            }
        }

        return null;
    }

    private static IEnumerable<(GrantId Grant, Money Amount)> Taken(IReadOnlyList<Leg> legs) => legs
        .Where(leg => leg.Grant is not null)
        .GroupBy(leg => (leg.Grant!.Value, leg.Amount.Currency))
        .Select(leg => (leg.Key.Value, new Money(-leg.Sum(one => one.Amount.Micros), leg.Key.Currency)));

    private Expected? Earlier(string key, string body)
    {
        if (!transfers.TryGetValue(key, out var earlier))
        {
            return null;
        }

        return new Expected(earlier.Body == body ? "* again" : "conflict with *", earlier.Name);
    }

    private ModelTransfer Begin(BillingAccountId account, string key, string body, string kind)
    {
        var transfer = new ModelTransfer
        {
            Name = $"transfer {key}",
            Key = key,
            Body = body,
            Kind = kind,
            Count = Chain.Count + 1,
            BillingAccount = account,
        };
        Chain.Add(transfer);
        transfers.Add(key, transfer);
        return transfer;
    }

    private ModelChart Chart(BillingAccountId account, Currency currency)
    {
        if (!charts.TryGetValue((account, currency), out var chart))
        {
            chart = new ModelChart($"{account.Value} {currency}", currency);
            charts.Add((account, currency), chart);
        }

        return chart;
    }
}
