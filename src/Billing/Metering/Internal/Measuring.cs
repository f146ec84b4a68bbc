using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Quoin.Kernel;

namespace Quoin.Metering.Internal;

/// <summary>What one event says to one meter.</summary>
/// <param name="Meter">The meter.</param>
/// <param name="Dimensions">Of which kind.</param>
/// <param name="Quantity">How much; the level of a time-weighted meter.</param>
/// <param name="Text">The value a unique count tells apart, or the resource whose level this is; null otherwise.</param>
internal readonly record struct Measurement(Meter Meter, Dimensions Dimensions, decimal Quantity, string? Text);

/// <summary>
/// Measures events: reads what meters ask for from canonical data. What depends on one event alone (transforms, bands) is
/// decided here and becomes quantity and dimension. Not for several threads at once.
/// </summary>
internal sealed class Measuring
{
    private readonly CanonicalJson canonical;
    private Measurement[] scratch = [];
    private readonly Dictionary<(MeterReading Reading, string? First, string? Second, string? Band), Dimensions> remembered = [];

    /// <summary>Measures what some canonical JSON holds, whenever it is written anew.</summary>
    public Measuring(CanonicalJson canonical) => this.canonical = canonical;

    /// <summary>Measures data that is given with each question.</summary>
    public Measuring()
        : this(new CanonicalJson())
    {
    }

