using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Quoin.Inference.Internal;

/// <summary>Writes events of a stream, each with JSON as its data.</summary>
internal sealed class SseWriter(IBufferWriter<byte> output) : IDisposable
{
    /// <summary>Answers are no HTML: only what JSON itself wants is escaped, so that text stays as short as it came.</summary>
    public static readonly JsonWriterOptions JsonOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Utf8JsonWriter json = new(output, JsonOptions);

    /// <summary>Begins an event; what is written to the result is its data.</summary>
    public Utf8JsonWriter Begin(string? name = null)
    {
        if (name is not null)
        {
            output.Write("event: "u8);
            Encoding.UTF8.GetBytes(name, output);
            output.Write("\n"u8);
        }

        output.Write("data: "u8);
        json.Reset(output);
        return json;
    }

    /// <summary>Ends the event.</summary>
    public void End()
    {
        json.Flush();
        output.Write("\n\n"u8);
    }

    /// <summary>A whole event, whose data is there already.</summary>
    /// <param name="name">Its <c>event</c> field; empty for none.</param>
    /// <param name="data">JSON; its line breaks, if it has any, stand between its members.</param>
    /// <param name="output">Takes it.</param>
    public static void Write(ReadOnlySpan<byte> name, ReadOnlySpan<byte> data, IBufferWriter<byte> output)
    {
        if (name.Length > 0)
        {
            output.Write("event: "u8);
            output.Write(name);
            output.Write("\n"u8);
        }

        output.Write("data: "u8);
        data.Replace(output.GetSpan(data.Length), (byte)'\n', (byte)' ');
        output.Advance(data.Length);
        output.Write("\n\n"u8);
    }

    /// <summary>The line that ends OpenAI's older streams.</summary>
    public void Done() => output.Write("data: [DONE]\n\n"u8);

    /// <inheritdoc />
    public void Dispose() => json.Dispose();
}
