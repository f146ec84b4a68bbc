namespace Quoin.Inference;

/// <summary>
/// What a call probably used, where its provider told nothing or only a part, never above what was delivered: as a counter
/// of the model's own vocabulary has it, or a token for four bytes, which vendors themselves advise for English text.
/// </summary>
public static class Estimate
{
    private const int BytesPerToken = 4;

    /// <summary>Tokens of so many bytes of text.</summary>
    public static long Tokens(long bytes) => (bytes + BytesPerToken - 1) / BytesPerToken;

    /// <summary>An estimate by bytes.</summary>
    /// <param name="told">What the provider told before it fell silent; its input holds.</param>
    /// <param name="inputBytes">Bytes of text that were sent.</param>
    /// <param name="deliveredBytes">Bytes of text that came.</param>
    /// <param name="outputTokensMax">The bound of the output; null where there is none.</param>
    public static ModelUsage Of(ModelUsage? told, long inputBytes, long deliveredBytes, long? outputTokensMax) =>
        OfTokens(told, Tokens(inputBytes), Tokens(deliveredBytes), outputTokensMax);

    /// <summary>An estimate by counted tokens.</summary>
    /// <param name="told">What the provider told before it fell silent; its input holds.</param>
    /// <param name="inputTokens">Tokens that were sent.</param>
    /// <param name="deliveredTokens">Tokens that came.</param>
    /// <param name="outputTokensMax">The bound of the output; null where there is none.</param>
    public static ModelUsage OfTokens(ModelUsage? told, long inputTokens, long deliveredTokens, long? outputTokensMax)
    {
        var known = told ?? new ModelUsage { InputTokens = inputTokens };
        return known with
        {
            OutputTokens = Math.Max(known.OutputTokens, Math.Min(deliveredTokens, outputTokensMax ?? long.MaxValue)),
            Requests = 1,
            IsEstimated = true,
        };
    }
}
