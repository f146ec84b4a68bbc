using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Metering;
using Quoin.Pricing;

namespace Quoin.Charging.Internal;

/// <summary>Usage with the price that charges it.</summary>
internal sealed record PricedUsage(UsagePiece Piece, RatingKey Key, Meter Meter, AccountTerms Account, ResolvedPrice Price);

/// <summary>What becomes one transfer: an account's usage that names holds, or that which does not.</summary>
internal readonly record struct PostingKey(BillingAccountKey Account, bool NamesHolds);

/// <summary>Usage that cannot be rated now, why, and the type of what was thrown.</summary>
internal sealed record SetAside(FoldedUsage Usage, string Reason, string? Failure = null);

/// <summary>Who is billed, and by which prices and periods. For one step: it remembers the last period asked for.</summary>
internal sealed class AccountTerms(BillingAccountProfile profile, AccountPlans plans)
{
    private Period last;

    public BillingAccountProfile Profile => profile;

    public AccountPrices Prices => plans.Prices;

    /// <summary>The billing period that holds an instant.</summary>
    public Period PeriodAt(DateTimeOffset at)
    {
        if (!last.Contains(at))
        {
            last = plans.Assignments.Count == 0 ? Period.MonthOf(at) : plans.PeriodAt(at);
        }

        return last;
    }
}

/// <summary>One step of rating, decided purely: what was taken, which prices hold, what each position says.</summary>
internal sealed class RatingRun(Guid id, DateTimeOffset now)
{
    public const string NoPrice = "no_price";
    public const string Overflow = "overflow";
    public const string Failed = "failed";
    public const string Unsupported = "unsupported";
    public const string CorrelationMember = "correlation_id";

    private readonly List<PricedUsage> priced = [];
    private readonly List<PricedUsage> gauged = [];
    private readonly List<SetAside> setAside = [];
    private readonly List<RatedLine> lines = [];
    private readonly List<bool> namesHolds = [];

    /// <summary>When it began.</summary>
    public DateTimeOffset Now => now;

    /// <summary>Usage nothing prices, or that comes to more than can be.</summary>
    public IReadOnlyList<SetAside> SetAside => setAside;

    /// <summary>The lines, in the order they move their positions.</summary>
    public IReadOnlyList<RatedLine> Lines => lines;

    /// <summary>Usage of meters whose parts do not add up: its keys are rated anew from their totals.</summary>
    public IReadOnlyList<PricedUsage> Gauged => gauged;

    /// <summary>The keys whose positions the lines move, sorted: they are written in this order.</summary>
    public RatingKey[] Keys => [.. priced.Concat(gauged).Select(usage => usage.Key).Distinct()
        .OrderBy(key => key.Org.Value)
        .ThenBy(key => key.BillingAccount.Value)
        .ThenBy(key => key.Component.Value)
        .ThenBy(key => key.PeriodStart)
        .ThenBy(key => key.Group.Text, StringComparer.Ordinal)];

    /// <summary>Finds each piece's price.</summary>
    public void Price(
        IEnumerable<UsagePiece> pieces,
        IReadOnlyDictionary<BillingAccountKey, AccountTerms> accounts,
        IReadOnlyDictionary<MeterId, Meter> meters,
        PriceSnapshot prices)
    {
        foreach (var piece in pieces)
        {
            var usage = piece.First;
            var account = accounts[new BillingAccountKey(usage.Org, usage.BillingAccount)];
            var meter = meters[usage.Meter];
            var lookup = new PriceLookup(
                account.Prices, account.Profile.Currency, meter.Key, usage.Dimensions, usage.BucketStart);
            if (prices.Find(lookup) is not { } price)
            {
                Leave(piece, NoPrice);
            }
            else if (!meter.IsAdditive && !GaugedUsage.CanRate(price.Version, prices))
            {
                Leave(piece, Unsupported);
            }
            else
            {
                var period = account.PeriodAt(usage.BucketStart);
                var key = new RatingKey(usage.Org, usage.BillingAccount, price.Version.Component, period.Start, price.Group);
                (meter.IsAdditive ? priced : gauged).Add(new PricedUsage(piece, key, meter, account, price));
            }
        }
    }

    /// <summary>Moves the positions and makes the lines, one for each piece.</summary>
    /// <param name="positions">Where each key stands.</param>
    /// <param name="totals">What the keys of <see cref="Gauged"/> come to.</param>
    /// <param name="ids">Names the lines.</param>
    public void Rate(
        IReadOnlyDictionary<RatingKey, RatingPosition> positions,
        IReadOnlyDictionary<RatingKey, IReadOnlyList<PricedQuantity>> totals,
        IdSource ids)
    {
        foreach (var usage in InOrder(priced))
        {
            var (position, price) = (positions[usage.Key], usage.Price);
            var step = usage.Piece.Quantity is { } quantity
                ? position.Add(price.Version, price.Cell.Key, price.DiscountBps, quantity)
                : null;
            Book(usage, position, step, ids);
        }

        foreach (var usage in InOrder(gauged))
        {
            // The first line of a key takes all that changed; others of the same step say that they were seen.
            var position = positions[usage.Key];
            Book(usage, position, position.Set(totals[usage.Key]), ids);
        }
    }

