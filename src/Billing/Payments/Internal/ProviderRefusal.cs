namespace Quoin.Payments.Internal;

/// <summary>Whether a provider's answer is a refusal that ends a request.</summary>
internal static class ProviderRefusal
{
    /// <summary>What a refused request is kept with.</summary>
    public static readonly RequestFailure Kept =
        new(PaymentsProblems.CheckoutProviderError.Code, "The payment provider refused the request.");

    /// <summary>
    /// The refusal; null where nobody knows what was done. In a repetition a secret key that is not let in learns nothing
    /// of what the call before it did.
    /// </summary>
    public static ProviderFailure? Of<T>(ProviderOutcome<T> outcome, bool isReplay) => outcome switch
    {
        ProviderOutcome<T>.Rejected(var failure) when isReplay
            && failure.Category is ProviderFailureCategory.Authentication or ProviderFailureCategory.Permission => null,
        ProviderOutcome<T>.Rejected(var failure) => failure,
        ProviderOutcome<T>.NotFound(var failure) => failure,
        _ => null,
    };
}
