using Quoin.Kernel;
using Quoin.Ledger;

namespace Quoin.Tests.Simulation.Books;

/// <summary>What callers of one organisation ask for, drawn from the seed and from what they were told so far.</summary>
internal sealed partial class Traffic(OrgId org, BillingAccountId[] accounts, Random random)
{
    private static readonly Currency Eur = Currency.Of("EUR");
    private static readonly string[] Scopes = ["model-a", "model-b", "sandbox"];
    private readonly List<LedgerCommand> sent = [];
    private readonly List<(GrantId Id, CreateGrant Terms)> grants = [];
    private readonly List<(HoldId Id, CreateHold Terms)> holds = [];
    private readonly List<HoldId> open = [];
    private readonly List<(TransferId Id, TransferRequest Request)> transfers = [];
    private readonly List<Guid> strangers = [];
    private int keys;

    public OrgId Org => org;

    /// <summary>The legs of a transfer somebody was told of, as its entries show them.</summary>
    public required Func<TransferId, IReadOnlyList<Leg>> LegsOf { get; init; }

    /// <summary>Whether its callers make holds out of parts of others, and give parts back.</summary>
    public required bool SplitsHolds { get; init; }

    /// <summary>Ids of another organisation, or of what was taken back: nobody here may reach anything by them.</summary>
    public void Overhear(Guid id) => strangers.Add(id);

    /// <summary>What somebody may ask for now.</summary>
    public LedgerCommand Next(DateTimeOffset now)
    {
        var command = SplitsHolds && random.Next(5) == 0 ? PartOfHold(now) : random.Next(100) switch
        {
            < 26 => new PostTransfer(Usage(now)),
            < 40 => Hold(now),
            < 45 => End(now, inTime: true),
            < 50 => End(now, inTime: false),
            < 60 => Capture(now),
            < 63 => Renew(now),
            < 72 => Grant(now),
            < 74 => new VoidGrant(org, AnyGrant(), now, "void"),
            < 78 => Expire(now),
            < 80 => new ActivateGrant(org, AnyGrant(), Around(now)),
            < 82 => Limit(),
            < 85 => Linked(now),
            < 91 => new PostTransfer(OtherFact(now)),
            < 96 => Repeated(now, otherBody: false),
            _ => Repeated(now, otherBody: true),
        };
        sent.Add(command);
        return command;
    }

    /// <summary>What somebody may ask for who looks at nothing but charts: all of it may be remembered.</summary>
    public LedgerCommand NextPlain(DateTimeOffset now)
    {
        LedgerCommand command = random.Next(40) switch
        {
            < 20 => new PostTransfer(Usage(now) with { Releases = [] }),
            < 28 => Hold(now),
            < 33 => Grant(now),
            < 35 => Limit(),
            < 37 => new PostTransfer(Request(new BusinessFact.PaymentReceived(Some(random.Next(1, 300))), Key(), now)),
            < 39 => Repeated(now, otherBody: false),
            _ => Repeated(now, otherBody: true),
        };
        sent.Add(command);
        return command;
    }

    /// <summary>Remembers what a caller was told.</summary>
    public void Learn(LedgerCommand command, object outcome)
    {
        switch (command, outcome)
        {
            case (CreateGrant create, GrantOutcome.Granted granted):
                grants.Add((granted.Id, create));
                break;
            case (CreateHold create, HoldOutcome.Held held):
                holds.Add((held.Id, create));
                open.Add(held.Id);
                break;
            case (SplitHold split, SplitOutcome.Made made):
                var whole = holds.Find(one => one.Id == split.From).Terms;
                holds.Add((made.Id, whole with { Key = split.Key, Amount = split.Amount, ExpiresAt = split.ExpiresAt }));
                open.Add(made.Id);
                break;
            case (SplitHold split, SplitOutcome.AlreadyEnded):
                open.RemoveAll(hold => hold == split.From);
                break;
            case (ReleaseHold release, HoldChange.AlreadyEnded):
                open.RemoveAll(hold => hold == release.Hold);
                break;
            case (PostTransfer post, PostOutcome.Posted posted):
                transfers.Add((posted.Id, post.Transfer));
                break;
            case (CaptureHold capture, CaptureOutcome.Captured captured):
                var hold = holds.Find(one => one.Id == capture.Hold).Terms;
                var fact = new BusinessFact.Usage(capture.Amount, hold.Terms);
                transfers.Add((captured.Id, Request(fact, capture.Key, capture.At) with { BillingAccount = hold.BillingAccount }));
                break;
        }
    }

    private TransferRequest Request(BusinessFact fact, string key, DateTimeOffset at) =>
        new(org, AnyAccount(), key, fact, at, key);

