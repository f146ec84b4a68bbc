using System.Globalization;
using Quoin.Kernel;
using Quoin.Metering;

namespace Quoin.ConsolePages.BrowseMeters;

/// <summary>What a person writes about a meter, field by field as it was written, and what is wrong with it.</summary>
public sealed class MeterForm
{
    private const NumberStyles Numbers = NumberStyles.AllowDecimalPoint | NumberStyles.AllowThousands;

    // How a refusal of Metering begins, and the field it is about.
    private static readonly (string Beginning, string Field)[] About =
    [
        ("key", "key"), ("Another meter", "key"), ("unit", "unit"), ("event_type", "event_type"), ("value_path", "value_path"),
        ("A count", "value_path"), ("resource_path", "resource_path"), ("Only a time_weighted", "resource_path"),
        ("multiply", "multiply"), ("increment", "increment"), ("Only sum", "multiply"), ("effective_from", "effective_from"),
        ("Bands", "bands"), ("Ranges", "bands"), ("A band", "bands"), ("A path of bands", "bands"), ("A dimension", "dimensions"),
        ("The dimension", "dimensions"), ("A meter has at most", "dimensions"), ("The path of", "dimensions"),
    ];

    private readonly Dictionary<string, string> fields = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> wrong = new(StringComparer.Ordinal);

    /// <summary>Rows of dimensions shown: all there are, and some to fill.</summary>
    public int DimensionRows { get; private set; } = 4;

    /// <summary>Rows of ranges shown.</summary>
    public int BandRows { get; private set; } = 3;

    /// <summary>What is wrong and belongs to no one field; null when nothing is.</summary>
    public string? Complaint { get; private set; }

    /// <summary>A field's text.</summary>
    public string this[string field] => fields.GetValueOrDefault(field, string.Empty);

    /// <summary>What is wrong with a field; null when nothing is.</summary>
    public string? Wrong(string field) => wrong.GetValueOrDefault(field);

    /// <summary>A form filled with what a meter reads now.</summary>
    public static MeterForm Of(Meter meter)
    {
        var definition = meter.Newest.Definition;
        var form = new MeterForm();
        form.Set("event_type", definition.EventType);
        form.Set("value_path", definition.ValuePath);
        form.Set("resource_path", definition.ResourcePath);
        form.Set("optional", definition.IsOptional ? "true" : null);
        form.Set("multiply", Text(definition.Transforms?.Multiply));
        form.Set("divide", Text(definition.Transforms?.Divide));
        form.Set("increment", Text(definition.Transforms?.Increment));
        form.Set("minimum", Text(definition.Transforms?.Minimum));
        foreach (var (index, dimension) in definition.Dimensions.Index())
        {
            form.Set($"dimension_{index}", dimension.Name);
            form.Set($"path_{index}", dimension.Path);
            form.Set($"default_{index}", dimension.Default);
        }

        form.Set("band_paths", definition.Bands is { } bands ? string.Join(", ", bands.Paths) : null);
        foreach (var (index, range) in (definition.Bands?.Ranges ?? []).Index())
        {
            form.Set($"up_to_{index}", Text(range.UpTo));
            form.Set($"band_{index}", range.Name);
        }

        form.DimensionRows = Rows(definition.Dimensions.Count + 2, Metering.Limits.DimensionsMax);
        form.BandRows = Rows((definition.Bands?.Ranges.Count ?? 1) + 2, Metering.Limits.BandsMax);
        return form;
    }

    /// <summary>An empty form.</summary>
    public static MeterForm Empty() => new();

