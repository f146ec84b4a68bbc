namespace Quoin.Kernel;

/// <summary>Splits a whole into parts that always sum to it: largest remainder, ties to the earlier part.</summary>
public static class Allocation
{
    /// <summary>Splits <paramref name="total"/> in proportion to <paramref name="weights"/>.</summary>
    /// <param name="total">The amount to split; may be negative (the parts mirror the positive split).</param>
    /// <param name="weights">Non-negative, at least one positive.</param>
    /// <returns>One part a weight, in order, summing exactly to the total.</returns>
    public static Money[] ByWeight(Money total, IReadOnlyList<long> weights)
    {
        Int128 weightSum = 0;
        foreach (var weight in weights)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(weight, nameof(weights));
            weightSum += weight;
        }

        if (weightSum == 0)
        {
            throw new ArgumentException("At least one weight must be positive.", nameof(weights));
        }

        var magnitude = Int128.Abs(total.Micros);
        var shares = weights.Select(weight => Int128.DivRem(magnitude * weight, weightSum)).ToArray();
        var parts = shares.Select(share => (long)share.Quotient).ToArray();
        var left = (int)(magnitude - parts.Aggregate(Int128.Zero, (sum, part) => sum + part));
        var byRemainder = Enumerable.Range(0, parts.Length).OrderByDescending(index => shares[index].Remainder).ThenBy(index => index);
        foreach (var index in byRemainder.Take(left))
        {
            parts[index]++;
        }

        var sign = Math.Sign(total.Micros);
        return [.. parts.Select(part => total with { Micros = sign * part })];
    }
}
