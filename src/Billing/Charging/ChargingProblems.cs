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

    /// <summary>What a reconciliation found is so no more.</summary>
    public static readonly ProblemCode NothingToRepair = new(
        "nothing_to_repair",
        409,
        "What was found is so no more.",
        "Nothing; reconcile again to be sure.");

    /// <summary>No correction makes right what a reconciliation found.</summary>
    public static readonly ProblemCode NotRepairable = new(
        "not_repairable",
        409,
        "No correction makes this right.",
        "Do what the detail says.");
}
