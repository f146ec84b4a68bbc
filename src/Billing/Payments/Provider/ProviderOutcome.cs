namespace Quoin.Payments;

/// <summary>What a call to the payment provider came to. Nothing else can come of it: no call throws.</summary>
/// <typeparam name="TValue">What is known when it was done.</typeparam>
public abstract record ProviderOutcome<TValue>
{
    private ProviderOutcome()
    {
    }

    /// <summary>It was done, now or by an earlier call with the same idempotency key.</summary>
    /// <param name="Value">What the provider says now.</param>
    /// <param name="RequestId">The provider's name of the request, for its support.</param>
    public sealed record Done(TValue Value, string? RequestId) : ProviderOutcome<TValue>;

    /// <summary>The provider refused, and refuses again: nothing was done.</summary>
    /// <param name="Failure">Why.</param>
    public sealed record Rejected(ProviderFailure Failure) : ProviderOutcome<TValue>;

    /// <summary>The provider does not know what was named: nothing was done.</summary>
    /// <param name="Failure">What it does not know.</param>
    public sealed record NotFound(ProviderFailure Failure) : ProviderOutcome<TValue>;

    /// <summary>
    /// Nobody knows whether it was done: no answer, a broken one, one that asks to try again, or the same key still at
    /// work. Only asking the provider, or the same key again, can tell.
    /// </summary>
    /// <param name="Failure">What was seen.</param>
    public sealed record Unknown(ProviderFailure Failure) : ProviderOutcome<TValue>;
}

/// <summary>What kind of failure a provider's answer is, whatever words the provider uses.</summary>
public enum ProviderFailureCategory
{
    /// <summary>The request is wrong; it will never succeed as it is.</summary>
    InvalidRequest,

    /// <summary>The secret key is not accepted. Refuses this call; the operator must act.</summary>
    Authentication,

    /// <summary>The secret key may not do this. Refuses this call; the operator must act.</summary>
    Permission,

    /// <summary>What was named is not there.</summary>
    NotFound,

    /// <summary>A card or bank said no.</summary>
    Declined,

    /// <summary>The object is in another state than the call needs.</summary>
    Conflict,

    /// <summary>The idempotency key was used with other parameters.</summary>
    KeyReused,

    /// <summary>A call with the same idempotency key is still at work: the outcome is unknown.</summary>
    KeyInUse,

    /// <summary>Too many calls; the outcome is unknown until asked again.</summary>
    RateLimited,

    /// <summary>No answer: refused, reset, or out of time.</summary>
    Network,

    /// <summary>The provider failed, or answered what cannot be read.</summary>
    Provider,
}

/// <summary>A failure in the module's words.</summary>
/// <param name="Category">What kind.</param>
/// <param name="Operation">Which call, such as <c>create_checkout</c>.</param>
/// <param name="Message">For people; never holds a secret.</param>
public sealed record ProviderFailure(ProviderFailureCategory Category, string Operation, string Message)
{
    /// <summary>The status of the HTTP answer; null when there was none.</summary>
    public int? HttpStatus { get; init; }

    /// <summary>The provider's own code, for logs and people; nothing is decided by it.</summary>
    public string? Code { get; init; }

    /// <summary>The provider's name of the request, for its support.</summary>
    public string? RequestId { get; init; }
}
