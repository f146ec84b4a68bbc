using System.Text.Json;

namespace Quoin.Inference.Internal;

/// <summary>
/// What a call used whose provider did not say so, counted by the vocabulary of the model that answered; by bytes where
/// nobody here knows it. Flagged as an estimate, and never above what was delivered.
/// </summary>
internal static class CountedUsage
{
    // What OpenAI adds around each message, and before the answer.
    private const int TokensPerMessage = 3;

    // Addresses, data and marks are no text, whatever stands there.
    private static readonly string[] NoText =
        ["url", "image_url", "data", "file_data", "file_id", "id", "type", "role", "signature", "encrypted_content", "model"];

    private static readonly string[] Spoken =
        ["messages", "input", "prompt", "system", "instructions", "contents"];

    private static readonly string[] Declared = ["tools", "functions", "response_format", "text"];

    /// <summary>Of a stream: what was told of it, else what went through.</summary>
    public static ModelUsage OfStream(PreparedCall call, ProviderModel answered, StreamMeter meter)
    {
        if ((meter.Told is not null && meter.IsTotalTold) || TokenCounter.Of(answered.Model) is not { } counter)
        {
            return meter.Used(call.InputBytes, call.OutputTokensMost);
        }

        return Estimate.OfTokens(
            meter.Told, InputTokens(call, counter), meter.DeliveredTokens(counter), call.OutputTokensMost);
    }

    /// <summary>Of a plain answer that does not say; empty for one that never came.</summary>
    public static ModelUsage OfAnswer(PreparedCall call, ProviderModel answered, ReadOnlySpan<byte> answer)
    {
        if (TokenCounter.Of(answered.Model) is not { } counter)
        {
            var bytes = answer.IsEmpty ? 0 : StreamMeter.TextBytes(answer);
            return Estimate.Of(null, call.InputBytes, bytes, call.OutputTokensMost);
        }

        var tokens = answer.IsEmpty ? 0 : StreamMeter.TextTokens(answer, counter);
        return Estimate.OfTokens(null, InputTokens(call, counter), tokens, call.OutputTokensMost);
    }

    private static long InputTokens(PreparedCall call, TokenCounter counter)
    {
        try
        {
            return Math.Min(InputTokens(call.Body, counter), Math.Max(1, call.InputBytes));
        }
        catch (RefusedRequestException)
        {
            // It went through as it is and was answered: what cannot be read here is used nevertheless.
            return Estimate.Tokens(call.InputBytes);
        }
    }

    /// <summary>The tokens of a request's text, in any protocol.</summary>
    internal static long InputTokens(ReadOnlyMemory<byte> body, TokenCounter counter)
    {
        using var document = JsonMembers.Parse(body);
        var tokens = (long)TokensPerMessage;
        foreach (var member in document.RootElement.EnumerateObject())
        {
            if (Spoken.Contains(member.Name))
            {
                tokens += Tokens(member.Value, counter);
            }
            else if (Declared.Contains(member.Name))
            {
                tokens += counter.Count(member.Value.GetRawText());
            }
        }

        return tokens;
    }

    private static long Tokens(JsonElement value, TokenCounter counter) => value.ValueKind switch
    {
        JsonValueKind.String => counter.Count(value.GetString()!),
        JsonValueKind.Array => value.EnumerateArray().Sum(item => Tokens(item, counter)),
        JsonValueKind.Object =>
            (value.TryGetProperty("role", out _) ? TokensPerMessage : 0)
            + value.EnumerateObject()
                .Where(member => !NoText.Contains(member.Name))
                .Sum(member => Tokens(member.Value, counter)),
        _ => 0,
    };
}
