using Quoin.Platform;

namespace Quoin.Charging;

/// <summary>The ways working with rated usage can fail.</summary>
public static class ChargingProblems
{
    /// <summary>What was sent about usage or lines cannot be worked with.</summary>
    public static readonly ProblemCode InvalidChargingInput = new(
        "invalid_charging_input",
        422,
        "The request has values that cannot be worked with.",
        "Correct what the detail names.");
}
