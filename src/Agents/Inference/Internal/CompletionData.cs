using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Quoin.Inference.Internal;

/// <summary>
/// What a usage event of one call says: the data of an <c>llm.completion</c>, whose quantities share no token. The same data
/// is measured for a quote and written for Metering, so what is quoted is what will be rated.
/// </summary>
internal sealed class CompletionData
{
    /// <summary>The type of events of calls, which the token meters read.</summary>
    public const string EventType = "llm.completion";

    /// <summary>Texts that a meter may tell usage apart by are no longer than this; see Metering's limits.</summary>
    private const int TextBytesMax = 200;

    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Dictionary<string, string> texts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, decimal> numbers = new(StringComparer.Ordinal);

    /// <summary>The data of nothing used yet, of one model.</summary>
    public CompletionData(ProviderModel model)
    {
        Say("model", model.Model);
        Say("provider", model.Provider);
        // The meters of input and output ask for both, however little there was.
        numbers["input_tokens"] = 0;
        numbers["output_tokens"] = 0;
    }

    /// <summary>Says something that usage may be told apart by; nothing where it is empty, less where it is long.</summary>
    public void Say(string name, string? text)
    {
        if (!string.IsNullOrEmpty(text))
        {
            texts[name] = Encoding.UTF8.GetByteCount(text) <= TextBytesMax ? text : Shortened(text);
        }
    }

    /// <summary>Says how much of something was used; zero is not said.</summary>
    public void Count(string name, decimal quantity)
    {
        if (quantity > 0)
        {
            numbers[name] = quantity;
        }
    }

    /// <summary>Takes back what was said of something.</summary>
    public void Withdraw(string name) => numbers.Remove(name);

    /// <summary>A text that was said; null where none was.</summary>
    public string? Text(string path) => texts.GetValueOrDefault(path);

    /// <summary>A quantity that was said; null where none was.</summary>
    public decimal? Number(string path) => numbers.TryGetValue(path, out var number) ? number : null;

    /// <summary>The data as JSON.</summary>
    public string ToJson()
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, Relaxed))
        {
            writer.WriteStartObject();
            foreach (var (name, text) in texts)
            {
                writer.WriteString(name, text);
            }

            foreach (var (name, number) in numbers)
            {
                writer.WriteNumber(name, number);
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static string Shortened(string text)
    {
        var kept = new StringBuilder();
        var bytes = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > TextBytesMax)
            {
                break;
            }

            kept.Append(rune);
        }

        return kept.ToString();
    }
}
