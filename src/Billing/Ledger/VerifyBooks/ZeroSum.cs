namespace Quoin.Ledger.VerifyBooks;

/// <summary>The sums of a transfer's entries, by currency; nearly always there is one.</summary>
internal sealed class ZeroSum
{
    private readonly List<(byte[] Currency, Int128 Micros)> others = [];
    private readonly byte[] currency = new byte[64];
    private int currencyLength;
    private Int128 micros;

    /// <summary>What does not sum to zero, for a person; null when all does.</summary>
    public string? Unbalanced
    {
        get
        {
            if (micros == 0 && others.Count == 0)
            {
                return null;
            }

            others.Add((currency[..currencyLength], micros));
            var sums = others.Where(one => one.Micros != 0).Select(one => $"{one.Micros} micros of {CopiedTransfer.TextOf(one.Currency)}");
            var text = string.Join(", ", sums);
            return text.Length == 0 ? null : text;
        }
    }

    public void Clear()
    {
        (currencyLength, micros) = (0, 0);
        others.Clear();
    }

    public void Add(ReadOnlySpan<byte> of, long amount)
    {
        if (currencyLength == 0 && of.Length <= currency.Length)
        {
            of.CopyTo(currency);
            currencyLength = of.Length;
        }

        if (of.SequenceEqual(currency.AsSpan(0, currencyLength)))
        {
            micros += amount;
            return;
        }

        for (var index = 0; index < others.Count; index++)
        {
            if (of.SequenceEqual(others[index].Currency))
            {
                others[index] = (others[index].Currency, others[index].Micros + amount);
                return;
            }
        }

        others.Add((of.ToArray(), amount));
    }
}
