using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Quoin.Payments.Stripe;

/// <summary>
/// The form Stripe reads: names of nested values in brackets (<c>line_items[0][price]</c>), lists by index, instants as
/// whole seconds, null as an empty value, which unsets.
/// </summary>
internal sealed class StripeForm
{
    private readonly List<KeyValuePair<string, string>> fields = [];

    /// <summary>Name and value of each field, in the order they were added.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Fields => fields;

    /// <summary>The fields of a JSON object, in its order.</summary>
    public static StripeForm Of(JsonElement element)
    {
        var form = new StripeForm();
        foreach (var member in element.EnumerateObject())
        {
            form.AddElement(member.Name, member.Value);
        }

        return form;
    }

    /// <summary>Adds a text; null adds nothing.</summary>
    public StripeForm Add(string name, string? value)
    {
        if (value is not null)
        {
            fields.Add(new(name, value));
        }

        return this;
    }

    /// <summary>Adds a number; null adds nothing.</summary>
    public StripeForm Add(string name, long? value) => Add(name, value?.ToString(CultureInfo.InvariantCulture));

    /// <summary>Adds a statement; null adds nothing.</summary>
    public StripeForm Add(string name, bool? value) => Add(name, value is { } known ? known ? "true" : "false" : null);

    /// <summary>Adds an instant; null adds nothing.</summary>
    public StripeForm Add(string name, DateTimeOffset? value) => Add(name, value?.ToUnixTimeSeconds());

    /// <summary>Adds metadata under a name, in byte order of its own names.</summary>
    public StripeForm Add(string name, IReadOnlyDictionary<string, string> metadata)
    {
        foreach (var (key, value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            Add($"{name}[{key}]", value);
        }

        return this;
    }

    /// <summary>Adds what answers carry beside themselves.</summary>
    public StripeForm Expand(params ReadOnlySpan<string> paths)
    {
        for (var index = 0; index < paths.Length; index++)
        {
            Add(string.Create(CultureInfo.InvariantCulture, $"expand[{index}]"), paths[index]);
        }

        return this;
    }

    /// <summary>The encoded fields, for an address or a body.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var (name, value) in fields)
        {
            text.Append(text.Length == 0 ? "" : "&").Append(Escape(name)).Append('=').Append(Escape(value));
        }

        return text.ToString();
    }

    // Brackets stay readable, as the vendor's libraries leave them: the server takes both.
    private static string Escape(string text) =>
        Uri.EscapeDataString(text).Replace("%5B", "[", StringComparison.Ordinal).Replace("%5D", "]", StringComparison.Ordinal);

    private void AddElement(string name, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject())
                {
                    AddElement($"{name}[{member.Name}]", member.Value);
                }

                break;
            case JsonValueKind.Array:
                var index = 0;
                foreach (var item in value.EnumerateArray())
                {
                    AddElement(string.Create(CultureInfo.InvariantCulture, $"{name}[{index}]"), item);
                    index++;
                }

                break;
            case JsonValueKind.Null or JsonValueKind.Undefined:
                Add(name, "");
                break;
            case JsonValueKind.String:
                Add(name, value.GetString());
                break;
            default:
                Add(name, value.GetRawText());
                break;
        }
    }
}
