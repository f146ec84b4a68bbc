using System.Numerics;

namespace Quoin.Inference;

/// <summary>A deployment as far as choosing goes.</summary>
/// <param name="Tier">Lower tiers are asked first.</param>
/// <param name="Weight">Its share among those of its tier; above zero.</param>
/// <param name="Identity">What it is told apart by, the same on every replica.</param>
public readonly record struct ChoiceOption(int Tier, int Weight, ulong Identity);

/// <summary>
/// Chooses among deployments by weighted rendezvous hashing ("Weighted Distributed Hash Tables", Schindelhauer and Schomaker
/// 2005): one key always leads to the same deployment as long as that is there, on every replica and without shared state,
/// and many keys spread by weight. When one goes, only its own keys move.
/// </summary>
public static class WeightedChoice
{
    private const ulong FnvOffset = 14695981039346656037;
    private const ulong FnvPrime = 1099511628211;

    /// <summary>Which to ask, within the lowest tier that has somebody; -1 where nobody is left.</summary>
    /// <param name="options">All of them; at most 64.</param>
    /// <param name="left">A bit for each that may be asked, the lowest for the first.</param>
    /// <param name="key">What decides: of a session, or of a single call.</param>
    public static int Pick(ReadOnlySpan<ChoiceOption> options, ulong left, ulong key)
    {
        if (BitOperations.PopCount(left) == 1)
        {
            return BitOperations.TrailingZeroCount(left);
        }

        var (chosen, tier, best) = (-1, int.MaxValue, 0d);
        for (var index = 0; index < options.Length; index++)
        {
            var option = options[index];
            if ((left & (1UL << index)) == 0 || option.Tier > tier)
            {
                continue;
            }

            var score = Score(option, key);
            if (option.Tier < tier || score > best)
            {
                (chosen, tier, best) = (index, option.Tier, score);
            }
        }

        return chosen;
    }

    /// <summary>A key of a text, the same on every machine (FNV-1a).</summary>
    public static ulong KeyOf(ReadOnlySpan<char> text)
    {
        var hash = FnvOffset;
        unchecked
        {
            foreach (var letter in text)
            {
                hash = (hash ^ letter) * FnvPrime;
            }
        }

        return Mixed(hash);
    }

    /// <summary>A key of a random id.</summary>
    public static ulong KeyOf(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes);
        return Mixed(BitConverter.ToUInt64(bytes) ^ BitConverter.ToUInt64(bytes[8..]));
    }

    // The greater of these wins with a chance in proportion to its weight.
    private static double Score(ChoiceOption option, ulong key)
    {
        var even = ((Mixed(key ^ option.Identity) >> 11) + 0.5) * (1.0 / (1UL << 53));
        return -option.Weight / Math.Log(even);
    }

    // The last steps of SplitMix64: neighbouring numbers come out far apart.
    private static ulong Mixed(ulong value)
    {
        unchecked
        {
            value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
            value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
            return value ^ (value >> 31);
        }
    }
}