    /// <summary>The closed periods that lines were made for, sorted.</summary>
    public IReadOnlyList<(BillingAccountKey Account, DateTimeOffset Start)> LatePeriods =>
    [
        .. lines
            .Where(line => line.IsLate)
            .Select(line => (new BillingAccountKey(line.Key.Org, line.Key.BillingAccount), line.Key.PeriodStart))
            .Distinct()
            .OrderBy(one => one.Item1.Org.Value)
            .ThenBy(one => one.Item1.Account.Value)
            .ThenBy(one => one.PeriodStart),
    ];

    /// <summary>The first fold of each posting: what led to its transfer.</summary>
    public IReadOnlyList<(OrgId Org, Guid Fold)> FirstFolds =>
        [.. FirstFoldOf().Select(first => (first.Key.Account.Org, first.Value))];

    /// <summary>Gives each line the name of the request that led to its transfer, and the transfer.</summary>
    public void Name(
        IReadOnlyDictionary<(OrgId Org, Guid Fold), string?> causes, IReadOnlyDictionary<PostingKey, TransferId> transfers)
    {
        var first = FirstFoldOf();
        for (var index = 0; index < lines.Count; index++)
        {
            var key = KeyOf(index);
            lines[index] = lines[index] with
            {
                Transfer = transfers.TryGetValue(key, out var transfer) ? transfer : null,
                CorrelationId = causes[(key.Account.Org, first[key])],
            };
        }
    }

    /// <summary>One transfer for each posting that moves money; those of usage that names holds release them.</summary>
    /// <param name="accounts">Who pays before and who after.</param>
    /// <param name="causes">The correlation id of each of <see cref="FirstFolds"/>, where there is one.</param>
    /// <param name="releases">The holds the usage names, by who pays.</param>
    public List<(PostingKey Key, TransferRequest Request)> Transfers(
        IReadOnlyDictionary<BillingAccountKey, AccountTerms> accounts,
        IReadOnlyDictionary<(OrgId Org, Guid Fold), string?> causes,
        ILookup<BillingAccountKey, HoldId> releases)
    {
        var postings = new Dictionary<PostingKey, Posting>();
        for (var index = 0; index < lines.Count; index++)
        {
            var key = KeyOf(index);
            if (!postings.TryGetValue(key, out var posting))
            {
                postings.Add(key, posting = new Posting(accounts[key.Account].Profile, key.NamesHolds));
            }

            posting.Add(lines[index]);
        }

        var first = FirstFoldOf();
        return [.. postings
            .Where(posting => posting.Value.MovesMoney)
            .Select(posting => (
                posting.Key,
                posting.Value.Request(
                    id,
                    causes[(posting.Key.Account.Org, first[posting.Key])],
                    posting.Key.NamesHolds ? [.. releases[posting.Key.Account]] : [])))];
    }

    private Dictionary<PostingKey, Guid>? firstFolds;

    private Dictionary<PostingKey, Guid> FirstFoldOf()
    {
        if (firstFolds is null)
        {
            firstFolds = [];
            for (var index = 0; index < lines.Count; index++)
            {
                var (key, fold) = (KeyOf(index), lines[index].Folds[0]);
                firstFolds[key] = firstFolds.TryGetValue(key, out var known) && known < fold ? known : fold;
            }
        }

        return firstFolds;
    }

    private PostingKey KeyOf(int line) =>
        new(new BillingAccountKey(lines[line].Key.Org, lines[line].Key.BillingAccount), namesHolds[line]);

    private void Leave(UsagePiece piece, string reason) =>
        setAside.AddRange(piece.Folded.Select(usage => new SetAside(usage, reason)));

    private void Book(PricedUsage usage, RatingPosition position, PositionStep? moved, IdSource ids)
    {
        if (moved is not { } step)
        {
            Leave(usage.Piece, Overflow);
            return;
        }

        var (piece, price) = (usage.Piece, usage.Price);
        namesHolds.Add(piece.First.NamesHolds);
        lines.Add(new RatedLine(
            ids.Next<RatedLineId>(),
            usage.Key,
            price.Version.Id,
            piece.First.Meter,
            piece.First.Dimensions,
            piece.First.BucketStart,
            step.Quantity,
            piece.EventCount,
            new Money(step.Micros, price.Version.Currency),
            position.TotalQuantity,
            position.RatedMicros,
            piece.Folds(),
            null,
            now)
        {
            Cell = price.Cell.Key,
            Source = price.Source,
            Assignment = price.Assignment,
            DiscountBps = price.DiscountBps,
            PriceHash = price.Version.Hash,
            Cost = new Money(step.CostMicros, price.Version.Currency),
            IsLate = position.IsClosed,
        });
    }

    // Any order of one key's usage gives the same sum; this one gives the same lines, too.
    private static IEnumerable<PricedUsage> InOrder(List<PricedUsage> usage) => usage
        .OrderBy(one => one.Key.BillingAccount.Value)
        .ThenBy(one => one.Key.Component.Value)
        .ThenBy(one => one.Piece.First.BucketStart)
        .ThenBy(one => one.Piece.First.Dimensions.Text, StringComparer.Ordinal);
}
