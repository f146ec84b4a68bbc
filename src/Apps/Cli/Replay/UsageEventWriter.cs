using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Quoin.Cli;

/// <summary>One LLM call to report.</summary>
/// <param name="Id">Its CloudEvents id: the same source and id count once, for ever.</param>
/// <param name="Time">When it happened.</param>
/// <param name="Subject">What it was for; null leaves it out.</param>
/// <param name="Model">The model that answered.</param>
/// <param name="InputTokens">Tokens of the prompt.</param>
/// <param name="OutputTokens">Tokens of the answer.</param>
public readonly record struct CompletionEvent(
    string Id, DateTimeOffset Time, string? Subject, string Model, long InputTokens, long OutputTokens);

/// <summary>Writes LLM calls as a batch of CloudEvents 1.0 in JSON.</summary>
public sealed class UsageEventWriter(string source)
{
    /// <summary>The type of the events of one LLM call.</summary>
    public const string CompletionType = "llm.completion";

    /// <summary>The media type of a batch.</summary>
    public const string BatchMedia = "application/cloudevents-batch+json";

    // Ids, models and subjects are plain text; escaping every non-ASCII letter only makes them longer.
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A request's body for some calls.</summary>
    public ReadOnlyMemory<byte> Batch(IEnumerable<CompletionEvent> calls)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var writer = new Utf8JsonWriter(buffer, Relaxed))
        {
            writer.WriteStartArray();
            foreach (var call in calls)
            {
                Write(writer, call);
            }

            writer.WriteEndArray();
        }

        return buffer.WrittenMemory;
    }

    private void Write(Utf8JsonWriter writer, CompletionEvent call)
    {
        writer.WriteStartObject();
        writer.WriteString("specversion"u8, "1.0"u8);
        writer.WriteString("type"u8, CompletionType);
        writer.WriteString("source"u8, source);
        writer.WriteString("id"u8, call.Id);
        writer.WriteString("time"u8, call.Time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture));
        if (call.Subject is { } subject)
        {
            writer.WriteString("subject"u8, subject);
        }

        writer.WriteStartObject("data"u8);
        writer.WriteString("model"u8, call.Model);
        writer.WriteNumber("input_tokens"u8, call.InputTokens);
        writer.WriteNumber("output_tokens"u8, call.OutputTokens);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