    /// <summary>What stored data says to one meter; null when nothing that can be counted.</summary>
    public Measurement? Measure(MeterReading reading, string dataJson)
    {
        try
        {
            var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(dataJson));
            reader.Read();
            canonical.Write(ref reader);
            var found = Measure([reading]);
            return found.Length == 0 ? null : found[0];
        }
        catch (EventRejectedException)
        {
            // A meter that came after the event may ask for what the event never had: it was not counted by it.
            return null;
        }
    }

    /// <summary>What the data written last says to some meters.</summary>
    /// <exception cref="EventRejectedException">A value or dimension is missing or cannot be.</exception>
    public Measurement[] Measure(MeterReading[] readings)
    {
        if (scratch.Length < readings.Length)
        {
            scratch = new Measurement[readings.Length];
        }

        var count = 0;
        var group = -1;
        var dimensions = Dimensions.None;
        foreach (var reading in readings)
        {
            if (reading.Definition.IsOptional && IsMissing(Find(reading.Value!)))
            {
                continue;
            }

            // Meters of one type mostly tell usage apart by the same properties: read once.
            if (reading.Group != group)
            {
                (group, dimensions) = (reading.Group, DimensionsOf(reading));
            }

            scratch[count++] = new Measurement(reading.Meter, dimensions, QuantityOf(reading), TextOf(reading));
        }

        // Most meters of a type are optional, and most events lack them: only what was said is kept.
        return scratch[..count];
    }

    /// <summary>
    /// When the usage ended, where the data tells of a stretch of time; null where it does not.
    /// </summary>
    /// <exception cref="EventRejectedException">An end is no instant, or lies before its start.</exception>
    public DateTimeOffset? WindowEnd()
    {
        if (canonical.TopLevel("window_end"u8).Length == 0 && canonical.TopLevel("window_start"u8).Length == 0)
        {
            return null;
        }

        var (start, end) = (InstantAt("window_start"u8), InstantAt("window_end"u8));
        return end >= start ? end : throw new EventRejectedException("data.window_end lies before data.window_start");
    }

    /// <summary>Where the data names a unit, it must be one its meters count in: else the quantity means something else.</summary>
    /// <exception cref="EventRejectedException">No meter counts in it.</exception>
    public void RequireUnit(MeterReading[] readings)
    {
        var unit = canonical.TopLevel("unit"u8);
        if (unit.Length == 0)
        {
            return;
        }

        var text = Encoding.UTF8.GetString(unit).Trim('"');
        if (!Array.Exists(readings, reading => reading.Meter.Unit == text))
        {
            var known = string.Join(", ", readings.Select(reading => reading.Meter.Unit).Distinct());
            throw new EventRejectedException($"data.unit must be one of {known}", ProblemKind.InvalidQuantity);
        }
    }

    private DateTimeOffset InstantAt(ReadOnlySpan<byte> name)
    {
        var value = canonical.TopLevel(name);
        return value.Length > 2 && Platform.Rfc3339.TryParse(value[1..^1], out DateTimeOffset instant)
            ? instant
            : throw new EventRejectedException(
                $"data.{Encoding.UTF8.GetString(name)} must be an RFC 3339 instant with an offset");
    }

    private decimal QuantityOf(MeterReading reading)
    {
        switch (reading.Meter.Aggregation)
        {
            case Aggregation.Count:
                return 1;
            case Aggregation.UniqueCount:
                return 0;
            case Aggregation.TimeWeighted:
                return NumberAt(reading.Value!, Limits.LevelMax, Limits.LevelScaleMax);
            default:
                var quantity = NumberAt(reading.Value!, Limits.QuantityMax, Limits.QuantityScaleMax);
                return reading.Transforms is { } transforms ? Transformed(transforms, quantity) : quantity;
        }
    }

    private static decimal Transformed(MeterTransforms transforms, decimal quantity) =>
        Transforming.Apply(transforms, quantity) ?? throw new EventRejectedException(
            $"the transformed quantity is larger than {Limits.QuantityMax}", ProblemKind.InvalidQuantity);

    private decimal NumberAt(byte[][] path, decimal max, int scaleMax)
    {
        const int digitsMax = 30;
        var value = Find(path);
        var isNumber = value.Length > 0 && (value[0] == '-' || char.IsAsciiDigit((char)value[0]));
        if (!isNumber)
        {
            throw new EventRejectedException($"data.{Shown(path)} must be a number", ProblemKind.InvalidQuantity);
        }

        // Canonical numbers carry no exponent, so a long one is too large or too fine.
        var isRead = Utf8Parser.TryParse(value, out decimal quantity, out var consumed) && consumed == value.Length;
        return isRead && value.Length <= digitsMax && quantity >= 0 && quantity <= max && quantity.Scale <= scaleMax
            ? quantity
            : throw new EventRejectedException(
                $"data.{Shown(path)} must be between 0 and {max} with at most {scaleMax} decimals",
                ProblemKind.InvalidQuantity);
    }

    private string? TextOf(MeterReading reading) => reading.Meter.Aggregation switch
    {
        Aggregation.UniqueCount => ScalarAt(reading.Value!),
        Aggregation.TimeWeighted => TextAt(reading.Resource!),
        _ => null,
    };

    // A number and a text that look alike are different values, so the text keeps its quotes.
    private string ScalarAt(byte[][] path)
    {
        var value = Find(path);
        return !IsMissing(value) && value[0] is not ((byte)'{' or (byte)'[') && value.Length <= Limits.DimensionBytesMax
            ? Encoding.UTF8.GetString(value)
            : throw new EventRejectedException(
                $"data.{Shown(path)} must be a text or number of 1 to {Limits.DimensionBytesMax} bytes");
    }

    private Dimensions DimensionsOf(MeterReading reading)
    {
        var band = reading.Definition.Bands is { } bands ? BandOf(reading, bands) : null;
        return reading.Dimensions switch
        {
            [] when band is null => Dimensions.None,
            [] => Remembered(reading, null, null, band),
            [var only] => Remembered(reading, ValueOf(only), null, band),
            [var first, var second] => Remembered(reading, ValueOf(first), ValueOf(second), band),
            _ => Dimensions.Of(Pairs(reading, reading.Dimensions.Select(ValueOf), band)),
        };
    }

    // Nearly all events repeat a handful of values, so their text is made once.
    private Dimensions Remembered(MeterReading reading, string? first, string? second, string? band)
    {
        const int rememberedMax = 1_000;
        if (!remembered.TryGetValue((reading, first, second, band), out var dimensions))
        {
            if (remembered.Count >= rememberedMax)
            {
                remembered.Clear();
            }

            string[] values = [.. new[] { first, second }.OfType<string>()];
            dimensions = Dimensions.Of(Pairs(reading, values, band));
            remembered[(reading, first, second, band)] = dimensions;
        }

        return dimensions;
    }

    private static IEnumerable<KeyValuePair<string, string>> Pairs(
        MeterReading reading, IEnumerable<string> values, string? band)
    {
        var pairs = reading.Dimensions.Zip(values, (dimension, value) => KeyValuePair.Create(dimension.Name, value));
        return band is null ? pairs : pairs.Append(KeyValuePair.Create(MeterBands.Dimension, band));
    }

    private string? BandOf(MeterReading reading, MeterBands bands)
    {
        var size = 0m;
        foreach (var path in reading.BandPaths)
        {
            size += IsMissing(Find(path)) ? 0 : NumberAt(path, Limits.QuantityMax, Limits.QuantityScaleMax);
        }

        foreach (var range in bands.Ranges)
        {
            if (range.UpTo is null || size <= range.UpTo)
            {
                return range.Name;
            }
        }

        throw new InvalidOperationException("The last range of bands has an end.");
    }

    private string ValueOf(MeterReading.ReadDimension dimension) =>
        dimension.Default is { } absent && IsMissing(Find(dimension.Path)) ? absent : TextAt(dimension.Path);

    private string TextAt(byte[][] path)
    {
        var value = Find(path);
        return value.Length > 2 && value[0] == '"' && value.Length - 2 <= Limits.DimensionBytesMax
            ? value.Contains((byte)'\\') ? JsonSerializer.Deserialize<string>(value)! : Encoding.UTF8.GetString(value[1..^1])
            : throw new EventRejectedException(
                $"data.{Shown(path)} must be a string of 1 to {Limits.DimensionBytesMax} bytes");
    }

    private ReadOnlySpan<byte> Find(byte[][] path)
    {
        var value = canonical.TopLevel(path[0]);
        for (var step = 1; step < path.Length && value.Length > 0; step++)
        {
            value = Member(value, path[step]);
        }

        return value;
    }

    private static ReadOnlySpan<byte> Member(ReadOnlySpan<byte> json, byte[] name)
    {
        var reader = new Utf8JsonReader(json);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return default;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isWanted = reader.ValueTextEquals(name);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (isWanted)
            {
                return json[start..(int)reader.BytesConsumed];
            }
        }

        return default;
    }

    private static bool IsMissing(ReadOnlySpan<byte> value) => value.Length == 0 || value.SequenceEqual("null"u8);

    private static string Shown(byte[][] path) => $"'{string.Join('.', path.Select(Encoding.UTF8.GetString))}'";

    /// <summary>128 bits of SHA-256.</summary>
    public static Guid Hash(ReadOnlySpan<byte> bytes)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, digest);
        return new Guid(digest[..16], bigEndian: true);
    }
}
