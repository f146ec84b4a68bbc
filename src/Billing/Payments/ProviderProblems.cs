using Quoin.Platform;

namespace Quoin.Payments;

/// <summary>The ways keeping customers, methods and automatic charges can fail.</summary>
public static class ProviderProblems
{
    /// <summary>The provider did not answer, or not clearly.</summary>
    public static readonly ProblemCode ProviderUnavailable = new(
        "payment_provider_unavailable",
        503,
        "The payment provider did not answer.",
        "Send the same request again in a while.",
        Retry.Later);

    /// <summary>The provider's customer is somebody else's.</summary>
    public static readonly ProblemCode CustomerTaken = new(
        "payment_customer_taken",
        409,
        "The provider's customer belongs to another billing account.",
        "Link another customer, or let one be made.");

    /// <summary>There is nothing to charge.</summary>
    public static readonly ProblemCode MethodRequired = new(
        "payment_method_required",
        409,
        "The billing account has no payment method to charge.",
        "Let the customer leave one through a checkout with purpose setup, then try again.");

    internal const string NoProvider = "There is no provider for this organisation.";
    internal const string NoAnswer = "What came of it is not known.";
}
