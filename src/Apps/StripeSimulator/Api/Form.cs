using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Quoin.StripeSimulator.Internal;

namespace Quoin.StripeSimulator.Api;

/// <summary>
/// A call's parameters: what a form or a query says with names such as <c>items[0][price]</c>, as a tree. An empty
/// value unsets what it names.
/// </summary>
internal sealed class Form
{
    private readonly JsonObject values;
    private readonly string prefix;

    private Form(JsonObject values, string prefix) => (this.values, this.prefix) = (values, prefix);

    /// <summary>No parameters.</summary>
    public static Form Empty { get; } = new([], string.Empty);

    /// <summary>The names on this level.</summary>
    public IEnumerable<string> Names => values.Select(value => value.Key);

    /// <summary>Reads <c>a[b]=c&amp;…</c>.</summary>
    public static Form Read(params IEnumerable<string?> texts)
    {
        var root = new JsonObject();
        foreach (var pair in texts.OfType<string>()
            .SelectMany(text => text.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries)))
        {
            var cut = pair.IndexOf('=', StringComparison.Ordinal);
            var (name, value) = cut < 0 ? (pair, string.Empty) : (pair[..cut], pair[(cut + 1)..]);
            Add(root, WebUtility.UrlDecode(name), WebUtility.UrlDecode(value));
        }

