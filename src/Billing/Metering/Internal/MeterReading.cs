using System.Text;

namespace Quoin.Metering.Internal;

/// <summary>A meter's version as it reads canonical bytes: paths as UTF-8 names, made once.</summary>
internal sealed class MeterReading(Meter meter, MeterDefinition definition)
{
    public Meter Meter => meter;

    public MeterDefinition Definition => definition;

    public byte[][]? Value { get; } = Steps(definition.ValuePath);

    public byte[][]? Resource { get; } = Steps(definition.ResourcePath);

    public MeterTransforms? Transforms => definition.Transforms;

    public ReadDimension[] Dimensions { get; } =
    [
        .. definition.Dimensions
            .OrderBy(dimension => dimension.Name, StringComparer.Ordinal)
            .Select(dimension => new ReadDimension(dimension.Name, Steps(dimension.Path)!, dimension.Default)),
    ];

    public byte[][][] BandPaths { get; } = [.. (definition.Bands?.Paths ?? []).Select(path => Steps(path)!)];

    /// <summary>Readings of one group stand side by side and tell usage apart alike: their dimensions are read once.</summary>
    public int Group { get; set; }

    /// <summary>Whether two meters tell usage apart alike, so that it is read once.</summary>
    public bool TellsApartLike(MeterReading other) =>
        definition.Dimensions.SequenceEqual(other.Definition.Dimensions)
        && (definition.Bands?.Paths ?? []).SequenceEqual(other.Definition.Bands?.Paths ?? [])
        && (definition.Bands?.Ranges ?? []).SequenceEqual(other.Definition.Bands?.Ranges ?? []);

    private static byte[][]? Steps(string? path) => path?.Split('.').Select(Encoding.UTF8.GetBytes).ToArray();

    internal sealed record ReadDimension(string Name, byte[][] Path, string? Default);
}
