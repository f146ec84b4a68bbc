using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Quoin.Kernel;

/// <summary>
/// What a piece of usage is told apart by: names and values, such as <c>{"model":"gpt-4o"}</c>. Kept as canonical JSON
/// text (names in ordinal order, no blanks), so that equal dimensions are equal text in code and in the database.
/// </summary>
public readonly record struct Dimensions
{
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private const string Empty = "{}";

    private readonly string? text;

    private Dimensions(string text) => this.text = text;

    /// <summary>No dimensions.</summary>
    public static Dimensions None => default;

    /// <summary>The canonical JSON text.</summary>
    public string Text => text ?? Empty;

    /// <summary>Dimensions from names and values; a name given twice is a programmer error.</summary>
    public static Dimensions Of(IEnumerable<KeyValuePair<string, string>> pairs)
    {
        var sorted = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in pairs)
        {
            sorted.Add(name, value);
        }

        if (sorted.Count == 0)
        {
            return None;
        }

        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Relaxed))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in sorted)
            {
                writer.WriteString(name, value);
            }

            writer.WriteEndObject();
        }

        return new Dimensions(Encoding.UTF8.GetString(buffer.WrittenSpan));
    }

    /// <summary>One name and value.</summary>
    public static Dimensions Of(string name, string value) => Of([new(name, value)]);

    /// <summary>Dimensions as they were stored.</summary>
    public static Dimensions FromText(string canonical) => canonical == Empty ? None : new Dimensions(canonical);

    /// <summary>The names and values.</summary>
    public IReadOnlyDictionary<string, string> ToDictionary() =>
        JsonSerializer.Deserialize<Dictionary<string, string>>(Text) ?? [];

    /// <inheritdoc />
    public override string ToString() => Text;
}
