using Quoin.Platform;

namespace Quoin.Metering;

/// <summary>A meter to define.</summary>
/// <param name="Key">Its name: <c>storage.byte_seconds</c>. It never changes.</param>
/// <param name="Aggregation">How events become one quantity. It never changes.</param>
/// <param name="Unit">What one of the quantity is: <c>byte-second</c>. It never changes.</param>
/// <param name="Definition">What it reads.</param>
/// <param name="EffectiveFrom">
/// From when on it measures, a quarter hour at least ten minutes ahead. Left out, it is the next such; the first meters of
/// an event type measure from the beginning.
/// </param>
public sealed record MeterInput(
    string Key, Aggregation Aggregation, string Unit, MeterDefinition Definition, DateTimeOffset? EffectiveFrom = null);

/// <summary>A version to add to a meter.</summary>
/// <param name="Definition">What it reads from then on.</param>
/// <param name="EffectiveFrom">A quarter hour at least ten minutes ahead; left out, the next such.</param>
public sealed record MeterVersionInput(MeterDefinition Definition, DateTimeOffset? EffectiveFrom = null);

/// <summary>Every way defining a meter or a version can end, in the order they are checked.</summary>
public abstract record DefineOutcome
{
    private DefineOutcome()
    {
    }

    /// <summary>One cannot be; the reason says why. <see cref="MeteringProblems.MeterRefused"/>.</summary>
    public sealed record Refused(string Reason) : DefineOutcome;

    /// <summary>There is no such meter. <see cref="PlatformProblems.NotFound"/>.</summary>
    public sealed record NoSuchMeter : DefineOutcome;

    /// <summary>Another meter has a key. <see cref="MeteringProblems.MeterTaken"/>.</summary>
    public sealed record Taken(string Key) : DefineOutcome;

    /// <summary>They are there.</summary>
    public sealed record Defined(IReadOnlyList<Meter> Meters) : DefineOutcome;
}
