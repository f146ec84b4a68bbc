using Quoin.Platform;

namespace Quoin.Pricing;

/// <summary>The ways working with prices can fail.</summary>
public static class PricingProblems
{
    /// <summary>A price cannot be published as it is.</summary>
    public static readonly ProblemCode PriceRefused = new(
        "price_refused",
        422,
        "A price cannot be published; none was.",
        "Correct the price the detail names and publish all again.");

    /// <summary>A price asks less than its usage costs, and nobody said that this is meant.</summary>
    public static readonly ProblemCode PriceBelowCost = new(
        "price_below_cost",
        409,
        "A price is below what its usage costs; none was published.",
        "Raise it, or send may_sell_below_cost: true where it is meant.");

    /// <summary>A draft is not open any more.</summary>
    public static readonly ProblemCode PriceDraftClosed = new(
        "price_draft_closed",
        409,
        "The draft is published or discarded and cannot change.",
        "Make a new draft.");

    /// <summary>A file of prices cannot be read.</summary>
    public static readonly ProblemCode PriceImportRefused = new(
        "price_import_refused",
        422,
        "The file of prices cannot be imported; no draft was made.",
        "Check the format, and that the price book is in USD.");

    /// <summary>A plan cannot be as asked.</summary>
    public static readonly ProblemCode PlanRefused = new(
        "plan_refused",
        422,
        "The plan cannot be as asked.",
        "Correct what the detail names.");

    /// <summary>An entitlement's schema is unknown, or its value is not of its schema.</summary>
    public static readonly ProblemCode EntitlementSchemaInvalid = new(
        "entitlement_schema_invalid",
        422,
        "An entitlement has no meaning; nothing was written.",
        "Use a schema version of the registry with exactly its members.");

    /// <summary>A family of this name is there, or a version changed meanwhile.</summary>
    public static readonly ProblemCode PlanConflict = new(
        "plan_conflict",
        409,
        "There is such a plan already, or the version is published.",
        "Use another name, or make a new version.");

    /// <summary>What an account has leaves no room.</summary>
    public static readonly ProblemCode AssignmentOverlaps = new(
        "assignment_overlaps",
        409,
        "The account has one of this kind in that time.",
        "Change or end the one the detail names.");

    /// <summary>A change of what an account has cannot be as asked.</summary>
    public static readonly ProblemCode AssignmentRefused = new(
        "assignment_refused",
        422,
        "What the account has cannot be changed as asked.",
        "Correct what the detail names.");

    /// <summary>The name or the place of a default book is taken.</summary>
    public static readonly ProblemCode PriceBookTaken = new(
        "price_book_taken",
        409,
        "There is such a price book already.",
        "Use the existing book, or another name.");
}
