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

    /// <summary>A shadow rating is asked for more than it may take.</summary>
    public static readonly ProblemCode ShadowRatingBoundExceeded = new(
        "shadow_rating_bound_exceeded",
        400,
        "The shadow rating is asked for more than it may take.",
        "Ask for a shorter range, fewer organisations or fewer prices.");

    /// <summary>A candidate price is for usage that cannot be rated in shadow.</summary>
    public static readonly ProblemCode UnsupportedUnit = new(
        "unsupported_unit",
        422,
        "A candidate price is for usage that cannot be rated in shadow.",
        "Use the key of a meter whose quantities add up.");

    /// <summary>Candidate prices and usage are in different currencies.</summary>
    public static readonly ProblemCode CurrencyMismatch = new(
        "currency_mismatch",
        409,
        "Candidate prices and an organisation's usage are in different currencies.",
        "Use a price book of the organisation's currency, or leave the organisation out.");

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
