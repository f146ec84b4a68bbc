using System.Text.Json;

namespace Quoin.Inference;

/// <summary>
/// What vendors say with the usage that a call cost (OpenRouter's and Perplexity's <c>usage.cost</c>, DeepInfra's
/// <c>usage.estimated_cost</c>, xAI's <c>usage.cost_in_usd_ticks</c>): it is what the operator pays, and no customer's to read.
/// </summary>
public static class ToldCosts
{
    // In the answer itself, or in the response or the message that an event of a stream has.
    private const int DeepestUsage = 2;

    /// <summary>The same answer without them, their room blank; the same memory where it has none, or is no JSON.</summary>
    /// <param name="json">An answer, or the data of an event.</param>
    public static ReadOnlyMemory<byte> Without(ReadOnlyMemory<byte> json)
    {
        if (json.Span.IndexOf("cost"u8) < 0)
        {
            return json;
        }

        try
        {
            byte[]? blanked = null;
            var reader = new Utf8JsonReader(json.Span, new JsonReaderOptions { MaxDepth = Limits.RequestDepthMax });
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName
                    && reader.CurrentDepth <= DeepestUsage
                    && reader.ValueTextEquals("usage"u8)
                    && reader.Read()
                    && reader.TokenType == JsonTokenType.StartObject)
                {
                    Blank(ref reader, json, ref blanked);
                }
            }

            return blanked ?? json;
        }
        catch (JsonException)
        {
            return json;
        }
    }

    // What stays are the members before and between, with one comma between each two.
    private static void Blank(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, ref byte[]? blanked)
    {
        var start = (int)reader.BytesConsumed;
        var kept = new List<(int Start, int End)>();
        var hasCost = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isCost = reader.ValueSpan.IndexOf("cost"u8) >= 0;
            var from = (int)reader.TokenStartIndex;
            reader.Read();
            reader.Skip();
            hasCost |= isCost;
            if (!isCost)
            {
                kept.Add((from, (int)reader.BytesConsumed));
            }
        }

        if (!hasCost)
        {
            return;
        }

        blanked ??= json.ToArray();
        var at = start;
        foreach (var (index, (from, end)) in kept.Index())
        {
            blanked.AsSpan(at..from).Fill((byte)' ');
            if (index > 0)
            {
                blanked[at] = (byte)',';
            }

            at = end;
        }

        blanked.AsSpan(at..(int)reader.TokenStartIndex).Fill((byte)' ');
    }
}
