using Quoin.Metering.Internal;
using Quoin.Platform;

namespace Quoin.Metering;

/// <summary>The door to defining meters, for an operator's person. What was measured stays as it is.</summary>
public sealed class Meters
{
    private readonly DefineMeters define;

    internal Meters(DefineMeters define) => this.define = define;

    /// <summary>Makes a meter; audited.</summary>
    /// <param name="meter">The meter.</param>
    /// <param name="actor">Who makes it.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    public Task<DefineOutcome> Define(MeterInput meter, string actor, CancellationToken cancellationToken) =>
        define.Create([meter], actor, IdempotentRequest.None, cancellationToken);

    /// <summary>Adds a version to a meter; audited.</summary>
    /// <param name="meter">The meter's key or id.</param>
    /// <param name="version">What it reads from when on.</param>
    /// <param name="actor">Who adds it.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    public Task<DefineOutcome> AddVersion(
        string meter, MeterVersionInput version, string actor, CancellationToken cancellationToken) =>
        define.AddVersion(meter, version, actor, IdempotentRequest.None, cancellationToken);
}