    private TransferRequest Usage(DateTimeOffset now)
    {
        var micros = random.Next(12) == 0 ? 0 : random.Next(1, 400);
        var isNegative = random.Next(7) == 0;
        var terms = random.Next(4) == 0 ? PaymentTerms.Postpaid : PaymentTerms.Prepaid;
        var fact = new BusinessFact.Usage(Some(isNegative ? -micros : micros), terms)
        {
            ProviderCost = random.Next(4) == 0 ? new Money(random.Next(-20, 200), random.Next(2) == 0 ? Currency.Usd : Eur) : null,
        };
        if (random.Next(4) == 0 && micros > 1)
        {
            var first = random.Next(1, micros);
            fact = fact with
            {
                Parts =
                [
                    new ScopedAmount(fact.Amount with { Micros = first }, AnyScopes()),
                    new ScopedAmount(fact.Amount with { Micros = micros - first }, AnyScopes()),
                ],
            };
        }

        var request = Request(fact, Key(), Late(now));
        if (random.Next(3) == 0 && holds.Count > 0)
        {
            var named = Enumerable.Range(0, random.Next(1, 3)).Select(_ => AnyHold()).ToList();
            var other = holds.Find(one => one.Id == named[0]).Terms;
            request = request with { Releases = named, BillingAccount = other?.BillingAccount ?? request.BillingAccount };
        }

        return request;
    }

    private TransferRequest OtherFact(DateTimeOffset now)
    {
        var amount = Some(random.Next(1, 300));
        var key = Key();
        switch (random.Next(12))
        {
            case 0:
                return Request(Takes(3) ? new BusinessFact.CreditReturned(amount) : new BusinessFact.Chargeback(amount), key, now);
            case 1:
                return Request(new BusinessFact.ChargebackReversed(amount), key, now);
            case 2:
                return Request(Takes(2) ? new BusinessFact.ItemSold(amount) : new BusinessFact.PlanPeriod(amount), key, now);
            case 3:
                return Request(new BusinessFact.PaymentReceived(amount), key, now);
            case 4:
                return Request(new BusinessFact.WriteOff(amount, PaymentTerms.Prepaid), key, now);
            case 5:
                return Request(new BusinessFact.ProcessorFee(amount), key, now);
            case 6:
            case 7:
                return RefundOrItsFailure(key, now);
            case 8:
                return Manual(key, now);
            default:
                return Reversal(key, now);
        }
    }

    // One in so many, without asking for more chance: what earlier seeds did stays as it was.
    private bool Takes(int oneIn) => keys % oneIn == 0;

    private TransferRequest RefundOrItsFailure(string key, DateTimeOffset now)
    {
        var refund = Refund(key, now);
        return Takes(4) && refund.Fact is BusinessFact.CreditRefunded back && grants.Exists(one => one.Id == back.Grant)
            ? refund with { Fact = new BusinessFact.CreditRefundFailed(back.Amount, back.Grant) }
            : refund;
    }

    private TransferRequest Refund(string key, DateTimeOffset now)
    {
        var (id, terms) = OneGrant();
        var amount = terms is null ? Some(1) : terms.Amount with { Micros = random.NextInt64(1, terms.Amount.Micros + 1) };
        return Request(new BusinessFact.CreditRefunded(amount, id), key, now) with
        {
            BillingAccount = terms?.BillingAccount ?? accounts[0],
        };
    }

    private TransferRequest Manual(string key, DateTimeOffset now)
    {
        var (id, terms) = OneGrant();
        var micros = random.Next(1, 200);
        var currency = terms?.Amount.Currency ?? Currency.Usd;
        Money Of(long amount) => new(amount, currency);
        Leg[] legs = random.Next(4) switch
        {
            0 => [new(AccountKind.Grants, Of(-micros), id), new(AccountKind.Breakage, Of(micros))],
            1 => [new(AccountKind.PromotionalCost, Of(-micros)), new(AccountKind.Grants, Of(micros), id)],
            2 =>
            [
                new(AccountKind.Grants, Of(-micros), id),
                new(AccountKind.Grants, Of(-micros), id),
                new(AccountKind.OperatorLoss, Of(2 * micros)),
            ],
            _ => [new(AccountKind.OperatorLoss, Of(-micros)), new(AccountKind.Overdraft, Of(micros))],
        };
        return Request(new BusinessFact.Manual(Of(micros), legs), key, now) with
        {
            BillingAccount = terms?.BillingAccount ?? accounts[0],
        };
    }

    private TransferRequest Reversal(string key, DateTimeOffset now)
    {
        if (transfers.Count > 0)
        {
            var (id, original) = transfers[random.Next(transfers.Count)];
            var legs = LegsOf(id);
            if (legs.Count >= 2)
            {
                var amount = original.Fact.Amount with { Micros = Math.Max(1, Math.Abs(original.Fact.Amount.Micros)) };
                var kind = original.Key.StartsWith("capture", StringComparison.Ordinal)
                    ? original.Fact.Kind.Replace("usage", "capture", StringComparison.Ordinal)
                    : original.Fact.Kind;
                return Request(new BusinessFact.Reversal(amount, legs, id, kind), key, now) with
                {
                    BillingAccount = original.BillingAccount,
                };
            }
        }

        return Request(new BusinessFact.TaxCharged(Some(random.Next(1, 50))), key, now);
    }
}
