using Quoin.Kernel;
using Quoin.Metering;
using Quoin.Pricing;

namespace Quoin.Charging.Internal;

/// <summary>
/// Rates lines again in the order they were made, and compares each with what its price comes to. A line that is missing
/// shows as a gap before the next one of its key; from there it goes on as if the gap had been a line. Of meters whose
/// parts do not add up, a line moves its whole key: there only that each line begins where the one before ended is told.
/// </summary>
internal sealed class LineReplay(PriceSnapshot prices, IReadOnlySet<MeterId> additive)
{
    private readonly Dictionary<RatingKey, Key> keys = [];

    /// <summary>What the lines of each key come to.</summary>
    public IEnumerable<(RatingKey Key, decimal Quantity, long Micros)> Positions =>
        keys.Select(pair => (pair.Key, pair.Value.Quantity, pair.Value.Micros));

    public IEnumerable<ReconciliationFault> Next(RatedLine line)
    {
        if (!keys.TryGetValue(line.Key, out var key))
        {
            keys.Add(line.Key, key = new Key());
        }

        key.IsLate(line.IsLate);
        var version = prices.Version(line.Version);
        var gap = line.PositionQuantity - line.Quantity - key.Quantity;
        if (gap != 0)
        {
            var before = key.Micros;
            key.Add(line, version, gap, additive.Contains(line.Meter) ? null : 0);
            yield return Fault(
                ReconciliationKind.MissingRating,
                line,
                $"before line {line.Id}",
                $"lines of {gap} before it, which its position holds",
                "none",
                new Money(before - key.Micros, version.Currency));
        }

        var expected = key.Add(line, version, line.Quantity, additive.Contains(line.Meter) ? null : line.Amount.Micros);
        if (expected != line.Amount.Micros)
        {
            yield return Fault(
                ReconciliationKind.AmountMismatch,
                line,
                $"amount of line {line.Id}",
                expected is { } micros ? $"{new Money(micros, version.Currency)} by {version.Id}" : "nothing that can be",
                $"{line.Amount}",
                new Money(line.Amount.Micros - (expected ?? 0), version.Currency));
        }
        else if (key.Micros != line.PositionMicros)
        {
            yield return Fault(
                ReconciliationKind.AmountMismatch,
                line,
                $"position of line {line.Id}",
                $"{new Money(key.Micros, version.Currency)} in all",
                $"{new Money(line.PositionMicros, version.Currency)}",
                null);
        }
    }

    private static ReconciliationFault Fault(
        ReconciliationKind kind, RatedLine line, string subject, string expected, string found, Money? difference) =>
        new(kind, ReconciliationStage.Rating, subject, expected, found)
        {
            Usage = SliceComparison.KeyOf(line),
            Line = line.Id,
            Transfer = line.Transfer,
            BillingAccount = line.Key.BillingAccount,
            Difference = difference,
        };

    private sealed class Key
    {
        private readonly RatingPosition position = new();
        private decimal quantity;
        private long micros;

        public decimal Quantity => quantity;

        public long Micros => micros;

        public void IsLate(bool isLate)
        {
            if (isLate)
            {
                position.BeClosed();
            }
        }

        /// <summary>What it comes to; null when to more than can be. A gauged line is taken at its word.</summary>
        public long? Add(RatedLine line, PriceVersion version, decimal added, long? gauged)
        {
            var step = (gauged, line.Kind) switch
            {
                ({ } said, _) => new PositionStep(added, said, 0),
                (_, LineKind.Minimum) => position.Close(),
                _ => position.Add(version, line.Cell, line.DiscountBps, added),
            };
            quantity += added;
            micros += step?.Micros ?? 0;
            return step?.Micros;
        }
    }
}