        return new Form((JsonObject)Arrays(root)!, string.Empty);
    }

    /// <summary>Of pairs that are decoded already, such as the parts of a multipart body.</summary>
    public static Form Of(IEnumerable<(string Name, string Value)> pairs)
    {
        var root = new JsonObject();
        foreach (var (name, value) in pairs)
        {
            Add(root, name, value);
        }

        return new Form((JsonObject)Arrays(root)!, string.Empty);
    }

    /// <summary>One text that says the same for the same parameters, in whatever order they came.</summary>
    public string Canonical() => Json.WriteLine(Sorted(values)!);

    /// <summary>Whether a parameter was sent at all, to set or to unset.</summary>
    public bool Has(string name) => values.ContainsKey(name);

    /// <summary>Whether a parameter was sent empty.</summary>
    public bool Unsets(string name) => values[name] is JsonValue value && value.GetValue<string>().Length == 0;

    /// <summary>A text; null when it was not sent, or empty.</summary>
    public string? Text(string name) => values[name] switch
    {
        null => null,
        JsonValue value => value.GetValue<string>() is { Length: > 0 } text ? text : null,
        _ => throw ApiException.Invalid(Path(name), $"Invalid string: {{}}; {Path(name)} takes a text."),
    };

    /// <summary>A text that must be there.</summary>
    public string Required(string name) => Text(name) ?? throw ApiException.Required(Path(name));

    /// <summary>A whole number; null when it was not sent.</summary>
    public long? Whole(string name) => Text(name) is not { } text ? null
        : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number
        : throw new ApiException(400, "invalid_request_error", $"Invalid integer: {text}")
        {
            Code = "parameter_invalid_integer",
            Param = Path(name),
            IsBeforeExecution = true,
        };

    /// <summary>True or false; null when it was not sent.</summary>
    public bool? Flag(string name) => Text(name) switch
    {
        null => null,
        "true" or "1" => true,
        "false" or "0" => false,
        var text => throw new ApiException(
            400, "invalid_request_error", $"Invalid boolean: {text}")
        { Param = Path(name), IsBeforeExecution = true },
    };

    /// <summary>One of some words; null when it was not sent.</summary>
    public string? OneOf(string name, params ReadOnlySpan<string> words)
    {
        if (Text(name) is not { } text || words.Contains(text))
        {
            return Text(name);
        }

        throw new ApiException(400, "invalid_request_error", $"Invalid {name}: must be one of {string.Join(", ", words.ToArray())}")
        {
            Param = Path(name),
            IsBeforeExecution = true,
        };
    }

    /// <summary>Parameters below a name; null when none were sent.</summary>
    public Form? Child(string name) => values[name] is JsonObject child ? new Form(child, Path(name)) : null;

    /// <summary>The parameters of each item of an array.</summary>
    public IReadOnlyList<Form> Children(string name) => values[name] is JsonArray array
        ? [.. array.Select((item, index) => new Form(
            item as JsonObject ?? throw ApiException.Invalid(Path(name), $"Invalid object: {Path(name)}"),
            $"{Path(name)}[{index}]"))]
        : [];

    /// <summary>The texts of an array.</summary>
    public IReadOnlyList<string> Texts(string name) => values[name] switch
    {
        JsonArray array => [.. array.OfType<JsonValue>().Select(value => value.GetValue<string>())],
        JsonValue value when value.GetValue<string>().Length > 0 => [value.GetValue<string>()],
        _ => [],
    };

    /// <summary>A copy of what was sent below a name, with texts as they came; null when none was.</summary>
    public JsonNode? Node(string name) => values[name]?.DeepClone();

    /// <summary>The parameter's whole name, for errors.</summary>
    public string Path(string name) => prefix.Length == 0 ? name : $"{prefix}[{name}]";

    /// <summary>Metadata, put over what was there: an empty value removes its key, an empty whole removes all.</summary>
    public JsonObject Metadata(JsonObject? before = null, string name = "metadata")
    {
        var metadata = before?.Copy() ?? [];
        if (Unsets(name))
        {
            return [];
        }

        foreach (var key in Child(name)?.Names ?? [])
        {
            if (Child(name)!.Text(key) is not { } value)
            {
                metadata.Remove(key);
                continue;
            }

            if (key.Length > Limits.MetadataKeyMax || value.Length > Limits.MetadataValueMax)
            {
                throw ApiException.Invalid(
                    $"{Path(name)}[{key}]",
                        $"Metadata keys can have up to 40 characters and values up to 500; you passed in {key.Length} "
                        + $"and {value.Length}.");
            }

            metadata[key] = value;
        }

        return metadata.Count <= Limits.MetadataPairsMax
            ? metadata
            : throw ApiException.Invalid(Path(name), "You can have up to 50 keys of metadata.");
    }

    private static void Add(JsonObject root, string name, string value)
    {
        var parts = name.Split('[').Select(part => part.TrimEnd(']')).ToList();
        if (parts.Count > Limits.FormDepthMax)
        {
            throw ApiException.Invalid(name, "Parameters are nested too deep.");
        }

        var at = root;
        foreach (var part in parts.Take(parts.Count - 1).Select((part, index) => (part, index)))
        {
            var key = part.part.Length == 0 ? at.Count.ToString(CultureInfo.InvariantCulture) : part.part;
            at = at[key] as JsonObject ?? Put(at, key);
        }

        var last = parts[^1].Length == 0 ? at.Count.ToString(CultureInfo.InvariantCulture) : parts[^1];
        at[last] = value;
    }

    private static JsonObject Put(JsonObject at, string key)
    {
        var inner = new JsonObject();
        at[key] = inner;
        return inner;
    }

    // What is named by numbers only is an array.
    private static JsonNode? Arrays(JsonNode? node)
    {
        if (node is not JsonObject value)
        {
            return node?.DeepClone();
        }

        var isArray = value.Count > 0 && value.All(member => member.Key.All(char.IsAsciiDigit));
        return isArray
            ? new JsonArray(
                [.. value.OrderBy(member => int.Parse(member.Key, CultureInfo.InvariantCulture))
                .Select(member => Arrays(member.Value))])
            : new JsonObject(value.Select(member => KeyValuePair.Create(member.Key, Arrays(member.Value))));
    }

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject value => new JsonObject(value.OrderBy(member => member.Key, StringComparer.Ordinal)
            .Select(member => KeyValuePair.Create(member.Key, Sorted(member.Value)))),
        JsonArray array => new JsonArray([.. array.Select(Sorted)]),
        _ => node?.DeepClone(),
    };
}
