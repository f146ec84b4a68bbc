namespace Quoin.Inference;

/// <summary>
/// What a call probably used, where its provider told nothing or only a part: a token for four bytes, which is what the
/// vendors themselves advise for English text, never above what was delivered.
/// </summary>
public static class Estimate
{
    private const int BytesPerToken = 4;

    /// <summary>Tokens of so many bytes of text.</summary>
    public static long Tokens(long bytes) => (bytes + BytesPerToken - 1) / BytesPerToken;

    /// <summary>An estimate.</summary>
    /// <param name="told">What the provider told before it fell silent; its input holds.</param>
    /// <param name="inputBytes">Bytes of text that were sent.</param>
    /// <param name="deliveredBytes">Bytes of text that came.</param>
    /// <param name="outputTokensMax">The bound of the output; null where there is none.</param>
    public static ModelUsage Of(ModelUsage? told, long inputBytes, long deliveredBytes, long? outputTokensMax)
    {
        var known = told ?? new ModelUsage { InputTokens = Tokens(inputBytes) };
        return known with
        {
            OutputTokens = Math.Max(known.OutputTokens, Math.Min(Tokens(deliveredBytes), outputTokensMax ?? long.MaxValue)),
            Requests = 1,
            IsEstimated = true,
        };
    }
}
