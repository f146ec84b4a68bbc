namespace Quoin.Payments.Stripe;

/// <summary>Carries outcomes of one call over to those of another.</summary>
internal static class StripeOutcomes
{
    /// <summary>What went wrong; null where nothing did.</summary>
    public static ProviderFailure? Failed<T>(this ProviderOutcome<T> outcome) => outcome switch
    {
        ProviderOutcome<T>.Rejected rejected => rejected.Failure,
        ProviderOutcome<T>.NotFound missing => missing.Failure,
        ProviderOutcome<T>.Unknown unknown => unknown.Failure,
        _ => null,
    };

    /// <summary>The same failure of a call that gives something else.</summary>
    /// <exception cref="InvalidOperationException">It was done.</exception>
    public static ProviderOutcome<TOther> As<T, TOther>(this ProviderOutcome<T> outcome) => outcome switch
    {
        ProviderOutcome<T>.Rejected rejected => new ProviderOutcome<TOther>.Rejected(rejected.Failure),
        ProviderOutcome<T>.NotFound missing => new ProviderOutcome<TOther>.NotFound(missing.Failure),
        ProviderOutcome<T>.Unknown unknown => new ProviderOutcome<TOther>.Unknown(unknown.Failure),
        _ => throw new InvalidOperationException("What was done is no failure."),
    };

    /// <summary>The same outcome with another value.</summary>
    public static ProviderOutcome<TOther> Select<T, TOther>(this ProviderOutcome<T> outcome, Func<T, TOther> change) =>
        outcome is ProviderOutcome<T>.Done(var value, var requestId)
            ? new ProviderOutcome<TOther>.Done(change(value), requestId)
            : outcome.As<T, TOther>();
}
