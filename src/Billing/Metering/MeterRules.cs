using System.Text.RegularExpressions;

namespace Quoin.Metering;

/// <summary>What a meter may be. Pure.</summary>
public static partial class MeterRules
{
    /// <summary>Why a meter of this name, aggregation and unit cannot be; null when it can.</summary>
    public static string? WhyRefused(string key, string unit) =>
        key.Length > Limits.MeterNameLettersMax || !KeyPattern().IsMatch(key)
            ? $"key is words of a-z, 0-9 and _ with dots between, such as storage.byte_seconds, "
                + $"at most {Limits.MeterNameLettersMax} letters."
            : unit.Length > Limits.MeterNameLettersMax || !UnitPattern().IsMatch(unit)
                ? "unit is a word in the singular, such as token or byte-second."
                : null;

    /// <summary>Why a meter cannot read this; null when it can.</summary>
    public static string? WhyRefused(Aggregation aggregation, MeterDefinition definition) =>
        WhyEventTypeIsRefused(definition)
        ?? WhyPathsAreRefused(aggregation, definition)
        ?? WhyDimensionsAreRefused(definition)
        ?? WhyTransformsAreRefused(aggregation, definition.Transforms)
        ?? WhyBandsAreRefused(definition.Bands);

    private static string? WhyEventTypeIsRefused(MeterDefinition definition) =>
        definition.EventType.Length is > 0 and <= Limits.MeterNameLettersMax && !definition.EventType.Any(char.IsControl)
            ? null
            : $"event_type has 1 to {Limits.MeterNameLettersMax} letters.";

    private static string? WhyPathsAreRefused(Aggregation aggregation, MeterDefinition definition)
    {
        var needsValue = aggregation != Aggregation.Count;
        var needsResource = aggregation == Aggregation.TimeWeighted;
        return needsValue != definition.ValuePath is not null
            ? needsValue ? "value_path names the member of data that is measured." : "A count has no value_path."
            : needsResource != definition.ResourcePath is not null
                ? needsResource
                    ? "resource_path names the member of data that says whose level it is."
                    : "Only a time_weighted meter has a resource_path."
                : definition.IsOptional && !needsValue
                    ? "A count counts every event: nothing of it is optional."
                    : Wrong("value_path", definition.ValuePath) ?? Wrong("resource_path", definition.ResourcePath);
    }

    private static string? WhyDimensionsAreRefused(MeterDefinition definition)
    {
        if (definition.Dimensions.Count > Limits.DimensionsMax)
        {
            return $"A meter has at most {Limits.DimensionsMax} dimensions.";
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        if (definition.Bands is not null)
        {
            names.Add(MeterBands.Dimension);
        }

        foreach (var dimension in definition.Dimensions)
        {
            if (!NamePattern().IsMatch(dimension.Name) || dimension.Name.Length > Limits.MeterNameLettersMax)
            {
                return $"A dimension's name is made of a-z, 0-9 and _, at most {Limits.MeterNameLettersMax} letters.";
            }

            if (!names.Add(dimension.Name))
            {
                return $"The dimension {dimension.Name} is there twice.";
            }

            if (dimension.Default is { } absent && !IsDimensionValue(absent))
            {
                return $"A dimension's default has 1 to {Limits.DimensionBytesMax} bytes.";
            }

            if (Wrong($"The path of {dimension.Name}", dimension.Path) is { } wrong)
            {
                return wrong;
            }
        }

        return null;
    }

    private static string? WhyTransformsAreRefused(Aggregation aggregation, MeterTransforms? transforms)
    {
        if (transforms is null)
        {
            return null;
        }

        if (aggregation is not (Aggregation.Sum or Aggregation.Max or Aggregation.Min or Aggregation.Last))
        {
            return "Only sum, max, min and last have quantities of single events to transform.";
        }

        if (!IsFactor(transforms.Multiply) || !IsFactor(transforms.Divide))
        {
            return $"multiply and divide are above 0 and at most {Limits.FactorMax}, with at most {Limits.FactorScaleMax} decimals.";
        }

        return !IsQuantity(transforms.Increment) || !IsQuantity(transforms.Minimum)
            ? $"increment and minimum are above 0 and at most {Limits.QuantityMax}, with at most {Limits.QuantityScaleMax} decimals."
            : null;
    }

    private static string? WhyBandsAreRefused(MeterBands? bands)
    {
        if (bands is null)
        {
            return null;
        }

        if (bands.Paths.Count is 0 or > Limits.BandPathsMax || bands.Ranges.Count is 0 or > Limits.BandsMax)
        {
            return $"Bands have 1 to {Limits.BandPathsMax} paths and 1 to {Limits.BandsMax} ranges.";
        }

        if (bands.Paths.Select(path => Wrong("A path of bands", path)).FirstOrDefault(wrong => wrong is not null) is { } bad)
        {
            return bad;
        }

        var ends = bands.Ranges.Select(range => range.UpTo ?? decimal.MaxValue).ToList();
        var isRising = ends.Zip(ends.Skip(1)).All(pair => pair.First < pair.Second);
        if (!isRising || bands.Ranges[^1].UpTo is not null || ends[0] < 0)
        {
            return "Ranges of bands rise from zero, and only the last one has no end.";
        }

        return bands.Ranges.Any(range => range.Name is { } name && !IsDimensionValue(name))
            ? $"A band's name has 1 to {Limits.DimensionBytesMax} bytes."
            : null;
    }

    private static bool IsFactor(decimal? factor) =>
        factor is null || (factor > 0 && factor <= Limits.FactorMax && factor.Value.Scale <= Limits.FactorScaleMax);

    private static bool IsQuantity(decimal? quantity) => quantity is null
        || (quantity > 0 && quantity <= Limits.QuantityMax && quantity.Value.Scale <= Limits.QuantityScaleMax);

    private static bool IsDimensionValue(string text) =>
        text.Length > 0
        && System.Text.Encoding.UTF8.GetByteCount(text) <= Limits.DimensionBytesMax
        && !text.Any(char.IsControl);

    private static string? Wrong(string what, string? path) =>
        path is null || (path.Length <= Limits.MeterNameLettersMax && PathPattern().IsMatch(path))
            ? null
            : $"{what} is names of letters, digits, _ and - with dots between, such as usage.input_tokens.";

    [GeneratedRegex("^[a-z][a-z0-9_]*(\\.[a-z0-9_]+)*$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex KeyPattern();

    [GeneratedRegex("^[a-zA-Z][a-zA-Z0-9-]*$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex UnitPattern();

    [GeneratedRegex("^[a-z][a-z0-9_]*$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NamePattern();

    [GeneratedRegex("^[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex PathPattern();
}