    /// <summary>What was sent.</summary>
    internal static MeterForm Read(PostedForm posted)
    {
        var form = new MeterForm { DimensionRows = Metering.Limits.DimensionsMax, BandRows = Metering.Limits.BandsMax };
        foreach (var field in (string[])
        [
            "key", "aggregation", "unit", "event_type", "value_path", "resource_path", "optional", "multiply", "divide",
            "increment", "minimum", "band_paths", "effective_from",
            .. Enumerable.Range(0, Metering.Limits.DimensionsMax)
                .SelectMany(row => (string[])[$"dimension_{row}", $"path_{row}", $"default_{row}"]),
            .. Enumerable.Range(0, Metering.Limits.BandsMax).SelectMany(row => (string[])[$"up_to_{row}", $"band_{row}"]),
        ])
        {
            form.Set(field, FormText.Of(posted[field]));
        }

        form.DimensionRows = Rows(form.Used("dimension_", Metering.Limits.DimensionsMax) + 2, Metering.Limits.DimensionsMax);
        form.BandRows = Rows(form.Used("up_to_", Metering.Limits.BandsMax) + 2, Metering.Limits.BandsMax);
        return form;
    }

    /// <summary>The same for Metering; null when a field cannot be read, which is then said beside it.</summary>
    public MeterDefinition? Definition()
    {
        var transforms = new MeterTransforms(Number("multiply"), Number("divide"), Number("increment"), Number("minimum"));
        var bands = Bands();
        return wrong.Count > 0
            ? null
            : new MeterDefinition(
                this["event_type"],
                [
                    .. Enumerable.Range(0, Metering.Limits.DimensionsMax)
                        .Where(row => this[$"dimension_{row}"].Length > 0)
                        .Select(row => new MeterDimension(
                            this[$"dimension_{row}"],
                            this[$"path_{row}"] is { Length: > 0 } path ? path : this[$"dimension_{row}"],
                            FormText.Of(this[$"default_{row}"]))),
                ],
                FormText.Of(this["value_path"]),
                this["optional"].Length > 0,
                FormText.Of(this["resource_path"]),
                transforms == new MeterTransforms() ? null : transforms,
                bands);
    }

    /// <summary>From when on it measures; null where nothing was written, or nothing that can be read.</summary>
    public DateTimeOffset? EffectiveFrom()
    {
        var instant = FormText.Instant(this["effective_from"]);
        if (instant is null && this["effective_from"].Length > 0)
        {
            wrong["effective_from"] = "This is no date with a time of day.";
        }

        return instant;
    }

    /// <summary>Whether everything could be read so far.</summary>
    public bool IsReadable => wrong.Count == 0 && Complaint is null;

    /// <summary>Puts a refusal beside the field it is about.</summary>
    public void Refuse(string reason)
    {
        var text = reason.StartsWith("meters[0]: ", StringComparison.Ordinal) ? reason["meters[0]: ".Length..] : reason;
        var about = Array.Find(About, one => text.StartsWith(one.Beginning, StringComparison.Ordinal));
        if (about.Field is null)
        {
            Complaint = text;
        }
        else
        {
            wrong[about.Field] = text;
        }
    }

    private MeterBands? Bands()
    {
        if (this["band_paths"].Length == 0 && Used("up_to_", Metering.Limits.BandsMax) == 0)
        {
            return null;
        }

        var rows = Enumerable.Range(0, Metering.Limits.BandsMax)
            .Where(row => this[$"up_to_{row}"].Length > 0 || this[$"band_{row}"].Length > 0);
        return new MeterBands(
            [.. this["band_paths"].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)],
            [.. rows.Select(row => new MeterBand(Number($"up_to_{row}", "bands"), FormText.Of(this[$"band_{row}"])))]);
    }

    private decimal? Number(string field, string? saidBeside = null)
    {
        var isNumber = decimal.TryParse(this[field], Numbers, CultureInfo.InvariantCulture, out var number);
        if (!isNumber && this[field].Length > 0)
        {
            wrong[saidBeside ?? field] = $"{this[field]} is no number.";
        }

        return isNumber ? number : null;
    }

    private int Used(string prefix, int most) =>
        Enumerable.Range(0, most).LastOrDefault(row => this[$"{prefix}{row}"].Length > 0, -1) + 1;

    private static int Rows(int wanted, int most) => Math.Min(Math.Max(wanted, 3), most);

    private void Set(string field, string? text) => fields[field] = text ?? string.Empty;

    private static string? Text(decimal? number) => number?.ToString(CultureInfo.InvariantCulture);
}
