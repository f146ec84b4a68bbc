using System.Globalization;
using System.Text;

namespace Quoin.Platform;

/// <summary>The tags of one measurement, as it gave them: the key by which its series is found again.</summary>
internal sealed class LabelSet(KeyValuePair<string, object?>[] tags)
{
    public ReadOnlySpan<KeyValuePair<string, object?>> Tags => tags;

    /// <summary>Tags as Prometheus labels: sorted, escaped, and one label where two names come out the same.</summary>
    public static string Text(IEnumerable<KeyValuePair<string, object?>> tags)
    {
        var byName = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in tags)
        {
            var name = MetricName.OfLabel(key);
            byName[name] = byName.TryGetValue(name, out var other) ? $"{other};{Value(value)}" : Value(value);
        }

        return string.Join(',', byName.Select(label => $"{label.Key}=\"{Escape(label.Value)}\""));
    }

    private static string Value(object? value)
    {
        var text = value switch
        {
            null => "",
            bool flag => flag ? "true" : "false",
            _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
        };
        return text.Length <= MetricLimits.LabelValueLengthMax ? text : text[..MetricLimits.LabelValueLengthMax];
    }

    private static string Escape(string value) => new StringBuilder(value)
        .Replace("\\", "\\\\")
        .Replace("\"", "\\\"")
        .Replace("\n", "\\n")
        .ToString();
}

/// <summary>Finds the series of a measurement without allocating: the tags are compared where they stand.</summary>
internal sealed class LabelSetComparer
    : IEqualityComparer<LabelSet>, IAlternateEqualityComparer<ReadOnlySpan<KeyValuePair<string, object?>>, LabelSet>
{
    public LabelSet Create(ReadOnlySpan<KeyValuePair<string, object?>> alternate) => new(alternate.ToArray());

    public bool Equals(LabelSet? x, LabelSet? y) => x is not null && y is not null && Equals(x.Tags, y);

    public bool Equals(ReadOnlySpan<KeyValuePair<string, object?>> alternate, LabelSet other)
    {
        var tags = other.Tags;
        if (alternate.Length != tags.Length)
        {
            return false;
        }

        for (var index = 0; index < tags.Length; index++)
        {
            if (alternate[index].Key != tags[index].Key || !Equals(alternate[index].Value, tags[index].Value))
            {
                return false;
            }
        }

        return true;
    }

    public int GetHashCode(LabelSet obj) => GetHashCode(obj.Tags);

    public int GetHashCode(ReadOnlySpan<KeyValuePair<string, object?>> alternate)
    {
        var hash = default(HashCode);
        foreach (var (key, value) in alternate)
        {
            hash.Add(key, StringComparer.Ordinal);
            hash.Add(value);
        }

        return hash.ToHashCode();
    }
}
