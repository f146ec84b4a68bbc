using System.Runtime.InteropServices;
using Quoin.Kernel;
using Quoin.Metering;

namespace Quoin.Charging.Internal;

/// <summary>
/// Usage of one kind in one quarter hour: all a step took of it, from however many folds. It has one price and becomes
/// one line; what names holds is another kind, as it is posted apart.
/// </summary>
internal sealed class UsagePiece(FoldedUsage first)
{
    private readonly List<FoldedUsage> folded = [first];

    public FoldedUsage First => first;

    /// <summary>How much; null where it is more than a decimal holds.</summary>
    public decimal? Quantity { get; private set; } = first.Quantity;

    public long EventCount { get; private set; } = first.EventCount;

    /// <summary>Every piece of it, as it was folded.</summary>
    public IReadOnlyList<FoldedUsage> Folded => folded;

    /// <summary>Puts folded usage together; in the order the first of each came.</summary>
    public static List<UsagePiece> Gather(List<FoldedUsage> taken)
    {
        var pieces = new List<UsagePiece>();
        var known = new Dictionary<Kind, UsagePiece>(taken.Count);
        foreach (var usage in taken)
        {
            var kind = new Kind(
                usage.Org, usage.BillingAccount, usage.Meter, usage.Dimensions, usage.BucketStart, usage.NamesHolds);
            ref var piece = ref CollectionsMarshal.GetValueRefOrAddDefault(known, kind, out var isKnown);
            if (isKnown)
            {
                piece!.Add(usage);
            }
            else
            {
                pieces.Add(piece = new UsagePiece(usage));
            }
        }

        return pieces;
    }

    /// <summary>The folds, each once, the oldest first.</summary>
    public Guid[] Folds()
    {
        if (folded.Count == 1)
        {
            return [first.Fold];
        }

        var folds = folded.ConvertAll(usage => usage.Fold);
        folds.Sort();
        return [.. folds.Distinct()];
    }

    private void Add(FoldedUsage usage)
    {
        folded.Add(usage);
        Quantity = Quantity is { } sum ? RatingPosition.Sum(sum, usage.Quantity) : null;
        EventCount += usage.EventCount;
    }

    private readonly record struct Kind(
        OrgId Org,
        BillingAccountId BillingAccount,
        MeterId Meter,
        Dimensions Dimensions,
        DateTimeOffset Bucket,
        bool NamesHolds)
    {
        public override int GetHashCode() =>
            HashCode.Combine(BillingAccount.Value, Meter.Value, Bucket.UtcTicks, Dimensions.Text);
    }
}
